import { cleanName, colorOf, initialOf, renameMe } from './visitor.js';

const FACES = 4;
const $ = id => document.getElementById(id);

/**
 * The people in a room. A person is a user, with one device for each connection.
 *
 * Events: `change`.
 */
export class People extends EventTarget {
  #tutti;
  #room;
  #state;
  /** By user: {user, name, color, devices: [{client, device}], typing}. */
  #people = new Map();
  #drawing;

  constructor(tutti, room, state) {
    super();
    this.#tutti = tutti;
    this.#room = room;
    this.#state = state;
    room.addEventListener('members', () => { this.#drawing ??= requestAnimationFrame(() => this.#read()); });
    this.#editName();
  }

  get all() { return [...this.#people.values()]; }

  /** Returns the person of a connection, or a placeholder. */
  of(client, user) {
    const member = this.#room.members.get(client);
    return this.#people.get(user ?? member?.user) ?? { user, name: nameIn(member), color: colorOf(user), devices: [] };
  }

  /** Merges a change into this client's state and sends it. */
  show(changed) {
    Object.assign(this.#state, changed);
    this.#room.setState(this.#state);
  }

  get me() { return this.#state.name; }

  #read() {
    this.#drawing = undefined;
    this.#people.clear();
    for (const { client, user, state } of this.#room.members.values()) {
      let person = this.#people.get(user);
      if (!person) this.#people.set(user, person = { user, name: '', devices: [], typing: false });
      person.name ||= nameIn({ state });
      person.devices.push({ client, device: deviceIn(state) });
      person.typing ||= state?.typing === true && client !== this.#tutti.client;
    }
    // Every window assigns colours in the same order, so that all show the same ones.
    const taken = new Set();
    for (const user of [...this.#people.keys()].sort()) {
      const color = colorOf(user, taken);
      taken.add(color);
      this.#people.get(user).color = color;
    }
    const mine = this.#people.get(this.#tutti.user);
    if (mine) mine.name = this.#state.name;
    this.#draw();
    this.dispatchEvent(new Event('change'));
  }

  #draw() {
    const people = this.all.sort((a, b) => this.#isMe(b) - this.#isMe(a) || a.name.localeCompare(b.name));
    const count = this.#people.size || this.#room.count;
    $('faces').replaceChildren(...people.slice(0, FACES).map(face));
    $('people-count').textContent = count;
    $('people-open').setAttribute('aria-label', `People: ${count} here`);
    $('people-list').replaceChildren(...people.map(person => this.#row(person)));
    $('people-many').hidden = this.#people.size > 0;
  }

  #isMe(person) { return person.user === this.#tutti.user; }

  #row(person) {
    const row = $('person').content.firstElementChild.cloneNode(true);
    row.querySelector('.face').replaceWith(face(person));
    row.querySelector('.name').textContent = this.#isMe(person) ? `${person.name} (you)` : person.name;
    const devices = person.devices.map(({ device }) => device);
    row.querySelector('.devices').textContent = devices.length === 1 ? devices[0] : `${devices.length} devices: ${devices.join(', ')}`;
    return row;
  }

  #editName() {
    const input = $('my-name');
    input.value = this.#state.name;
    const rename = () => {
      const name = renameMe(input.value);
      input.value = name;
      if (name !== this.#state.name) this.show({ name });
      this.#read();
    };
    input.addEventListener('change', rename);
    $('name-form').addEventListener('submit', event => {
      event.preventDefault();
      rename();
    });
    // Another window of this browser.
    addEventListener('storage', ({ key, newValue }) => {
      if (key !== 'tutti:name' || !cleanName(newValue)) return;
      input.value = cleanName(newValue);
      this.show({ name: input.value });
    });
  }
}

const nameIn = member => cleanName(member?.state?.name) || 'Somebody';
const deviceIn = state => (['computer', 'phone', 'tablet'].includes(state?.device) ? state.device : 'program');

export function face({ name, color }) {
  const element = document.createElement('span');
  element.className = 'face';
  element.setAttribute('aria-hidden', 'true');
  element.style.backgroundColor = color;
  element.textContent = initialOf(name);
  return element;
}
