import { IndexeddbPersistence } from 'y-indexeddb';
import { databaseOf } from './device.js';

/**
 * The copy of a document on this device.
 *
 * Events: `change` of its state, and `load` when its content is in the document.
 */
export class LocalCopy extends EventTarget {
  /** `opening`, `writing`, `kept` when it holds every change so far, or `failed`. */
  state = 'opening';
  /** Whether its content is in the document. */
  isLoaded = false;
  #store;
  /** The number of changes, and whether a check for written ones is running. */
  #changes = 0;
  #checking = false;

  constructor(name, doc) {
    super();
    this.#open(name, doc);
  }

  async #open(name, doc) {
    try {
      await probe();
    } catch {
      this.#become('failed');
      return;
    }
    this.#store = new IndexeddbPersistence(databaseOf(name), doc);
    doc.on('update', (_, origin) => {
      this.#changes++;
      if (origin !== this.#store) this.#check();
    });
    await this.#store.whenSynced;
    this.#store.db.onabort = () => this.#become('failed');
    this.isLoaded = true;
    this.dispatchEvent(new Event('load'));
    this.#check();
  }

  /** Checks in a separate transaction, which runs after the earlier ones. */
  #check() {
    if (this.state === 'failed' || !this.#store.synced) return;
    if (this.state === 'kept') this.#become('writing');
    if (this.#checking) return;
    this.#checking = true;
    const changes = this.#changes;
    const transaction = this.#store.db.transaction(['updates'], 'readonly');
    transaction.objectStore('updates').count();
    transaction.oncomplete = () => {
      this.#checking = false;
      if (changes === this.#changes) this.#become('kept');
      else this.#check();
    };
  }

  #become(state) {
    if (this.state === state || this.state === 'failed') return;
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}

/** Fails if the browser allows no storage. */
const probe = () => new Promise((resolve, reject) => {
  const request = indexedDB.open('tutti:probe');
  request.onsuccess = () => {
    request.result.close();
    resolve();
  };
  request.onerror = () => reject(request.error);
});
