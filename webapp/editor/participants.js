import { face } from '../people.js';
import { cleanName, colorOf, device, myName, renameMe } from '../visitor.js';
import { personId } from './device.js';

const FACES = 4;
const $ = id => document.getElementById(id);

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
    this.#editName();
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
      one.devices.push(['computer', 'phone', 'tablet'].includes(user?.device) ? user.device : 'program');
      this.#owners.set(client, one);
    }
    // Every window assigns colours in the same order, so that all show the same ones.
    const taken = new Set();
    for (const id of [...this.#people.keys()].sort()) {
      const one = this.#people.get(id);
      one.name ||= 'Somebody';
      one.color = colorOf(id, taken);
      taken.add(one.color);
    }
    const me = this.#people.get(this.#me);
    const shown = this.#awareness.getLocalState()?.user;
    if (me && shown) {
      me.name = shown.name;
      if (me.color !== shown.color) this.#show(shown.name);
    }
    this.#draw();
    this.dispatchEvent(new Event('change'));
  }

  #draw() {
    const isMe = ({ id }) => id === this.#me;
    const people = [...this.#people.values()].sort((a, b) => isMe(b) - isMe(a) || a.name.localeCompare(b.name));
    $('faces').replaceChildren(...people.slice(0, FACES).map(face));
    $('people-count').textContent = people.length;
    $('people-open').setAttribute('aria-label', `People: ${people.length} here`);
    $('people-list').replaceChildren(...people.map(each => {
      const row = $('person').content.firstElementChild.cloneNode(true);
      row.querySelector('.face').replaceWith(face(each));
      row.querySelector('.name').textContent = isMe(each) ? `${each.name} (you)` : each.name;
      row.querySelector('.devices').textContent = each.devices.length === 1
        ? each.devices[0]
        : `${each.devices.length} windows: ${each.devices.join(', ')}`;
      return row;
    }));
  }

  #editName() {
    const input = $('my-name');
    input.value = myName();
    const rename = () => {
      input.value = renameMe(input.value);
      this.#show(input.value);
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
      this.#show(input.value);
    });
  }
}
