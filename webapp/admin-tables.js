import { setText } from './dom.js';

/* The tables of the administration page. A row stays the same element as long as its key is there, so that it keeps the focus. */

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const cell = (className, ...children) => make('td', { className }, ...children);

/**
 * Shows items in their order.
 *
 * @param key returns what identifies an item
 * @param create returns a new element for an item
 * @param update brings an element up to date
 */
export function show(parent, items, key, create, update) {
  const present = new Map([...parent.children].map(row => [row.dataset.key, row]));
  const focused = parent.contains(document.activeElement) ? document.activeElement : undefined;
  const rows = items.map(item => {
    const name = key(item);
    const row = present.get(name) ?? create(item);
    row.dataset.key = name;
    update(row, item);
    return row;
  });
  if (rows.length === parent.children.length && rows.every((row, i) => row === parent.children[i])) return;
  parent.replaceChildren(...rows);
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

/** Returns a row with a first cell and cells for numbers. */
const numberRow = (first, numbers) => make('tr', {}, cell('name', first), ...Array.from({ length: numbers }, () => cell('number')));

function setNumbers(row, texts) {
  texts.forEach((text, i) => setText(row.children[i + 1], text));
}

/** Shows named things with numbers; `first` returns what stands in the first cell of a new row. */
export function showNumbers(body, items, key, first, numbers) {
  show(body, items, key, item => numberRow(first(item), numbers(item).length), (row, item) => setNumbers(row, numbers(item)));
}

/**
 * Shows clients, each with a button that ends its connection.
 *
 * @param number returns the text of the cell between
 * @param end is called with the client
 */
export function showClients(body, clients, number, end) {
  show(body, clients, ({ client }) => client, one => make('tr', {},
    cell('name', make('bdi', { textContent: one.user }), ' ',
      make('span', { className: 'small', textContent: detailsOf(one) })),
    cell('number'),
    cell('act', endButton(one, end))),
  (row, one) => setText(row.children[1], number(one)));
}

const detailsOf = ({ client, user, address, endpoint, way }) => [client !== user && client, endpoint, way, address].filter(Boolean).join(' · ');

/** Returns a button that ends the connection of a client. */
export function endButton(one, end) {
  const button = make('button', { type: 'button', className: 'quiet end', textContent: 'End', onclick: () => end(one) });
  button.setAttribute('aria-label', `End the connection ${one.client} of ${one.user}`);
  return button;
}

/** Returns a button that looks like a link. */
export const linkButton = (text, onclick) => make('button', { type: 'button', className: 'link', textContent: text, onclick });

/** Moves the focus to a place without a control, such as a title. */
export function focusOn(place) {
  place.tabIndex = -1;
  place.focus();
  place.addEventListener('blur', () => place.removeAttribute('tabindex'), { once: true });
}

export const element = make;
