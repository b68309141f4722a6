import { EditorSelection } from '@codemirror/state';

/* Writes Markdown for the buttons of the toolbar. Each function is a command of CodeMirror: it returns whether it applies. */

/** Indentation, and quotes, before the mark of a line. */
const BEFORE = /^[\s>]*/;
const HEADING = /^(#{1,6})\s+/;
const ITEM = /^(?:[-*+]|\d+[.)])\s+/;
const TICK = /^\[[ xX]\]\s+/;
const DEEPEST = 3;

/** A list item that can be ticked: the text up to its first bracket, and the letter between the brackets. */
const TASK = /^([\s>]*(?:[-*+]|\d+[.)])\s+\[)([ xX])\]/;

/** Puts a mark around each selection or, without one, the word at the caret. Removes the mark where it is there. */
export const around = mark => view => {
  const { state } = view;
  if (state.readOnly) return false;
  const { length } = mark;
  view.dispatch(state.changeByRange(selection => {
    const { from, to } = selection.empty ? state.wordAt(selection.head) ?? selection : selection;
    const isThere = text(state, from - length, from) === mark && text(state, to, to + length) === mark && !isLonger(state, from, to, mark);
    const changes = isThere
      ? [{ from: from - length, to: from }, { from: to, to: to + length }]
      : [{ from, insert: mark }, { from: to, insert: mark }];
    const shift = isThere ? -length : length;
    return { changes, range: EditorSelection.range(selection.anchor + shift, selection.head + shift) };
  }), { scrollIntoView: true, userEvent: 'input' });
  return true;
};

const text = (state, from, to) => state.sliceDoc(Math.max(0, from), Math.max(0, to));

/** Returns whether one star is a part of two: bold text is not italic. */
function isLonger(state, from, to, mark) {
  const letter = mark[0];
  const count = (text(state, from - 3, from).match(/\**$/)?.[0] ?? '').length;
  return letter === '*' && mark.length === 1 && count === 2 && text(state, to, to + 2) === '**';
}

/** Changes the start of each selected line, after its indentation: `rewrite` gets the rest, and returns {remove, insert}. */
const eachLine = rewrite => view => {
  const { state } = view;
  if (state.readOnly) return false;
  const changes = [];
  for (const line of selectedLines(state)) {
    const start = line.text.match(BEFORE)[0].length;
    const old = line.text.slice(start);
    const { remove, insert } = rewrite(old);
    changes.push({ from: line.from + start, to: line.from + start + remove, insert });
  }
  const set = state.changes(changes);
  view.dispatch({ changes: set, selection: state.selection.map(set, 1), scrollIntoView: true, userEvent: 'input' });
  return true;
};

/** Returns the selected lines; of several, those with text. */
function selectedLines(state) {
  const lines = new Map();
  for (const { from, to } of state.selection.ranges) {
    for (let at = from; at <= to; at = lines.get(state.doc.lineAt(at).number).to + 1) {
      const line = state.doc.lineAt(at);
      lines.set(line.number, line);
    }
  }
  return [...lines.values()].filter(line => line.text.trim() || lines.size === 1);
}

const lengthOf = (pattern, line) => line.match(pattern)?.[0].length ?? 0;

/** Makes lines headings, one level deeper each time; after the third level plain lines. */
export const heading = eachLine(line => {
  const level = line.match(HEADING)?.[1].length ?? 0;
  return { remove: lengthOf(HEADING, line), insert: level < DEEPEST ? `${'#'.repeat(level + 1)} ` : '' };
});

/** Makes lines items of a list, and items without a box plain lines. */
export const list = eachLine(line => {
  const item = lengthOf(ITEM, line);
  const tick = lengthOf(TICK, line.slice(item));
  return { remove: item + tick || lengthOf(HEADING, line), insert: item && !tick ? '' : '- ' };
});

/** Makes lines items that can be ticked, and those plain lines. */
export const tickList = eachLine(line => {
  const item = lengthOf(ITEM, line);
  const tick = item && lengthOf(TICK, line.slice(item));
  return { remove: item + tick || lengthOf(HEADING, line), insert: tick ? '' : '- [ ] ' };
});

/**
 * Ticks an item, or removes its tick.
 *
 * @param number of the line, from 1
 * @param isTicked as the user saw the item; if it changed meanwhile, nothing happens
 */
export function toggle(view, number, isTicked) {
  const { state } = view;
  if (state.readOnly || number > state.doc.lines) return;
  const { from, text: line } = state.doc.line(number);
  const [, before, letter] = line.match(TASK) ?? [];
  if (before === undefined || (letter !== ' ') !== isTicked) return;
  const at = from + before.length;
  view.dispatch({ changes: { from: at, to: at + 1, insert: isTicked ? ' ' : 'x' }, userEvent: 'input' });
}

/** Ticks the item whose box was clicked in the text. Returns whether there is one. */
export function toggleAt(view, position) {
  const line = view.state.doc.lineAt(position);
  const [, before, letter] = line.text.match(TASK) ?? [];
  const column = position - line.from;
  if (before === undefined || column < before.length - 1 || column > before.length + 2) return false;
  toggle(view, line.number, letter !== ' ');
  return true;
}
