/* The rooms and documents that were last opened on this device. Nothing of it is sent to the server. */

const STORED = 'tutti:recent';
const MOST = 12;

/** The page of each kind. */
const PAGES = { room: 'room.html', document: 'document.html' };

const isEntry = entry => entry instanceof Object && Object.hasOwn(PAGES, entry.kind) && typeof entry.name === 'string' && entry.name.length <= 256;

/** Returns [{kind, name}], latest first. */
export function recent() {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? '[]').filter(isEntry).slice(0, MOST);
  } catch {
    return [];
  }
}

/** @param kind `room` or `document` */
export function recordRecent(kind, name) { save([{ kind, name }, ...others(kind, name)].slice(0, MOST)); }

export function forgetRecent(kind, name) { save(others(kind, name)); }

export function clearRecent() { save([]); }

export const linkOf = ({ kind, name }) => `${PAGES[kind]}#${encodeURI(name)}`;

const others = (kind, name) => recent().filter(entry => entry.kind !== kind || entry.name !== name);

function save(entries) {
  try {
    localStorage.setItem(STORED, JSON.stringify(entries));
  } catch { /* without storage there is no list */ }
}
