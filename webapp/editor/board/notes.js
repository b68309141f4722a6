import { $ } from '../../dom.js';

const LONG_TEXT = 70;

/** The notes in view. */
export class Notes {
  /** Elements by id. */
  #notes = new Map();

  has(id) { return this.#notes.has(id); }
  element(id) { return this.#notes.get(id); }

  /** Shows a note, or shows it anew. */
  show({ id, color, text, height }, at, writer) {
    let element = this.#notes.get(id);
    if (!element) {
      element = $('note').content.firstElementChild.cloneNode(true);
      element.dataset.id = id;
      element.querySelector('.writer').textContent = writer;
      this.#notes.set(id, element);
      $('notes').append(element);
    }
    if (element.dataset.color !== color) element.dataset.color = color;
    if (element.style.zIndex !== String(height)) element.style.zIndex = height;
    this.place(id, at);
    const words = element.querySelector('.words');
    if (words.textContent === text && element.ariaLabel) return;
    words.textContent = text;
    element.classList.toggle('long', text.length > LONG_TEXT);
    element.ariaLabel = text || 'Empty note';
  }

  place(id, { x, y }) {
    const element = this.#notes.get(id);
    if (element) element.style.translate = `${x}px ${y}px`;
  }

  hide(id) {
    this.#notes.get(id)?.remove();
    this.#notes.delete(id);
  }
}
