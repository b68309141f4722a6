import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** The type of a marker message. The server echoes it when it has stored everything that this connection sent before. */
const STORED = 102;
const PAUSE_MILLIS = 30;
const LATE_MILLIS = 5_000;

/**
 * Tracks whether the server has stored this window's changes. At most one marker is in flight.
 *
 * Events: `change`.
 */
export class Saving extends EventTarget {
  #provider;
  /** The number of changes, and of stored ones. The first stands for the content before this window opened. */
  #changes = 1;
  #stored = 0;
  /** The number of changes that the user made in this window, and of stored ones. */
  #edits = 0;
  #storedEdits = 0;
  /** The marker in flight: {number, changes, edits}. */
  #marker;
  #number = 0;
  #sendTimer;
  #lateTimer;
  #late = false;

  constructor(provider, doc) {
    super();
    this.#provider = provider;
    provider.messageHandlers[STORED] = (_, decoder) => this.#answered(decoding.readVarUint8Array(decoder));
    doc.on('update', (_, origin, __, { local }) => {
      if (origin === provider) return; // changes of others, which they track themselves
      this.#changes++;
      if (local) this.#edits++;
      this.#sendSoon();
      this.#emitChange();
    });
    provider.on('sync', synced => (synced ? this.#resynchronized() : this.#disconnected()));
  }

  /** `saved`, `saving`, or `late` when the server has not confirmed within 5 seconds. */
  get state() { return this.#stored === this.#changes ? 'saved' : this.#late ? 'late' : 'saving'; }

  /** Whether the server has not confirmed something that the user wrote in this window. */
  get hasUnsaved() { return this.waiting > 0; }

  /** The number of the user's changes in this window that the server has not confirmed. */
  get waiting() { return this.#edits - this.#storedEdits; }

  #sendSoon() {
    this.#sendTimer ??= setTimeout(() => {
      this.#sendTimer = undefined;
      if (!this.#marker) this.#send();
    }, PAUSE_MILLIS);
  }

  #send() {
    if (!this.#provider.synced || this.#provider.ws?.readyState !== WebSocket.OPEN) return;
    this.#marker = { number: ++this.#number, changes: this.#changes, edits: this.#edits };
    const payload = encoding.createEncoder();
    encoding.writeVarUint(payload, this.#number);
    const message = encoding.createEncoder();
    encoding.writeVarUint(message, STORED);
    encoding.writeVarUint8Array(message, encoding.toUint8Array(payload));
    this.#provider.ws.send(encoding.toUint8Array(message));
    this.#lateTimer ??= setTimeout(() => {
      this.#late = true;
      this.#emitChange();
    }, LATE_MILLIS);
  }

  #answered(payload) {
    if (!this.#marker || decoding.readVarUint(decoding.createDecoder(payload)) !== this.#marker.number) return;
    this.#stored = this.#marker.changes;
    this.#storedEdits = this.#marker.edits;
    this.#clearMarker();
    if (this.#stored !== this.#changes) this.#send();
    this.#emitChange();
  }

  /** The server has synchronized again. It may have lost stored changes, so all of them count as unconfirmed. */
  #resynchronized() {
    this.#changes++;
    this.#send();
    this.#emitChange();
  }

  #disconnected() {
    this.#clearMarker();
    this.#emitChange();
  }

  #clearMarker() {
    this.#marker = undefined;
    clearTimeout(this.#lateTimer);
    this.#lateTimer = undefined;
    this.#late = false;
  }

  #emitChange() { this.dispatchEvent(new Event('change')); }
}
