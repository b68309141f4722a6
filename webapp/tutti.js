/*
 * The client of the protocol tutti.v1. tutti.d.ts documents the API, docs/protocol.md the wire.
 *
 *   Line   the connection: when to connect, wait, ping and give up, over many WebSockets; and to move, from one to the next without a gap
 *   Tutti  requests and answers on the line, and the rooms of this client
 *   Seat   the subscription to one room: position, members, own state; Room is its public face
 */

const CONNECT_MILLIS = 10_000; // some networks drop the handshake without an answer
const FIRST_PAUSE_MILLIS = 250;
const LONGEST_PAUSE_MILLIS = 15_000;
const OVERLOAD_PAUSE_MILLIS = 5_000;
const STABLE_MILLIS = 5_000; // a connection that lasted this long resets the pauses
const PONG_MILLIS = 10_000;
const WAKING_PONG_MILLIS = 2_500; // after a sleep the user waits for this answer
const TICK_MILLIS = 2_000; // how soon a sleep is detected
const HANDOVER_MILLIS = 1_000; // for the last answers on the connection that a new one replaces
const FAREWELL_MILLIS = 2_000; // for the rooms to be joined on the new one, and left on the old one
const JUMP_MILLIS = 3_000; // a timer this late means that the device slept

const FRAME_BYTES = 65_536; // of a frame that several requests share, if the server has no limit

const JOINS_AT_ONCE = 4; // each answer may hold a whole history
const REQUESTS_AT_ONCE = 8; // fewer than the ten refusals in a row that end a connection
const WAITING_REQUESTS = 1_000;
const WAITING_BYTES = 1 << 20;
const STATE_MILLIS = 16;
const REST_MILLIS = 1_000; // after a refusal for rate or limits

/** Close codes after which a retry would fail the same way. */
const FINAL = {
  1000: 'The server ended the connection',
  1002: 'The server refused a faulty frame',
  1003: 'The server refused a binary message',
  1007: 'The server could not read a message',
  1008: 'Refused by a rule or a rate limit',
  1009: 'A message was too large',
  4401: 'Please sign in first',
  4403: 'This is not allowed',
  4409: 'A newer connection has taken over',
};
const PASSING = {
  1001: 'The server is restarting.',
  1011: 'The server had an internal error.',
  1012: 'The server is restarting.',
  1013: 'The server is full or busy.',
};
/** Refusals after which the same request may succeed later. */
const LATER = new Set(['rate_limited', 'limit_exceeded', 'unavailable']);
/** The id of requests with a token; all others have numbers. */
const TOKEN = 'token';
/** The code of the end of a subscription by the server. */
const UNSUBSCRIBED = 'unsubscribed';
const LEFT = 'This client has left the room.';

const secret = () => [...crypto.getRandomValues(new Uint8Array(16))].map(n => n.toString(16).padStart(2, '0')).join('');
const utf8 = new TextEncoder();
const bytes = text => utf8.encode(text).length;
const emit = (target, type, fields) => target.dispatchEvent(Object.assign(new Event(type), fields));

/** Half of what a server with a burst of one second allows: so it refuses nothing that the network delayed by less than half a second. */
const mostSaved = rate => Math.max(1, rate / 2);

/** Full jitter, so that the clients of a restarted server do not all reconnect at the same moment. */
const pause = (first, failures) => Math.random() * Math.min(LONGEST_PAUSE_MILLIS, first * 2 ** failures);

export class TuttiError extends Error {
  name = 'TuttiError';

  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const explained = new Set();

/** Prints once the option that lets a page of another origin in: the browser does not report that the server refused the origin. */
export function explainOrigin(url) {
  const own = globalThis.location?.origin;
  const { origin } = new URL(String(url).replace(/^ws/, 'http'));
  if (!own?.startsWith('http') || origin === own || explained.has(origin)) return;
  explained.add(origin);
  console.warn(`Tutti: no connection to ${origin}. If that server runs, start it with --origins=${own} to let this page in.`);
}

/** Returns the object of a line; undefined if it is none. */
const parsed = text => {
  try {
    const frame = JSON.parse(text);
    return frame instanceof Object ? frame : undefined;
  } catch {
    return undefined;
  }
};

const messageOf = (room, { offset, time, from, data }) => ({ room, offset, time, ...from && { from }, data });
const errorOf = ({ code, message }) => new TuttiError(code, message);

/** Owns the WebSocket, the state of the connection and all its timers. It queues only what one frame will hold. */
class Line {
  state = 'connecting';
  reason = '';
  retryAt = 0;

  #url;
  #options;
  #WebSocket;
  #user;
  /** The current attempt or connection; events of older ones are ignored. */
  #current;
  #socket;
  /** Of the current connection; empty if there is none. */
  #token = '';
  /** The secret that names a user without a token; in a message, because proxies log addresses. */
  #guest;
  /** One timer is enough: no state waits for two events. */
  #timer;
  #failures = 0;
  #overloaded = false;
  #openedAt = 0;
  #heardAt = 0;
  #pingMillis = 0;
  #asked = false;
  #listening;
  /** Requests of this turn of the event loop; they share a frame. */
  #lines = [];
  #lineBytes = 0;
  /** 0 if each request has its own frame. */
  #frameBytes = FRAME_BYTES;
  /** Requests have shared a frame. */
  #shared = false;
  /** While the server drains: the connection that is about to replace the current one, and the one that it has replaced. */
  #next;
  #former;
  /** When to begin or repeat the move, and when to drop the former connection. */
  #moving;

  /**
   * @param user {changed(), received(frame), oversized(), settle(done), moved(), late(frame)}: `oversized` drops the largest request, and returns
   *     it, if any; `settle` sends no requests, and calls `done` when all are answered, or goes on without `done`; `moved` begins again on another connection; `late` gets
   *     what the former one still receives
   */
  constructor(url, options, user) {
    this.#url = new URL(url, globalThis.document?.baseURI);
    this.#url.protocol = this.#url.protocol.replace('http', 'ws');
    // Without it each reconnection would be a new user, and the keys of publications would be useless.
    this.#guest = options.guest ?? secret();
    this.#WebSocket = options.WebSocket ?? globalThis.WebSocket;
    if (!this.#WebSocket) throw new TypeError('There is no global WebSocket: pass one in the options.');
    this.#options = options;
    this.#user = user;
  }

  connect() {
    if (this.#current) return;
    clearTimeout(this.#timer);
    this.#listen();
    const current = this.#current = {};
    this.#become('connecting', this.reason);
    this.#dial(current);
  }

  send(text) {
    const more = bytes(text) + 1; // and the line feed
    if (this.#lineBytes + more > this.#frameBytes + 1) this.#flush();
    if (!this.#lines.length) queueMicrotask(() => this.#flush());
    this.#lines.push(text);
    this.#lineBytes += more;
  }

  #flush() {
    const frame = this.#lines.join('\n');
    this.#shared ||= this.#lines.length > 1;
    this.#lines = [];
    this.#lineBytes = 0;
    // A closing socket would drop it silently.
    if (frame && this.#socket?.readyState === 1) this.#socket.send(frame);
  }

  /** Drops a connection that no longer works, and reconnects. */
  restart(reason) {
    this.#drop();
    this.#retry(reason);
  }

  /** Stays disconnected until `connect`. */
  end(state, reason) {
    this.#listening?.abort();
    this.#listening = undefined;
    this.#drop();
    this.#become(state, reason);
  }

  async #dial(current) {
    try {
      const token = await this.#options.token?.() ?? '';
      if (current !== this.#current) return;
      this.#token = token;
      this.#socket = current.socket = this.#webSocket(current);
    } catch (error) {
      if (current === this.#current) this.restart(`No connection: ${error?.message ?? error}`);
      return;
    }
    this.#timer = setTimeout(() => this.restart('The server did not answer.'), CONNECT_MILLIS);
  }

  /** Opens a WebSocket, whose frames go where the part of its connection in this line says. */
  #webSocket(connection) {
    const socket = new this.#WebSocket(this.#url.href, 'tutti.v1');
    socket.onmessage = ({ data }) => {
      for (const line of data.split('\n')) {
        if (connection === this.#current) this.#heard(line);
        else if (connection === this.#next) this.#heardNext(connection, line);
        else if (connection === this.#former) this.#heardLate(parsed(line) ?? {});
        else return;
      }
    };
    socket.onclose = ({ code, reason }) => {
      if (connection === this.#current) this.#lost(code, reason);
      else if (connection === this.#next) this.#moveLater(connection);
      else if (connection === this.#former) this.farewell();
    };
    socket.onerror = () => {}; // the close event says more
    return socket;
  }

  #heard(text) {
    this.#heardAt = Date.now();
    this.#asked = false;
    const frame = parsed(text);
    if (!frame) return this.restart('The server sent a frame that is not tutti.v1.');
    this.#user.received(frame);
    if (frame.id === TOKEN) return this.#tokenAnswered(frame);
    if (frame.type === 'expiring') return void this.#renewToken(this.#current);
    if (frame.type === 'reconnect') return this.#moveIn(frame.after * 1000);
    if (frame.type !== 'welcome' || this.state === 'open') return;
    // Only now: a full server may open a connection and close it at once.
    this.#overloaded = false;
    this.#welcomed(frame);
    this.#authenticate(this.#socket, this.#token); // ahead of all other requests
    if (!this.#token) this.#open();
  }

  #welcomed({ pingSeconds, limits }) {
    this.#openedAt = this.#heardAt;
    this.#pingMillis = pingSeconds * 1000;
    if (this.#frameBytes) this.#frameBytes = limits.messageBytes || FRAME_BYTES;
  }

  #open() {
    this.#become('open');
    this.#watch(TICK_MILLIS);
  }

  /** In a message: proxies log addresses. */
  #authenticate(socket, token) {
    socket.send(JSON.stringify({ type: 'authenticate', id: TOKEN, ...token ? { token } : { guest: this.#guest } }));
  }

  #tokenAnswered({ type, code, message }) {
    if (type === 'ok') {
      if (this.state !== 'open') this.#open();
    } else if (!this.#token) {
      // A guest without a name.
    } else if (code !== 'unavailable') {
      this.#lost(4401, message);
    } else if (this.state !== 'open') {
      this.restart(message);
    }
  }

  /** A failure changes nothing: the next connection asks for a token again. */
  async #renewToken(current) {
    try {
      const token = await this.#options.token?.();
      if (token && current === this.#current) this.#authenticate(this.#socket, token);
    } catch { /* The server closes the connection when the token ends. */ }
  }

  // ---- The move to another server

  #moveIn(millis) {
    clearTimeout(this.#moving);
    this.#moving = setTimeout(() => this.#move(0), millis);
  }

  /** Connects to the server that takes over. The current connection goes on until that one has answered. */
  async #move(failures) {
    if (this.state !== 'open') return; // it connects anyway
    const next = this.#next = { failures };
    try {
      next.token = await this.#options.token?.() ?? '';
      if (next !== this.#next) return;
      next.socket = this.#webSocket(next);
    } catch {
      if (next === this.#next) this.#moveLater(next);
      return;
    }
    this.#moving = setTimeout(() => this.#moveLater(next), CONNECT_MILLIS);
  }

  #moveLater(next) {
    clearTimeout(this.#moving);
    this.#next = undefined;
    next.socket?.close();
    this.#user.settle();
    this.#moving = setTimeout(() => this.#move(next.failures + 1), pause(FIRST_PAUSE_MILLIS, next.failures));
  }

  #heardNext(next, text) {
    const frame = parsed(text);
    if (frame?.type === 'welcome') {
      next.welcome = frame;
      this.#authenticate(next.socket, next.token);
      if (!next.token) this.#replaceBy(next);
    } else if (frame?.id === TOKEN) {
      next.answer = frame;
      if (next.token && frame.type === 'ok') this.#replaceBy(next);
      else if (next.token) this.#moveLater(next);
    }
  }

  /** Waits for the last answers on the current connection: what is asked again elsewhere could happen twice. */
  #replaceBy(next) {
    clearTimeout(this.#moving);
    const replace = () => next === this.#next && this.#takeOver(next);
    this.#moving = setTimeout(replace, HANDOVER_MILLIS);
    this.#user.settle(replace);
  }

  #takeOver(next) {
    clearTimeout(this.#moving);
    this.#flush();
    this.farewell();
    const former = this.#former = Object.assign(this.#current, { leaves: new Map() });
    former.timer = setTimeout(() => former === this.#former && this.farewell(), FAREWELL_MILLIS);
    this.#current = next;
    this.#next = undefined;
    this.#socket = next.socket;
    this.#token = next.token;
    this.#heardAt = Date.now();
    this.#asked = false;
    this.#welcomed(next.welcome);
    this.#user.received(next.welcome);
    if (next.answer) this.#user.received(next.answer);
    this.#user.moved();
    this.#watch(TICK_MILLIS);
  }

  #heardLate(frame) {
    const left = this.#former.leaves.get(frame.id);
    if (!left) return this.#user.late(frame);
    this.#former.leaves.delete(frame.id);
    left();
  }

  /** Leaves a room on the connection that the current one has replaced, if there is one; calls back when it has sent all of the room. */
  leaveFormer(room, done) {
    const former = this.#former;
    if (former?.socket.readyState !== 1) return done();
    const id = `leave ${former.leaves.size}`;
    former.leaves.set(id, done);
    former.socket.send(JSON.stringify({ type: 'leave', id, room }));
  }

  /** Drops the connection that the current one has replaced. */
  farewell() {
    const former = this.#former;
    if (!former) return;
    this.#former = undefined;
    clearTimeout(former.timer);
    former.socket.close();
    former.leaves.forEach(left => left());
  }

  // ---- Silence and loss

  // Browsers hide the server's pings from pages, and after a sleep a dead socket still looks open.
  #watch(millis) {
    const due = Date.now() + millis;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const silent = Date.now() - this.#heardAt;
      if (Date.now() - due > JUMP_MILLIS) this.#ask(WAKING_PONG_MILLIS);
      else if (this.#asked) this.restart('The server went silent.');
      else if (this.#pingMillis && silent >= this.#pingMillis) this.#ask(PONG_MILLIS);
      else this.#watch(TICK_MILLIS);
    }, millis);
  }

  #ask(patience) {
    if (this.#socket?.readyState !== 1) return this.restart('The connection was lost.');
    this.#asked = true;
    this.send('{"type":"ping","id":0}');
    this.#watch(patience);
  }

  #lost(code, said) {
    this.#drop();
    if (code === 1006 && !this.#pingMillis) explainOrigin(this.#url);
    this.#overloaded = code === 1013;
    const mended = (code === 4401 && this.#options.token) || (code === 1009 && (this.#unshare() || this.#user.oversized()));
    const final = FINAL[code] && `${FINAL[code]} (${said ? `${code}: ${said}` : code}).`;
    if (final && !mended) this.end('closed', final);
    else this.#retry(final ?? PASSING[code] ?? (this.state === 'open' ? 'The connection was lost.' : 'The server cannot be reached, or is full.'));
  }

  /** After a close with 1009: a proxy may have a lower limit than the server. Returns whether requests have shared a frame until now. */
  #unshare() {
    const shared = this.#shared;
    if (shared) this.#frameBytes = 0;
    this.#shared = false;
    return shared;
  }

  #retry(reason) {
    if (globalThis.navigator?.onLine === false) return this.#offline();
    if (this.#openedAt && Date.now() - this.#openedAt > STABLE_MILLIS) this.#failures = 0;
    this.#openedAt = 0;
    // A hidden page leaves the first seconds to visible ones.
    const first = globalThis.document?.hidden ? LONGEST_PAUSE_MILLIS : FIRST_PAUSE_MILLIS;
    const millis = (this.#overloaded ? OVERLOAD_PAUSE_MILLIS : 0) + pause(first, this.#failures++);
    this.retryAt = Date.now() + millis;
    this.#timer = setTimeout(() => this.connect(), millis);
    this.#become('waiting', reason);
  }

  #offline() {
    this.#drop();
    this.#become('offline', 'This device has no network.');
  }

  #listen() {
    if (this.#listening) return;
    this.#listening = new AbortController();
    const on = (target, types, listener) =>
      types.forEach(type => target?.addEventListener?.(type, listener, { signal: this.#listening.signal }));
    // Timers of hidden pages run late; a user who returns should not wait for them.
    const awake = () => {
      if (globalThis.document?.hidden) return;
      if (this.state === 'waiting' && !this.#overloaded) this.connect();
      if (this.state === 'open' && !this.#asked && Date.now() - this.#heardAt > JUMP_MILLIS) this.#ask(WAKING_PONG_MILLIS);
    };
    on(globalThis, ['offline'], () => this.#offline());
    on(globalThis, ['online'], () => (this.state === 'offline' ? this.connect() : awake()));
    on(globalThis, ['pageshow'], awake);
    on(globalThis.document, ['visibilitychange', 'resume'], awake);
  }

  #drop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#moving);
    this.#flush();
    this.farewell();
    const sockets = [this.#socket, this.#next?.socket];
    this.#current = this.#socket = this.#next = undefined;
    this.#asked = false;
    sockets.forEach(socket => socket?.close());
  }

  #become(state, reason = '') {
    this.state = state;
    this.reason = reason;
    this.#user.changed();
  }
}

export class Tutti extends EventTarget {
  client = '';
  user = '';
  server = '';
  limits = {};

  #line;
  #seats = new Map();
  /** Unanswered `publish` and `history` requests by id, oldest first. */
  #requests = new Map();
  #requestBytes = 0;
  /** How many of them are sent on this connection. */
  #sent = 0;
  /** Callbacks for the answers to all other requests on this connection, by id. */
  #answers = new Map();
  #joining = 0;
  /** Callbacks for the answer to `leave`, by room; until then the room is not joined again. */
  #leaving = new Map();
  #lastId = 0;
  #keys = `${secret()}-`;
  #wasOpen = false;
  /** While the connection is about to be replaced: to be called when nothing waits for an answer on it. */
  #whenSettled;
  /** By room that is joined on a new connection, and not yet left on the former one: what the new one has sent since. */
  #held = new Map();

  /** Frames that the server's rate limit allowed at `#savedAt`: at most `mostSaved`. */
  #saved = 0;
  #savedAt = 0;
  #restUntil = 0;
  #pumping;

  constructor(url = 'connect', options = {}) {
    super();
    this.#line = new Line(url, options, {
      changed: () => this.#changed(),
      received: frame => this.#received(frame),
      oversized: () => this.#dropLargest(),
      settle: done => {
        this.#whenSettled = done;
        this.#checkSettled();
        this.#pump();
      },
      moved: () => this.#moved(),
      late: frame => this.#late(frame),
    });
    this.connect();
  }

  get state() { return this.#line.state; }
  get reason() { return this.#line.reason; }
  get retryAt() { return this.#line.retryAt; }

  connect() { this.#line.connect(); }
  pause() { this.#line.end('offline', 'Paused.'); }
  close() { this.#line.end('closed', 'Closed.'); }

  room(name, { state, since } = {}) {
    const seat = this.#seats.get(name) ?? this.#newSeat(name, since);
    if (state !== undefined) seat.setState(state);
    this.#pump();
    return seat.room;
  }

  #newSeat(name, since) {
    const seat = new Seat(name, since, {
      ask: fields => this.#enqueue(seat, fields),
      tell: fields => this.#mayTell() && this.#tell(JSON.stringify(fields)),
      leave: () => this.#leave(seat),
      stateBytes: () => this.limits.stateBytes,
      fault: reason => this.#line.restart(reason),
    });
    this.#seats.set(name, seat);
    return seat;
  }

  // ---- The line

  #changed() {
    if (this.#wasOpen !== (this.state === 'open')) {
      this.#wasOpen = !this.#wasOpen;
      this.#beginAgain();
    }
    if (this.state === 'closed') this.#reject(() => true, 'closed', this.reason);
    this.#pump();
    emit(this, 'state');
  }

  /** Forgets what was sent on the last connection. */
  #beginAgain() {
    this.#whenSettled = undefined;
    this.#held.clear();
    this.#sent = this.#joining = 0;
    clearTimeout(this.#pumping);
    this.#saved = mostSaved(this.limits.messagesPerSecond);
    this.#savedAt = Date.now();
    this.#answers.clear();
    this.#leaving.forEach(done => done());
    this.#leaving.clear();
    this.#requests.forEach(request => { request.sent = false; });
    this.#seats.forEach(seat => seat.lost());
  }

  #checkSettled() {
    if (this.#whenSettled && !this.#sent && !this.#joining && !this.#leaving.size) this.#whenSettled();
  }

  /** Another connection has replaced an open one. */
  #moved() {
    this.#beginAgain();
    this.#pump();
    this.#endMove();
    emit(this, 'state');
  }

  /** The former connection ends when all rooms are joined on the new one. */
  #endMove() {
    if (![...this.#seats.values()].some(({ phase }) => phase === 'waiting' || phase === 'asked')) this.#line.farewell();
  }

  /** A frame of the former connection: publications count until the room is joined again, answers spare the same request. */
  #late(frame) {
    const request = this.#requests.get(frame.id);
    if (frame.type === 'message') this.#seats.get(frame.room)?.late(frame);
    else if (request && frame.type !== 'error') this.#settle(request, frame);
  }

  #received(frame) {
    if (frame.type === 'welcome') {
      for (const name of ['client', 'user', 'server', 'limits']) this[name] = frame[name];
    } else if (frame.id === TOKEN) {
      if (frame.user) this.user = frame.user;
    } else if ('id' in frame) {
      const answered = this.#answers.get(frame.id);
      const request = this.#requests.get(frame.id);
      this.#answers.delete(frame.id);
      answered?.(frame);
      if (request) this.#settle(request, frame);
      this.#pump();
      this.#checkSettled();
    } else if (frame.type === 'joined') {
      this.#subscribed(frame);
    } else if (this.#held.has(frame.room)) {
      this.#held.get(frame.room).push(frame);
    } else if (this.#seats.has(frame.room)) {
      const seat = this.#seats.get(frame.room);
      const ended = frame.code === UNSUBSCRIBED && seat.phase === 'joined';
      if (ended) this.#seats.delete(frame.room);
      seat.received(frame);
      if (ended || seat.phase === 'refused') this.#reject(request => request.seat === seat, frame.code, frame.reason);
      if (seat.phase === 'waiting') this.#pump();
    } else if (frame.type === 'error') {
      emit(this, 'error', { error: errorOf(frame) });
    }
  }

  // ---- Requests

  #enqueue(seat, fields) {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      if (fields.type === 'publish') fields.key ??= this.#keys + id;
      const text = JSON.stringify({ ...fields, id });
      const request = { id, seat, text, bytes: bytes(text), sent: false, resolve, reject };
      if (this.state === 'closed') throw new TuttiError('closed', this.reason);
      if (seat.phase === 'left') throw new TuttiError('left', LEFT);
      if (seat.phase === 'refused') throw seat.refusal;
      if (this.#requests.size >= WAITING_REQUESTS || this.#requestBytes + request.bytes > WAITING_BYTES) {
        throw new TuttiError('overflow', 'Too many requests wait for the connection.');
      }
      this.#requests.set(id, request);
      this.#requestBytes += request.bytes;
      this.#pump();
    });
  }

  /** Sends all requests that may go now. Call it after any change that could allow one. */
  #pump() {
    if (this.state !== 'open' || this.#whenSettled) return;
    for (const [name, seat] of this.#seats) {
      if (this.#joining >= JOINS_AT_ONCE) break;
      if (seat.phase === 'waiting' && !this.#leaving.has(name)) this.#join(seat);
    }
    const { messageBytes, messagesPerSecond } = this.limits;
    for (const request of this.#requests.values()) {
      if (this.#sent >= REQUESTS_AT_ONCE) break;
      if (request.sent || request.seat.phase !== 'joined') continue;
      if (messageBytes && request.bytes > messageBytes) {
        this.#settle(request, { code: 'too_large', message: `The message has more than ${messageBytes} bytes.` });
      } else if (this.#mayTell()) {
        request.sent = true;
        this.#sent++;
        this.#tell(request.text);
      } else {
        this.#pumpIn(Math.max(this.#restUntil - Date.now(), messagesPerSecond && 1000 / messagesPerSecond));
        break;
      }
    }
  }

  #pumpIn(millis) {
    clearTimeout(this.#pumping);
    this.#pumping = setTimeout(() => this.#pump(), millis);
  }

  /** Stays below the rate limit: a later request could overtake one that the server refused for its rate. */
  #mayTell() {
    const rate = this.limits.messagesPerSecond;
    const now = Date.now();
    this.#saved = Math.min(mostSaved(rate), this.#saved + Math.max(0, now - this.#savedAt) * rate / 1000);
    this.#savedAt = now;
    return now >= this.#restUntil && (!rate || this.#saved >= 1);
  }

  #tell(text) {
    this.#saved--;
    this.#line.send(text);
    return true;
  }

  #ask(fields, answered) {
    const id = ++this.#lastId;
    this.#answers.set(id, answered);
    this.#tell(JSON.stringify({ ...fields, id }));
  }

  #settle(request, answer) {
    if (request.sent) this.#sent--;
    request.sent = false;
    if (LATER.has(answer.code)) {
      this.#restUntil = Date.now() + REST_MILLIS;
      return;
    }
    // The server has removed this client, which is about to join again.
    if (answer.code === 'not_joined' && ['waiting', 'asked'].includes(request.seat.phase)) return;
    this.#requests.delete(request.id);
    this.#requestBytes -= request.bytes;
    if (answer.code) request.reject(errorOf(answer));
    else request.resolve(answer);
  }

  #reject(which, code, message) {
    for (const request of this.#requests.values()) if (which(request)) this.#settle(request, { code, message });
  }

  /** After a close with 1009: requests read before it are answered, so the largest of the others is too large. */
  #dropLargest() {
    const [largest] = [...this.#requests.values()].filter(request => request.sent).sort((a, b) => b.bytes - a.bytes);
    if (largest) this.#settle(largest, { code: 'too_large', message: 'The message is too large for the server.' });
    return largest;
  }

  // ---- Rooms

  /** The server has joined a room for this client. A room that this client is about to join or to leave gets its own request, with position and state. */
  #subscribed(frame) {
    const { room: name } = frame;
    const known = this.#seats.get(name);
    if (known?.phase === 'refused') {
      known.lost();
      this.#pump();
    }
    if (known || this.#leaving.has(name)) return;
    const seat = this.#newSeat(name);
    seat.joined(frame);
    emit(this, 'subscribed', { room: seat.room });
  }

  #join(seat) {
    this.#joining++;
    this.#ask(seat.joinRequest(), answer => {
      this.#joining--;
      if (seat.phase === 'left') return this.#askToLeave(seat.name);
      if (answer.type === 'joined') return this.#joined(seat, answer);
      seat.refused(errorOf(answer), () => this.#pump());
      if (seat.phase === 'refused') this.#reject(request => request.seat === seat, answer.code, answer.message);
      this.#endMove();
    });
  }

  /** First what a former connection still sends of the room, then what the new one sends: so each message arrives, and in order. */
  #joined(seat, answer) {
    const held = [];
    this.#held.set(seat.name, held);
    this.#line.leaveFormer(seat.name, () => {
      if (this.#held.get(seat.name) !== held) return; // lost meanwhile
      this.#held.delete(seat.name);
      if (seat.phase === 'left') return this.#askToLeave(seat.name);
      seat.joined(answer);
      held.forEach(frame => this.#received(frame));
      this.#pump();
      this.#endMove();
    });
  }

  #leave(seat) {
    const { name, phase } = seat;
    if (phase === 'left') return Promise.resolve();
    seat.phase = 'left';
    this.#seats.delete(name);
    this.#reject(request => request.seat === seat, 'left', LEFT);
    return new Promise(done => {
      if (phase !== 'asked' && phase !== 'joined') return done();
      this.#leaving.set(name, done);
      if (phase === 'joined') this.#askToLeave(name); // else as soon as it is in
    });
  }

  #askToLeave(name) {
    this.#ask({ type: 'leave', room: name }, ({ code }) => {
      const done = this.#leaving.get(name);
      if (LATER.has(code)) return setTimeout(() => done === this.#leaving.get(name) && this.#askToLeave(name), REST_MILLIS);
      this.#leaving.delete(name);
      done();
    });
  }
}

/** The subscription to one room. */
class Seat {
  /** 'waiting' to be joined; 'asked'; 'resting' after a temporary refusal; 'joined'; 'refused'; 'left' */
  phase = 'waiting';
  refusal;
  members = new Map();
  count = 0;
  room = new Room(this);

  #first = true;
  #refusals = 0;
  /** As JSON: later changes of the object need another `setState`. */
  #state = 'null';
  #told = 'null';
  #toldAt = 0;
  #telling;
  #resting;

  /** @param link {ask(fields) → promise, tell(fields) → whether it was sent, leave() → promise, stateBytes(), fault(reason)} */
  constructor(name, position, link) {
    this.name = name;
    this.position = position;
    this.link = link;
  }

  joinRequest() {
    this.phase = 'asked';
    this.#refuseLarge();
    this.#told = this.#state;
    return { type: 'join', room: this.name, since: this.position, state: JSON.parse(this.#state) ?? undefined };
  }

  joined({ position, recovered, messages, members, count }) {
    const first = this.#first;
    const since = this.position;
    this.#first = false;
    this.#refusals = 0;
    this.phase = 'joined';
    this.#list(members, count);
    if (!recovered) this.position = position;
    emit(this.room, 'joined', { first, recovered, missed: messages.length, since });
    emit(this.room, 'members');
    for (const message of messages) this.#message(message);
    this.#tellState();
  }

  refused(error, retry) {
    const later = LATER.has(error.code);
    this.phase = later ? 'resting' : error.code === UNSUBSCRIBED ? 'left' : 'refused';
    this.refusal = error;
    if (later) {
      this.#resting = setTimeout(() => {
        if (this.phase !== 'resting') return;
        this.phase = 'waiting';
        retry();
      }, pause(REST_MILLIS, this.#refusals++) + REST_MILLIS / 2);
    }
    if (error.code !== 'rate_limited') emit(this.room, 'error', { error });
  }

  lost() {
    clearTimeout(this.#resting);
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.phase = 'waiting';
  }

  received(frame) {
    if (this.phase !== 'joined') return; // of an earlier subscription
    const { type, client, user, state, members, count } = frame;
    if (type === 'message') return this.#message(frame);
    if (type === 'error') return this.#stateRefused(errorOf(frame));
    if (type === 'removed') return this.#removed(frame);
    if (type === 'members') this.#list(members, count);
    else if (type === 'left') this.members.delete(client);
    else if (type === 'entered' || type === 'presence') this.members.set(client, { client, user, state });
    else return;
    if (type !== 'members') this.count = this.members.size;
    emit(this.room, 'members', { client });
  }

  #removed({ code, reason }) {
    const error = new TuttiError(code, reason);
    this.#list();
    if (code === 'lost') {
      this.lost(); // with its state; whether it has missed messages is in the event "joined"
    } else if (code === 'rejoin') {
      this.lost();
      this.#state = 'null'; // with it, a user who has lost the right to presence could not join
      emit(this.room, 'error', { error });
    } else {
      this.refused(error);
    }
    emit(this.room, 'members');
  }

  #list(members = [], count = members.length) {
    this.members.clear();
    for (const member of members) this.members.set(member.client, member);
    this.count = count;
  }

  /** A message of the connection that another one replaces. */
  late(frame) {
    if (this.position && (this.phase === 'waiting' || this.phase === 'asked')) this.#next(frame);
  }

  #message(frame) {
    if (this.phase === 'joined') this.#next(frame);
  }

  #next(frame) {
    const { offset } = frame;
    const { epoch, offset: last } = this.position;
    if (offset <= last) return;
    if (offset > last + 1) return this.link.fault('The server skipped a message.');
    this.position = { epoch, offset };
    emit(this.room, 'message', { message: messageOf(this.name, frame) });
  }

  setState(state) {
    this.#state = JSON.stringify(state ?? null);
    this.#tellState();
  }

  /** Never sends a state that is too large: repeated refusals would end the connection. */
  #refuseLarge() {
    const most = this.link.stateBytes();
    if (!most || bytes(this.#state) <= most) return;
    this.#state = this.#told ?? 'null';
    emit(this.room, 'error', { error: new TuttiError('too_large', `The state has more than ${most} bytes.`) });
  }

  #tellState() {
    if (this.#telling || this.phase !== 'joined' || this.#state === this.#told) return;
    this.#refuseLarge();
    if (this.#state === this.#told) return;
    const soon = this.#toldAt + STATE_MILLIS - Date.now();
    if (soon <= 0 && this.link.tell({ type: 'state', room: this.name, state: JSON.parse(this.#state) })) {
      this.#told = this.#state;
      this.#toldAt = Date.now();
    } else {
      this.#tellStateIn(soon > 0 ? Math.min(soon, STATE_MILLIS) : STATE_MILLIS);
    }
  }

  #tellStateIn(millis) {
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.#tellState();
    }, millis);
  }

  #stateRefused(error) {
    if (!LATER.has(error.code)) return emit(this.room, 'error', { error });
    this.#told = undefined;
    if (!this.#telling) this.#tellStateIn(REST_MILLIS);
  }
}

export class Room extends EventTarget {
  #seat;

  constructor(seat) {
    super();
    this.#seat = seat;
  }

  get name() { return this.#seat.name; }
  get state() { return { waiting: 'joining', asked: 'joining', resting: 'joining' }[this.#seat.phase] ?? this.#seat.phase; }
  get position() { return this.#seat.position; }
  get members() { return this.#seat.members; }
  get count() { return this.#seat.count; }

  publish(data, { key } = {}) {
    return this.#ask({ type: 'publish', data, key }, ({ position }) => position);
  }

  history({ since, before, limit } = {}) {
    return this.#ask({ type: 'history', since, before, limit }, ({ messages, more, recovered, position, earliest }) =>
      ({ messages: messages.map(message => messageOf(this.name, message)), more, recovered, position, earliest }));
  }

  setState(state) { this.#seat.setState(state); }
  leave() { return this.#seat.link.leave(); }

  #ask(fields, read) {
    const answer = this.#seat.link.ask({ ...fields, room: this.name }).then(read);
    answer.catch(() => {}); // a caller may ignore the promise
    return answer;
  }
}
