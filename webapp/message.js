import { showText } from './links.js';
import { face } from './people-panel.js';
import { cleanName } from './visitor.js';

/* A chat message: its published form, and its element in the log. */

export const TEXT_LENGTH = 4_000;
const ID_LENGTH = 64;
const TOGETHER_MILLIS = 5 * 60_000;
const PHASES = { waiting: 'Waiting to send', sent: 'Sending', delivered: 'Delivered', failed: 'Not sent' };

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** The user of all anonymous callers of the HTTP API. */
const ANYBODY = 'http';

export const newId = () => [...crypto.getRandomValues(new Uint32Array(3))].map(n => n.toString(36)).join('-');

/** Returns the key of a message, under which its author can change it; undefined if it has none. The server vouches for `from`. */
export const keyOf = (from, id) => (id && from?.user && from.user !== ANYBODY ? JSON.stringify([from.user, id]) : undefined);

/**
 * Reads published data into {id?, name?, text}, with {amends, isDeleted} if it changes the message with the id `amends`. Returns undefined for
 * malformed data: any client may publish anything.
 */
export function read(data) {
  if (typeof data === 'string') return { text: data.slice(0, TEXT_LENGTH) }; // from a plain client
  if (!(data instanceof Object) || typeof data.text !== 'string') return;
  if (!isId(data.id)) return;
  const said = { id: data.id, name: cleanName(data.name), text: data.text.slice(0, TEXT_LENGTH) };
  const isDeleted = data.deletes !== undefined;
  const amends = isDeleted ? data.deletes : data.edits;
  if (amends === undefined) return said;
  return isId(amends) && amends ? { ...said, amends, isDeleted } : undefined;
}

const isId = id => typeof id === 'string' && id.length <= ID_LENGTH;

export function create(text, mine) {
  const element = document.getElementById('message').content.firstElementChild.cloneNode(true);
  element.dataset.mine = mine;
  showText(element.querySelector('.text'), text);
  if (!mine) element.querySelectorAll('.status, .again, .discard, .change').forEach(part => part.remove());
  return element;
}

/** Shows the text of a message, or that its author has deleted it. */
export function showContent(element, { text, isDeleted = false }, isChanged) {
  const shown = element.querySelector('.text');
  element.classList.toggle('deleted', isDeleted);
  element.querySelector('.edited').hidden = !isChanged || isDeleted;
  element.dataset.changed = isChanged;
  const words = isDeleted ? 'Message deleted' : text;
  if (shown.textContent !== words) showText(shown, words);
}

/** @param author {user, name, color} */
export function sign(element, author, at) {
  element.dataset.user = author.user;
  element.dataset.time = at;
  element.querySelector('.face').replaceWith(face(author));
  element.querySelector('.name').textContent = author.name;
  const time = element.querySelector('time');
  const date = new Date(Number.isFinite(at) && Math.abs(at) < 8e15 ? at : 0);
  const isToday = date.toDateString() === new Date().toDateString();
  time.dateTime = date.toISOString();
  time.textContent = isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`;
  time.title = calendar.format(date);
}

/** @param phase one of PHASES */
export function showPhase(element, phase, why = '') {
  element.dataset.status = phase === 'delivered' ? 'delivered' : 'pending';
  element.dataset.phase = phase;
  const status = element.querySelector('.status');
  if (!status) return;
  status.title = why;
  if (status.textContent !== PHASES[phase]) status.textContent = PHASES[phase];
}

/** Hides the author's name if the previous message is theirs, too. Call it when the previous element changes. */
export function group(element) {
  const before = element.previousElementSibling?.dataset;
  const goesOn = before?.user !== undefined && before.user === element.dataset.user
    && element.dataset.time - before.time < TOGETHER_MILLIS;
  element.classList.toggle('goes-on', goesOn);
}
