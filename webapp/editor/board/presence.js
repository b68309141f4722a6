import { cleanName } from '../../visitor.js';

const PAUSE_MILLIS = 50;

/**
 * What this window shows the others on the board, and what they show: pointers, drags, and the notes that they write. It is awareness of the
 * document: it is sent at most 20 times a second, and ends with the connection.
 *
 * Events: `change` with `clients`, a set.
 */
export class Presence extends EventTarget {
  #awareness;
  #tutti;
  #people;
  #state = {};
  #timer;

  constructor(awareness, tutti, people) {
    super();
    this.#awareness = awareness;
    this.#tutti = tutti;
    this.#people = people;
    awareness.on('change', ({ added, updated, removed }) => this.#emit([...added, ...updated, ...removed]));
    people.addEventListener('change', () => {
      this.#sendSoon();
      this.#emit([...awareness.getStates().keys()]);
    });
    this.#sendSoon();
  }

  /** Merges a change into this window's state, and sends it: {x, y, drag, edit}. */
  show(changed) {
    Object.assign(this.#state, changed);
    this.#sendSoon();
  }

  /** Returns {state, name, color} of another window; undefined if it is gone. */
  of(client) {
    const state = this.#awareness.getStates().get(client);
    if (client === this.#awareness.clientID || !state) return undefined;
    const { id, name } = state.user instanceof Object ? state.user : {};
    const person = this.#people.of(undefined, typeof id === 'string' ? id : `client-${client}`);
    return { state, name: person.devices.length ? person.name : cleanName(name) || person.name, color: person.color };
  }

  #sendSoon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const state = { ...this.#state, user: { id: this.#tutti.user, name: this.#people.me } };
      if (JSON.stringify(state) !== JSON.stringify(this.#awareness.getLocalState())) this.#awareness.setLocalState(state);
    }, PAUSE_MILLIS);
  }

  #emit(clients) { this.dispatchEvent(Object.assign(new Event('change'), { clients })); }
}
