import { $ } from '../../dom.js';
import { COLORS } from './item.js';

const STEP = 8;
const LARGE_STEP = 40;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const TOOLS = { v: 'move', p: 'pen', e: 'eraser' };

/** The keys of the board. Single letters work only while the focus is on the board, so that nobody changes it by accident. */
export class Keys {
  #view;

  /** @param view the BoardView */
  constructor(view) {
    this.#view = view;
    $('notes').addEventListener('focusin', ({ target }) => {
      const id = target.closest('.paper')?.dataset.id;
      if (id && !view.selection.has(id)) view.selection.set([id]);
    });
    $('stage').addEventListener('keydown', event => {
      if (event.target.closest('textarea, button') || event.altKey) return;
      const done = event.ctrlKey || event.metaKey ? this.#withControl(event.key) : this.#move(event) || this.#edit(event) || this.#look(event.key);
      if (done) event.preventDefault();
    });
    addEventListener('keydown', event => {
      if (event.defaultPrevented || event.target.closest?.('input:not([type="radio"]), textarea')) return;
      if ((event.ctrlKey || event.metaKey) && this.#undo(event)) event.preventDefault();
    });
  }

  #undo({ key, shiftKey }) {
    const { items, isReadOnly } = this.#view;
    const pressed = key.toLowerCase();
    if (isReadOnly || !['z', 'y'].includes(pressed)) return false;
    if (pressed === 'y' || shiftKey) items.redo();
    else items.undo();
    return true;
  }

  #withControl(key) {
    const { selection, items, isReadOnly } = this.#view;
    if (key !== 'a' || isReadOnly) return false;
    selection.set([...items.all].map(({ id }) => id));
    return true;
  }

  /** The arrow keys move what is selected, or else the view, which the browser does. */
  #move({ key, shiftKey }) {
    const { selection, mover, surface, isReadOnly } = this.#view;
    if (!ARROWS[key] || !selection.size || isReadOnly) return false;
    const step = shiftKey ? LARGE_STEP : STEP;
    mover.nudge(selection.ids, ...ARROWS[key].map(way => way * step));
    surface.element(selection.last)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    return true;
  }

  #edit({ key, target }) {
    const view = this.#view;
    if (view.isReadOnly) return false;
    const { last } = view.selection;
    if ((key === 'Enter' || key === 'F2') && view.items.get(last)?.kind === 'note') view.write(last);
    else if (['Delete', 'Backspace'].includes(key) && last) view.removeSelected();
    else if (key === 'c' && last) view.nextColor();
    else if (key === 'n') view.addNote();
    else if (TOOLS[key]) view.useTool(TOOLS[key]);
    else if (COLORS[key - 1]) view.useColor(COLORS[key - 1]);
    else if (key === 'Escape' && (last || view.tool !== 'move' || target !== $('stage'))) view.leave();
    else return false;
    return true;
  }

  #look(key) {
    const { stage } = this.#view;
    if (key === '+' || key === '=') stage.zoomIn();
    else if (key === '-') stage.zoomOut();
    else if (key === '0') stage.zoomTo(1);
    else if (key === 'f') this.#view.showAll();
    else if (key === 'PageDown' || key === 'PageUp') this.#view.goToNote(key === 'PageDown' ? 1 : -1);
    else if (key === '?') $('help').showPopover();
    else return false;
    return true;
  }
}
