import { forgetRecent, recordRecent } from '../recent.js';

/* State on this device: which documents were opened, and where their copies are. */

const OPENED = 'tutti:documents';
const MOST = 500;

/** Returns the name of a document's database. It holds the server's path: two servers on one site have different documents. */
export const databaseOf = name => `tutti:${new URL('yjs/', document.baseURI).pathname}${name}`;

/** Returns [{name, opened}], latest first; `opened` is in milliseconds since 1970. */
export function openedDocuments() {
  try {
    const list = JSON.parse(localStorage.getItem(OPENED) ?? '[]');
    return list.filter(({ name, opened }) => typeof name === 'string' && Number.isFinite(opened));
  } catch {
    return [];
  }
}

const incarnationKey = name => `tutti:incarnation:${databaseOf(name)}`;

/** Returns the incarnation of this device's copy of a document; undefined if it is not known. */
export function recordedIncarnation(name) {
  try {
    return localStorage.getItem(incarnationKey(name)) ?? undefined;
  } catch {
    return undefined;
  }
}

export function recordIncarnation(name, incarnation) {
  try {
    localStorage.setItem(incarnationKey(name), incarnation);
  } catch { /* without storage there is no copy */ }
}

export function recordOpened(name) {
  recordRecent('document', name);
  save([{ name, opened: Date.now() }, ...openedDocuments().filter(each => each.name !== name)].slice(0, MOST));
}

/** Deletes a document's copy and its entry in the list. Resolves also if there is none. */
export function deleteLocalCopy(name) {
  forgetRecent('document', name);
  save(openedDocuments().filter(each => each.name !== name));
  try {
    localStorage.removeItem(incarnationKey(name));
  } catch { /* nothing was recorded */ }
  return new Promise(resolve => {
    try {
      const request = indexedDB.deleteDatabase(databaseOf(name));
      request.onsuccess = request.onerror = request.onblocked = resolve; // blocked: deleted when the last window closes it
    } catch {
      resolve();
    }
  });
}

function save(list) {
  try {
    localStorage.setItem(OPENED, JSON.stringify(list));
  } catch { /* without storage the list stays as it was */ }
}

/** Returns the public id of the person at this browser: random, not secret. */
export function personId() {
  const id = () => [...crypto.getRandomValues(new Uint8Array(9))].map(byte => byte.toString(36).padStart(2, '0')).join('');
  try {
    const kept = localStorage.getItem('tutti:person') ?? id();
    localStorage.setItem('tutti:person', kept);
    return kept;
  } catch {
    return id();
  }
}
