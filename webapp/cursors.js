import { HEIGHT, WIDTH, bounded } from './board.js';
import { $ } from './dom.js';

/** Shows the other clients on the board: their pointers, the notes that they drag, and the notes that they edit. */
export class Cursors {
  #tutti;
  #room;
  #people;
  #notes;
  /** By client: {element, drag, edit}. */
  #cursors = new Map();

  /** @param notes {element(id), place(id, at), letGo()}: moves a note that another client drags; `letGo` when the drag ends */
  constructor(tutti, room, people, notes) {
    this.#tutti = tutti;
    this.#room = room;
    this.#people = people;
    this.#notes = notes;
    room.addEventListener('members', ({ client }) => (client === undefined ? this.#showAll() : this.#show(client)));
    people.addEventListener('change', () => this.#showAll());
  }

  /** Returns the position to which another client drags this note, or undefined. */
  dragged(id) {
    for (const { drag } of this.#cursors.values()) if (drag?.id === id) return drag;
  }

  #showAll() {
    const { members } = this.#room;
    for (const client of this.#cursors.keys()) if (!members.has(client)) this.#show(client);
    for (const client of members.keys()) this.#show(client);
  }

  #show(client) {
    if (client === this.#tutti.client) return;
    const member = this.#room.members.get(client);
    const cursor = this.#cursors.get(client) ?? {};
    if (member) this.#cursors.set(client, cursor);
    else this.#cursors.delete(client);
    const { x, y, drag, edit } = read(member?.state);
    const person = this.#people.of(client, member?.user);
    this.#showPointer(cursor, x === undefined ? undefined : { x, y }, person);
    this.#showDrag(cursor, drag);
    this.#showWriter(cursor, edit, person);
  }

  #showPointer(cursor, at, { name, color }) {
    if (!at) {
      cursor.element?.remove();
      cursor.element = undefined;
      return;
    }
    if (!cursor.element) {
      cursor.element = $('cursor').content.firstElementChild.cloneNode(true);
      $('cursors').append(cursor.element);
    }
    cursor.element.style.color = color;
    cursor.element.style.translate = `${at.x}px ${at.y}px`;
    const label = cursor.element.querySelector('.name');
    label.style.backgroundColor = color;
    if (label.textContent !== name) label.textContent = name;
  }

  #showDrag(cursor, drag) {
    const before = cursor.drag;
    cursor.drag = drag;
    if (drag) this.#notes.place(drag.id, drag);
    else if (before) this.#notes.letGo();
  }

  #showWriter(cursor, id, { name }) {
    if (cursor.edit === id) return;
    const writer = note => this.#notes.element(note)?.querySelector('.writer');
    if (writer(cursor.edit)) writer(cursor.edit).textContent = '';
    cursor.edit = id;
    if (writer(id)) writer(id).textContent = `${name} …`;
  }
}

/** Reads untrusted presence: drops malformed fields. */
function read(state) {
  const { x, y, drag, edit } = state instanceof Object ? state : {};
  const isPlace = at => at instanceof Object && Number.isFinite(at.x) && Number.isFinite(at.y);
  return {
    ...isPlace({ x, y }) && { x: Math.min(Math.max(x, 0), WIDTH), y: Math.min(Math.max(y, 0), HEIGHT) },
    drag: isPlace(drag) && typeof drag.id === 'string' ? { id: drag.id, ...bounded(drag) } : undefined,
    edit: typeof edit === 'string' ? edit : undefined,
  };
}
