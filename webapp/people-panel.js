import { $ } from './dom.js';
import { cleanName, colorOf, initialOf, renameMe } from './visitor.js';

/* The panel of people on a page: faces, a list, and the form for one's own name. */

const FACES = 4;

/** Gives each person of a map a colour. Every window assigns them in the same order, so that all show the same ones. */
export function assignColors(people) {
  const taken = new Set();
  for (const id of [...people.keys()].sort()) {
    const color = colorOf(id, taken);
    taken.add(color);
    people.get(id).color = color;
  }
}

/** Returns the kind of device that a client claims to be; another one is a program. */
export const deviceIn = claim => (['computer', 'phone', 'tablet'].includes(claim) ? claim : 'program');

/**
 * Shows people: {name, color, devices: [text]}.
 *
 * @param count of people, also of those who are not listed
 * @param devicesAre the plural of a device
 */
export function drawPeople(people, isMe, count, devicesAre) {
  const sorted = people.sort((a, b) => isMe(b) - isMe(a) || a.name.localeCompare(b.name));
  $('faces').replaceChildren(...sorted.slice(0, FACES).map(face));
  $('people-count').textContent = count;
  $('people-list').replaceChildren(...sorted.map(person => {
    const row = $('person').content.firstElementChild.cloneNode(true);
    row.querySelector('.face').replaceWith(face(person));
    row.querySelector('.name').textContent = isMe(person) ? `${person.name} (you)` : person.name;
    const { devices } = person;
    row.querySelector('.devices').textContent = devices.length === 1 ? devices[0] : `${devices.length} ${devicesAre}: ${devices.join(', ')}`;
    return row;
  }));
}

export function face({ name, color }) {
  const element = document.createElement('span');
  element.className = 'face';
  element.setAttribute('aria-hidden', 'true');
  element.style.backgroundColor = color;
  element.textContent = initialOf(name);
  return element;
}

/** Lets the visitor change the name, here or in another window of this browser. Calls `rename` with each new name. */
export function editName(name, rename) {
  const input = $('my-name');
  input.value = name;
  const store = () => {
    input.value = renameMe(input.value);
    rename(input.value);
  };
  input.addEventListener('change', store);
  $('name-form').addEventListener('submit', event => {
    event.preventDefault();
    store();
  });
  addEventListener('storage', ({ key, newValue }) => {
    const clean = cleanName(newValue);
    if (key !== 'tutti:name' || !clean) return;
    input.value = clean;
    rename(clean);
  });
}
