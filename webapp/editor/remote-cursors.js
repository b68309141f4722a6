import { StateEffect } from '@codemirror/state';
import { Decoration, ViewPlugin, WidgetType } from '@codemirror/view';
import * as Y from 'yjs';

/*
 * The selections of the other editors, with a named caret each. y-codemirror.next has this too, but it sets colours in a way that
 * the page's policy forbids, and takes them from the sender. The awareness on the wire is the same.
 */

const moved = StateEffect.define();

class Caret extends WidgetType {
  constructor(name, color, where) {
    super();
    Object.assign(this, { name, color, where });
  }

  /** A caret that moved is a new widget, which shows its name again. */
  eq(other) { return other.name === this.name && other.color === this.color && other.where === this.where; }

  toDOM() {
    const caret = document.createElement('span');
    caret.className = 'caret';
    caret.setAttribute('aria-hidden', 'true');
    caret.style.setProperty('--who', this.color);
    const flag = document.createElement('span');
    flag.className = 'flag';
    flag.dataset.name = this.name; // shown by the theme: it is not part of the text
    caret.append(flag);
    return caret;
  }

  get estimatedHeight() { return -1; }
  ignoreEvent() { return true; }
}

/** Shows the selections in `awareness` in an editor of `text`, and publishes this editor's own. */
export const remoteCursors = (text, awareness, participants) => ViewPlugin.fromClass(class {
  constructor(view) {
    this.view = view;
    this.decorations = Decoration.none;
    this.changed = () => view.dispatch({ effects: moved.of(null) });
    this.received = ({ added, updated, removed }) => {
      if ([...added, ...updated, ...removed].some(client => client !== awareness.clientID)) this.changed();
    };
    awareness.on('change', this.received);
    participants.addEventListener('change', this.changed);
  }

  destroy() {
    awareness.off('change', this.received);
    participants.removeEventListener('change', this.changed);
  }

  update(update) {
    if (update.selectionSet || update.docChanged || update.focusChanged) this.show(update);
    this.decorations = this.draw(update.state.doc.length);
  }

  /** Publishes this editor's cursor while it has the focus. */
  show({ view, state }) {
    const known = awareness.getLocalState()?.cursor;
    if (!view.hasFocus) {
      if (known) awareness.setLocalStateField('cursor', null);
      return;
    }
    const { anchor, head } = state.selection.main;
    const cursor = { anchor: place(text, anchor), head: place(text, head) };
    if (JSON.stringify(cursor) !== JSON.stringify(known)) awareness.setLocalStateField('cursor', cursor);
  }

  draw(length) {
    const ranges = [];
    for (const [client, state] of awareness.getStates()) {
      if (client === awareness.clientID || !state?.cursor) continue;
      const anchor = find(text, state.cursor.anchor);
      const head = find(text, state.cursor.head);
      if (anchor === undefined || head === undefined || Math.max(anchor, head) > length) continue;
      const { name, color } = participants.of(client);
      const [from, to] = [Math.min(anchor, head), Math.max(anchor, head)];
      if (from < to) {
        ranges.push(Decoration.mark({ class: 'selected', attributes: { style: `--who: ${color}` } }).range(from, to));
      }
      ranges.push(Decoration.widget({
        widget: new Caret(name, color, JSON.stringify(state.cursor)), side: head < anchor ? -1 : 1,
      }).range(head));
    }
    return Decoration.set(ranges, true);
  }
}, { decorations: plugin => plugin.decorations });

const place = (text, index) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index));

/** Returns the index of a relative position, or undefined if it is malformed or not in this text. */
function find(text, json) {
  try {
    const position = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(json), text.doc);
    return position?.type === text ? position.index : undefined;
  } catch {
    return undefined;
  }
}
