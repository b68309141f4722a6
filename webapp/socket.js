const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 15_000;
/** A server that says it is overloaded gets at least this much rest. */
const OVERLOAD_PAUSE = 5_000;
/** Some networks swallow the handshake without ever refusing it. */
const CONNECT_TIMEOUT = 10_000;
/** Only a connection that lasted this long ends the growing of the pauses. */
const STABLE_AFTER = 5_000;

const OVERLOADED = 1013;

/** After these the same attempt would meet the same answer, so the person decides when to try again. */
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
  1011: 'The server had a fault.',
  1012: 'The server is restarting.',
  [OVERLOADED]: 'The server is very busy.',
};

/**
 * A WebSocket that comes back. It owns the state of the connection and every timer about it;
 * it does not queue: what cannot be sent now is the business of its user.
 *
 * Events: `state` after every change of state, `message` (a MessageEvent) for every frame.
 */
export class Socket extends EventTarget {
  /** @type {'connecting' | 'open' | 'waiting' | 'offline' | 'closed'} */
  state = 'connecting';
  /** Why there is no connection, as a sentence; empty when there is one, and before the first. */
  reason = '';
  /** When the next attempt starts (as of Date.now()), while `waiting`. */
  retryAt = 0;

  #url;
  #socket;
  /** One timer is enough: no state waits for two things. */
  #timer;
  /** In a row, since the last stable connection. */
  #failures = 0;
  #overloaded = false;

  constructor(url) {
    super();
    this.#url = url;
    addEventListener('offline', () => this.#offline());
    addEventListener('online', () => this.#hurry(['offline', 'waiting']));
    // Timers of hidden pages run late; who comes back should not have to wait for them.
    const seen = () => document.hidden || this.#overloaded || this.#hurry(['waiting']);
    document.addEventListener('visibilitychange', seen);
    addEventListener('pageshow', seen);
  }

  /** Connects now, whatever pause is running; does nothing when connected or about to be. */
  connect() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    const socket = this.#socket = new WebSocket(this.#url);
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent('message', { data }));
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    this.#timer = setTimeout(() => this.restart('The server did not answer.'), CONNECT_TIMEOUT);
    this.#become('connecting', this.reason);
  }

  /** @returns {boolean} whether the text was handed to an open connection */
  send(text) {
    // A closing socket would swallow the text without a word.
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
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
    this.#overloaded = code === OVERLOADED;
    if (code in FINAL) this.#become('closed', `${FINAL[code]} (${said ? `${code}: ${said}` : code}).`);
    else this.#retry(PASSING[code] ?? 'The connection was lost.');
  }

  #retry(reason) {
    if (!navigator.onLine) return this.#offline();
    // Full jitter, so that the clients of a restarted server do not all return in the same moment.
    // Nobody looks at a hidden page: it leaves the first seconds to the others.
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
    // Closing can take long and must not report into the next connection.
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #become(state, reason = '') {
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event('state'));
  }
}
