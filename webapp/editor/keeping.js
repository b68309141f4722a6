import { IndexeddbPersistence } from 'y-indexeddb';
import { databaseOf } from './device.js';

/**
 * The copy of a document on this device.
 *
 * Events: `change` of its state, and `load` when what it had is in the document.
 */
export class Keeping extends EventTarget {
  /** `opening`, `writing`, `kept` when every change so far is in it, or `failed`. */
  state = 'opening';
  #store;
  /** How many changes there were, and whether somebody looks how many have arrived. */
  #changes = 0;
  #looking = false;

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
      if (origin !== this.#store) this.#look();
    });
    await this.#store.whenSynced;
    this.#store.db.onabort = () => this.#become('failed');
    this.dispatchEvent(new Event('load'));
    this.#look();
  }

  /** Asks in a transaction of its own, which runs when those before it are done. */
  #look() {
    if (this.state === 'failed' || !this.#store.synced) return;
    if (this.state === 'kept') this.#become('writing');
    if (this.#looking) return;
    this.#looking = true;
    const changes = this.#changes;
    const transaction = this.#store.db.transaction(['updates'], 'readonly');
    transaction.objectStore('updates').count();
    transaction.oncomplete = () => {
      this.#looking = false;
      if (changes === this.#changes) this.#become('kept');
      else this.#look();
    };
  }

  #become(state) {
    if (this.state === state || this.state === 'failed') return;
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}

/** Fails where a browser lets no page keep anything. */
const probe = () => new Promise((resolve, reject) => {
  const request = indexedDB.open('tutti:probe');
  request.onsuccess = () => {
    request.result.close();
    resolve();
  };
  request.onerror = () => reject(request.error);
});
