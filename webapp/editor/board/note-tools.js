import { $ } from '../../dom.js';
import { HEIGHT, NOTE_HEIGHT } from './item.js';

/** The buttons beside the selected items. They stand right after the note, also in the order of the Tab key. */
export class NoteTools {
  #view;
  #tools = $('note-tools');

  /** @param view the BoardView */
  constructor(view) {
    this.#view = view;
    $('note-edit').onclick = () => view.write(view.selection.last);
    $('note-remove').onclick = () => view.removeSelected();
    $('note-color').onclick = () => view.nextColor();
    view.selection.addEventListener('change', () => this.place());
    view.mover.addEventListener('change', () => this.place());
    view.stage.addEventListener('view', () => this.place());
  }

  contains(element) { return this.#tools.contains(element); }

  /** Shows them at the item that was selected last. */
  place() {
    const { selection, items, surface, stage, mover, isReadOnly, isWriting } = this.#view;
    const item = items.get(selection.last);
    this.#tools.hidden = !item || isReadOnly || isWriting || mover.isMoving;
    if (!item) return;
    $('note-edit').hidden = item.kind !== 'note' || selection.size > 1;
    const element = surface.element(item.id);
    const isNote = element?.matches('.paper');
    if (isNote && element.nextElementSibling !== this.#tools && !this.contains(document.activeElement)) element.after(this.#tools);
    const at = surface.shownAt(item.id);
    const { left, top, bottom } = item.kind === 'note' ? { left: at.x, top: at.y, bottom: at.y + NOTE_HEIGHT } : item.box;
    const isBelow = bottom + 60 / stage.scale < HEIGHT;
    this.#tools.style.translate = `${left}px ${isBelow ? bottom + 8 / stage.scale : top - 60 / stage.scale}px`;
  }
}
