import { assignColors, deviceIn, drawPeople, editName } from './people-panel.js';
import { cleanName, colorOf } from './visitor.js';

/**
 * The people in a room. A person is a user, with one device for each connection.
 *
 * Events: `change`.
 */
export class People extends EventTarget {
  #tutti;
  #room;
  #state;
  /** By user: {user, name, color, devices, typing}. */
  #people = new Map();
  #drawing;

  constructor(tutti, room, state) {
    super();
    this.#tutti = tutti;
    this.#room = room;
    this.#state = state;
    room.addEventListener('members', () => { this.#drawing ??= requestAnimationFrame(() => this.#read()); });
    editName(state.name, name => {
      if (name !== this.#state.name) this.show({ name });
      this.#read();
    });
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
      person.devices.push(deviceIn(state?.device));
      person.typing ||= state?.typing === true && client !== this.#tutti.client;
    }
    assignColors(this.#people);
    const mine = this.#people.get(this.#tutti.user);
    if (mine) mine.name = this.#state.name;
    drawPeople(this.all, ({ user }) => user === this.#tutti.user, this.#people.size || this.#room.count, 'devices');
    document.getElementById('people-many').hidden = this.#people.size > 0;
    this.dispatchEvent(new Event('change'));
  }
}

const nameIn = member => cleanName(member?.state?.name) || 'Somebody';
