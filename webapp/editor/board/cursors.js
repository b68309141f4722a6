import { $ } from '../../dom.js';
import { HEIGHT, WIDTH } from './item.js';

/** Items whose drag a window shows to the others. */
export const MOST_DRAGGED = 20;

/** Shows the other windows on the board: their pointers, the items that they drag, and the notes that they edit. */
export class Cursors {
  #presence;
  #surface;
  /** By client: {element, drag, edit}; `drag` is a map of positions by id. */
  #cursors = new Map();

  /** @param surface {place(id), element(id)}: shows an item at its position; returns the element of a note in view */
  constructor(presence, surface) {
    this.#presence = presence;
    this.#surface = surface;
    presence.addEventListener('change', ({ clients }) => clients.forEach(client => this.#show(client)));
  }

  /** Returns the position to which another window drags an item, or undefined. */
  dragged(id) {
    for (const { drag } of this.#cursors.values()) if (drag?.has(id)) return drag.get(id);
    return undefined;
  }

  /** Returns the name of another window's user who writes on a note, or an empty text. */
  writerOf(id) {
    for (const { edit, name } of this.#cursors.values()) if (edit === id) return `${name} …`;
    return '';
  }

  #show(client) {
    const other = this.#presence.of(client);
    const cursor = this.#cursors.get(client) ?? {};
    if (other) this.#cursors.set(client, cursor);
    else this.#cursors.delete(client);
    const { at, drag, edit } = read(other?.state);
    this.#showPointer(cursor, at, other);
    this.#showDrag(cursor, drag);
    this.#showWriter(cursor, edit, other);
  }

  #showPointer(cursor, at, other) {
    if (!at) {
      cursor.element?.remove();
      cursor.element = undefined;
      return;
    }
    if (!cursor.element) {
      cursor.element = $('cursor').content.firstElementChild.cloneNode(true);
      $('cursors').append(cursor.element);
    }
    const { name, color } = other;
    cursor.element.style.color = color;
    cursor.element.style.translate = `${at.x}px ${at.y}px`;
    const label = cursor.element.querySelector('.name');
    label.style.backgroundColor = color;
    if (label.textContent !== name) label.textContent = name;
  }

  #showDrag(cursor, drag) {
    const before = cursor.drag;
    cursor.drag = drag;
    for (const id of new Set([...before?.keys() ?? [], ...drag?.keys() ?? []])) this.#surface.place(id);
  }

  #showWriter(cursor, edit, other) {
    const before = cursor.edit;
    if (before === edit) return;
    cursor.edit = edit;
    cursor.name = other?.name;
    for (const id of [before, edit]) {
      const writer = this.#surface.element(id)?.querySelector('.writer');
      if (writer) writer.textContent = this.writerOf(id);
    }
  }
}

/** Reads untrusted presence: drops malformed fields. */
function read(state) {
  const { x, y, drag, edit } = state instanceof Object ? state : {};
  const isPlace = at => at instanceof Object && Number.isFinite(at.x) && Number.isFinite(at.y);
  const places = Array.isArray(drag) ? drag.slice(0, MOST_DRAGGED).filter(each => isPlace(each) && typeof each.id === 'string') : [];
  return {
    at: isPlace({ x, y }) ? { x: Math.min(Math.max(x, 0), WIDTH), y: Math.min(Math.max(y, 0), HEIGHT) } : undefined,
    drag: places.length ? new Map(places.map(({ id, x, y }) => [id, { x, y }])) : undefined,
    edit: typeof edit === 'string' ? edit : undefined,
  };
}
