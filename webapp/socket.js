const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 15_000;
/** The least pause, in milliseconds, after the server reported overload. */
const OVERLOAD_PAUSE = 5_000;
/** Some networks drop the handshake without an answer. */
const CONNECT_TIMEOUT = 10_000;
/** A connection that lasted this many milliseconds resets the pauses. */
const STABLE_AFTER = 5_000;

const OVERLOADED = 1013;

/** Close codes after which a retry would fail the same way; the user decides when to try again. */
const FINAL = {
  1000: 'The server ended the connection',
  1007: 'The server could not read a message',
  1008: 'Refused by a rule or a rate limit',
  1009: 'A message was too large',
  4401: 'Please sign in first',
  4403: 'You are not allowed in here',
};

const PASSING = {
  1001: 'The server is restarting.',
  1011: 'The server had an internal error.',
  1012: 'The server is restarting.',
  [OVERLOADED]: 'The server is full or busy.',
};

/**
 * A WebSocket that reconnects. It owns the state of the connection and all its timers. It does not queue: `send` returns whether
 * it could send, and the caller keeps unsent messages.
 *
 * Events: `state` after each change of state, `message` (a MessageEvent) for each frame.
 */
export class Socket extends EventTarget {
  /** @type {'connecting' | 'open' | 'waiting' | 'offline' | 'closed'} */
  state = 'connecting';
  /** Why there is no connection, as a sentence; empty while connected and before the first connection. */
  reason = '';
  /** When the next attempt starts (as of Date.now()), while `waiting`. */
  retryAt = 0;
  /** The code of the last close by the server; 0 before it. */
  code = 0;

  #url;
  #protocols;
  #socket;
  /** One timer is enough: no state waits for two events. */
  #timer;
  /** In a row, since the last stable connection. */
  #failures = 0;
  #overloaded = false;

  /** @param protocols {() => string[]} returns the subprotocols of each new connection */
  constructor(url, protocols = () => []) {
    super();
    this.#url = url;
    this.#protocols = protocols;
    addEventListener('offline', () => this.#offline());
    addEventListener('online', () => this.#hurry(['offline', 'waiting']));
    // Timers of hidden pages run late; a user who returns should not wait for them.
    const seen = () => document.hidden || this.#overloaded || this.#hurry(['waiting']);
    document.addEventListener('visibilitychange', seen);
    addEventListener('pageshow', seen);
  }

  /** Connects now, and ends a pause. Does nothing while connected or connecting. */
  connect() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    const socket = this.#socket = new WebSocket(this.#url, this.#protocols());
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent('message', { data }));
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    this.#timer = setTimeout(() => this.restart('The server did not answer.'), CONNECT_TIMEOUT);
    this.#become('connecting', this.reason);
  }

  /** @returns {boolean} whether the text was handed to an open connection */
  send(text) {
    // A closing socket would drop the text silently.
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** Ends the connection until the next `connect`. */
  close(reason) {
    this.#drop();
    this.#become('closed', reason);
  }

  /** Gives up a connection that looks alive but is not. */
  restart(reason) {
    this.#drop();
    this.#retry(reason);
  }

  #opened() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.#failures = 0; }, STABLE_AFTER);
    this.#overloaded = false;
    this.#become('open');
  }

  #lost(code, said) {
    this.#drop();
    this.code = code;
    this.#overloaded = code === OVERLOADED;
    if (code in FINAL) this.#become('closed', `${FINAL[code]} (${said ? `${code}: ${said}` : code}).`);
    else this.#retry(PASSING[code] ?? (this.state === 'open' ? 'The connection was lost.' : 'The server cannot be reached, or is full.'));
  }

  #retry(reason) {
    if (!navigator.onLine) return this.#offline();
    // Full jitter, so that the clients of a restarted server do not all reconnect at the same moment.
    // A hidden page leaves the first seconds to visible ones.
    const longest = document.hidden ? LONGEST_PAUSE : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#failures);
    this.#failures++;
    const pause = (this.#overloaded ? OVERLOAD_PAUSE : 0) + Math.random() * longest;
    this.retryAt = Date.now() + pause;
    this.#timer = setTimeout(() => this.connect(), pause);
    this.#become('waiting', reason);
  }

  #offline() {
    if (this.state === 'closed') return;
    this.#drop();
    this.#become('offline', 'This device has no network.');
  }

  #hurry(states) {
    if (states.includes(this.state)) this.connect();
  }

  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    // Closing can take long, and its events must not reach the next connection.
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #become(state, reason = '') {
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event('state'));
  }
}
