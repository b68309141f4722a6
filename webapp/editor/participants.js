import { assignColors, deviceIn, drawPeople, editName } from '../people-panel.js';
import { cleanName, colorOf, device, myName } from '../visitor.js';
import { personId } from './device.js';

/**
 * The people who have the document open. A person is a browser with all its windows; another kind of editor counts as a person.
 *
 * Events: `change`.
 */
export class Participants extends EventTarget {
  #awareness;
  #me = personId();
  /** People by id: {id, name, color, devices}; and the person of each client. */
  #people = new Map();
  #owners = new Map();
  #drawing;

  constructor(awareness) {
    super();
    this.#awareness = awareness;
    awareness.on('change', () => { this.#drawing ??= setTimeout(() => this.#read()); });
    this.#show(myName());
    editName(myName(), name => {
      this.#show(name);
      this.#read();
    });
    this.#read();
  }

  /** Returns {name, color} of a client, or a placeholder. */
  of(client) { return this.#owners.get(client) ?? { name: 'Somebody', color: colorOf(client) }; }

  #show(name) {
    const color = this.#people.get(this.#me)?.color ?? colorOf(this.#me);
    // Other editors read `name`, `color` and `colorLight`.
    this.#awareness.setLocalStateField('user', { name, color, colorLight: `${color}33`, person: this.#me, device: device() });
  }

  #read() {
    this.#drawing = undefined;
    this.#people.clear();
    this.#owners.clear();
    for (const [client, state] of this.#awareness.getStates()) {
      const user = state?.user;
      const id = typeof user?.person === 'string' ? user.person : `client-${client}`;
      let one = this.#people.get(id);
      if (!one) this.#people.set(id, one = { id, name: '', devices: [] });
      one.name ||= cleanName(user?.name);
      one.devices.push(deviceIn(user?.device));
      this.#owners.set(client, one);
    }
    for (const one of this.#people.values()) one.name ||= 'Somebody';
    assignColors(this.#people);
    const me = this.#people.get(this.#me);
    const shown = this.#awareness.getLocalState()?.user;
    if (me && shown) {
      me.name = shown.name;
      if (me.color !== shown.color) this.#show(shown.name);
    }
    drawPeople([...this.#people.values()], ({ id }) => id === this.#me, this.#people.size, 'windows');
    this.dispatchEvent(new Event('change'));
  }
}
