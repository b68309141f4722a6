import { $ } from '../../dom.js';
import { NOTE_HEIGHT, NOTE_WIDTH, TEXT_LENGTH } from './item.js';

const NO_PICTURES = 'A board holds notes and drawings, no pictures or files.';

/** Pasted and dropped text becomes a note. Pictures and files are refused, with a word. */
export class Pasting {
  #view;

  /** @param view the BoardView */
  constructor(view) {
    this.#view = view;
    document.addEventListener('paste', event => {
      const isOnBoard = event.target === document.body || $('board').contains(event.target);
      if (isOnBoard) this.#take(event, event.clipboardData, event.target.closest('textarea'));
    });
    $('stage').addEventListener('dragover', event => event.preventDefault());
    $('stage').addEventListener('drop', event => this.#take(event, event.dataTransfer, event.target.closest('textarea'), view.stage.at(event)));
  }

  #take(event, data, isInNote, at) {
    const text = data?.getData('text/plain').trim() ?? '';
    if (text && isInNote) return;
    event.preventDefault();
    if (text) this.#addNote(text, at);
    else if (data?.files.length) this.#view.say(NO_PICTURES);
  }

  #addNote(text, at) {
    const view = this.#view;
    if (view.isReadOnly || view.items.isFull) return;
    view.addNote(at && { x: at.x - NOTE_WIDTH / 2, y: at.y - NOTE_HEIGHT / 2 }, text);
    if (text.length > TEXT_LENGTH) view.say(`A note holds ${TEXT_LENGTH} characters: the rest of the text is not on the board.`);
  }
}
