import { explainOrigin } from './tutti.js';
import * as Y from 'yjs';

/*
 * Yjs documents by the stock providers. Each function sets up one provider: address, token, reconnection; and adds the same three facts to both: the
 * state of the connection, whether the content has arrived, and whether the server has stored the changes of this client.
 */

/** The type of a mark: the server echoes it when it has stored all earlier messages of this connection. */
const MARK = 102;
const MARK_BYTES = 4;
const MARK_PAUSE_MILLIS = 30;

const FIRST_PAUSE_MILLIS = 250;
const LONGEST_PAUSE_MILLIS = 5_000;

const TOKEN_ENDED = 4401;
/** Close codes from here to 4499 mean that a new attempt would fail the same way. */
const REFUSED = 4400;

/** Returns the WebSocket address of a path of the server. */
function socketAddress(server, path) {
  const base = new URL(server, globalThis.document?.baseURI);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const address = new URL(path, base);
  address.protocol = address.protocol.replace('http', 'ws');
  return address.href;
}

const tokenOf = async token => (typeof token === 'function' ? await token() : token) || '';

/** A document with its provider. Each change of a field is an event `change`. */
class OpenDocument extends EventTarget {
  status = 'connecting';
  reason = '';
  doc;
  #url;
  #wasConnected = false;
  /** Whether the caller brought its own: {doc, awareness}. */
  #given;

  constructor(url, given) {
    super();
    this.#url = url;
    this.#given = given;
    this.doc = given.doc ?? new Y.Doc();
  }

  get awareness() { return this.provider.awareness; }

  become(status, reason = '') {
    this.#wasConnected ||= status === 'connected';
    this.status = status;
    this.reason = reason;
    this.changed();
  }

  /** The connection has ended, or none could be made. */
  lost(reason) {
    if (!this.#wasConnected) explainOrigin(this.#url);
    this.become('disconnected', reason || 'The connection was lost.');
  }

  changed() { this.dispatchEvent(new Event('change')); }

  destroy() {
    this.provider.destroy();
    if (!this.#given.awareness) this.awareness.destroy();
    if (!this.#given.doc) this.doc.destroy();
  }
}

// ---- y-websocket

/** Connects in place of the provider, which would repeat one token for ever, and try again at the same moment as all other clients of the server. */
class YWebsocketDocument extends OpenDocument {
  #token;
  #marks;
  #failures = 0;
  #timer;
  /** The current attempt; a token that comes for another one is not used. */
  #attempt;

  constructor(WebsocketProvider, server, name, { doc, token, WebSocket, ...options }) {
    const url = socketAddress(server, 'yjs');
    super(url, { doc, awareness: options.awareness });
    this.#token = token;
    this.provider = new WebsocketProvider(url, name, this.doc, { ...options, ...WebSocket && { WebSocketPolyfill: WebSocket }, connect: false });
    this.#marks = new Marks(this.provider, this.doc, () => this.changed());
    this.provider.on('status', ({ status }) => status === 'connected' && this.become('connected'));
    this.provider.on('sync', synced => {
      if (synced) this.#failures = 0;
      this.changed();
    });
    this.provider.on('connection-close', event => this.#lost(event));
    this.connect();
  }

  get synced() { return this.provider.synced; }
  get saved() { return this.#marks.allStored; }

  async connect() {
    clearTimeout(this.#timer);
    const attempt = this.#attempt = {};
    try {
      const token = await tokenOf(this.#token);
      if (attempt !== this.#attempt) return;
      this.provider.protocols = token ? ['yjs', `bearer.${token}`] : [];
      this.provider.connect();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#retry();
      this.become('disconnected', `No token: ${error?.message ?? error}`);
    }
  }

  disconnect() {
    clearTimeout(this.#timer);
    this.#attempt = undefined;
    this.provider.disconnect();
    this.become('disconnected', 'Paused.');
  }

  #lost(event) {
    if (!this.provider.shouldConnect) return;
    this.provider.shouldConnect = false; // until `connect`
    const { code, reason } = event ?? {};
    const ended = code === TOKEN_ENDED && typeof this.#token === 'function';
    if (code >= REFUSED && code < REFUSED + 100 && !ended) this.become('refused', reason || `The server refused the document (${code}).`);
    else {
      this.#retry();
      this.lost(reason);
    }
  }

  #retry() {
    const millis = Math.random() * Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** this.#failures++);
    this.#timer = setTimeout(() => this.connect(), millis);
  }

  destroy() {
    this.disconnect();
    this.#marks.end();
    super.destroy();
  }
}

/** Learns from the server's echoes which changes are stored. At most one mark is in flight. */
class Marks {
  #provider;
  #changed;
  /** The number of changes, and of stored ones. The first stands for the content before the document was opened. */
  #changes = 1;
  #stored = 0;
  /** The mark in flight: {bytes, changes}. */
  #mark;
  #number = 0;
  #timer;

  constructor(provider, doc, changed) {
    this.#provider = provider;
    this.#changed = changed;
    provider.messageHandlers[MARK] = (_, { arr, pos }) => this.#echoed(arr.subarray(pos));
    doc.on('update', this.#count);
    provider.on('sync', synced => {
      this.#mark = undefined;
      if (!synced) return;
      this.#changes++; // after a crash the server may lack changes that it had stored
      this.#send();
    });
  }

  #count = (_, origin) => {
    if (origin === this.#provider) return;
    this.#changes++;
    this.#timer ??= setTimeout(() => this.#send(), MARK_PAUSE_MILLIS);
    this.#changed();
  };

  get allStored() { return this.#stored === this.#changes; }

  #send() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { synced, ws } = this.#provider;
    if (this.#mark || !synced || ws?.readyState !== 1) return;
    const bytes = new Uint8Array(2 + MARK_BYTES);
    bytes.set([MARK, MARK_BYTES]);
    new DataView(bytes.buffer).setUint32(2, ++this.#number);
    this.#mark = { bytes, changes: this.#changes };
    ws.send(bytes);
  }

  #echoed(bytes) {
    const mark = this.#mark;
    if (!mark?.bytes.subarray(1).every((byte, i) => byte === bytes[i])) return;
    this.#stored = mark.changes;
    this.#mark = undefined;
    if (!this.allStored) this.#send();
    this.#changed();
  }

  end() {
    clearTimeout(this.#timer);
    this.#provider.doc.off('update', this.#count);
  }
}

// ---- Hocuspocus

/** Hocuspocus asks for a token at each connection, and counts the changes that are not stored. */
class HocuspocusDocument extends OpenDocument {
  constructor(HocuspocusProvider, server, name, { doc, token, WebSocket, ...options }) {
    const url = socketAddress(server, 'hocuspocus');
    super(url, { doc, awareness: options.awareness });
    this.provider = new HocuspocusProvider({
      ...options,
      ...WebSocket && { WebSocketPolyfill: WebSocket },
      url,
      name,
      document: this.doc,
      token: () => tokenOf(token),
    });
    for (const event of ['synced', 'unsyncedChanges']) this.provider.on(event, () => this.changed());
    this.provider.on('authenticated', () => {
      if (this.status !== 'connecting' && this.status !== 'disconnected') this.provider.startSync(); // not by itself on the same connection
      this.become('connected');
    });
    this.provider.on('authenticationFailed', ({ reason }) => {
      const ended = this.status === 'connected' && typeof token === 'function';
      this.become('refused', reason);
      if (ended) this.connect();
    });
    this.provider.on('close', ({ event }) => this.lost(event?.reason));
  }

  get synced() { return this.provider.synced; }
  get saved() { return this.provider.synced && !this.provider.hasUnsyncedChanges; }

  connect() {
    if (this.status === 'refused') this.provider.sendToken();
    else this.provider.connect();
  }

  disconnect() {
    this.provider.disconnect();
    this.become('disconnected', 'Paused.');
  }
}

export const openYWebsocket = (WebsocketProvider, server, name, options = {}) => new YWebsocketDocument(WebsocketProvider, server, name, options);
export const openHocuspocus = (HocuspocusProvider, server, name, options = {}) => new HocuspocusDocument(HocuspocusProvider, server, name, options);
