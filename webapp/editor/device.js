/* What this device remembers: which documents were opened on it, and where the copies are that it keeps. */

const OPENED = 'tutti:documents';
const MOST = 500;

/** Returns the name of a document's database. Another server at another path of the same site has documents of its own. */
export const databaseOf = name => `tutti:${new URL('yjs/', document.baseURI).pathname}${name}`;

/** Returns {name, opened}, the latest first; `opened` are milliseconds. */
export function openedHere() {
  try {
    const list = JSON.parse(localStorage.getItem(OPENED) ?? '[]');
    return list.filter(({ name, opened }) => typeof name === 'string' && Number.isFinite(opened));
  } catch {
    return [];
  }
}

export function rememberOpened(name) {
  save([{ name, opened: Date.now() }, ...openedHere().filter(each => each.name !== name)].slice(0, MOST));
}

/** Forgets a document and its copy. Resolves also if there was none. */
export function forget(name) {
  save(openedHere().filter(each => each.name !== name));
  return new Promise(resolve => {
    try {
      const request = indexedDB.deleteDatabase(databaseOf(name));
      request.onsuccess = request.onerror = request.onblocked = resolve; // blocked: as soon as the last window closes it
    } catch {
      resolve();
    }
  });
}

function save(list) {
  try {
    localStorage.setItem(OPENED, JSON.stringify(list));
  } catch { /* then the list is as long as before */ }
}

/** Returns who uses this browser, for the others: a random id, which is no secret. */
export function person() {
  const id = () => [...crypto.getRandomValues(new Uint8Array(9))].map(byte => byte.toString(36).padStart(2, '0')).join('');
  try {
    const kept = localStorage.getItem('tutti:person') ?? id();
    localStorage.setItem('tutti:person', kept);
    return kept;
  } catch {
    return id();
  }
}
