import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** The type of a marker, which the server sends back when everything is stored that this connection sent before it. */
const STORED = 102;
const PAUSE_MILLIS = 30;
const LATE_MILLIS = 5_000;

/**
 * Whether the server has stored what was written in this window. One marker at a time is on its way.
 *
 * Events: `change`.
 */
export class Saving extends EventTarget {
  #provider;
  /** How many changes there were, and how many of them are stored; the first stands for what was there before. */
  #changes = 1;
  #stored = 0;
  /** The marker that is on its way: {number, changes}. */
  #marker;
  #number = 0;
  #pause;
  #patience;
  #late = false;

  constructor(provider, doc) {
    super();
    this.#provider = provider;
    provider.messageHandlers[STORED] = (_, decoder) => this.#answered(decoding.readVarUint8Array(decoder));
    doc.on('update', (_, origin) => {
      if (origin === provider) return; // others', who see to it themselves
      this.#changes++;
      this.#soon();
      this.#tell();
    });
    provider.on('sync', synced => (synced ? this.#found() : this.#lost()));
  }

  /** `saved`, `saving`, or `late` when the server is connected and does not say. */
  get state() { return this.#stored === this.#changes ? 'saved' : this.#late ? 'late' : 'saving'; }

  #soon() {
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      if (!this.#marker) this.#send();
    }, PAUSE_MILLIS);
  }

  #send() {
    if (!this.#provider.synced || this.#provider.ws?.readyState !== WebSocket.OPEN) return;
    this.#marker = { number: ++this.#number, changes: this.#changes };
    const payload = encoding.createEncoder();
    encoding.writeVarUint(payload, this.#number);
    const message = encoding.createEncoder();
    encoding.writeVarUint(message, STORED);
    encoding.writeVarUint8Array(message, encoding.toUint8Array(payload));
    this.#provider.ws.send(encoding.toUint8Array(message));
    this.#patience ??= setTimeout(() => {
      this.#late = true;
      this.#tell();
    }, LATE_MILLIS);
  }

  #answered(payload) {
    if (!this.#marker || decoding.readVarUint(decoding.createDecoder(payload)) !== this.#marker.number) return;
    this.#stored = this.#marker.changes;
    this.#rest();
    if (this.#stored !== this.#changes) this.#send();
    this.#tell();
  }

  /** The server has all of this window again. What it had stored it may have lost: that counts as a change, too. */
  #found() {
    this.#changes++;
    this.#send();
    this.#tell();
  }

  #lost() {
    this.#rest();
    this.#tell();
  }

  #rest() {
    this.#marker = undefined;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#late = false;
  }

  #tell() { this.dispatchEvent(new Event('change')); }
}
