import { mock } from 'node:test';
import { Tutti } from '../../../../webapp/tutti.js';

/** A WebSocket whose other end is the test, without network. */
export class FakeSocket {
  /** @type {FakeSocket[]} */
  static all = [];
  static get last() { return FakeSocket.all.at(-1); }

  readyState = 0;
  /** The frames as sent. */
  sent = [];
  /** The request that names a guest, ahead of all others. */
  guest;
  /** @type {any[]} */
  #requests = [];

  constructor(url, protocol) {
    this.url = new URL(url);
    this.protocol = protocol;
    FakeSocket.all.push(this);
  }

  /** The requests of all frames, also of those that the turn of the event loop would end with. */
  get frames() {
    endTurn();
    return this.#requests;
  }

  send(text) {
    const requests = text.split('\n').map(line => JSON.parse(line));
    if (requests[0].guest) {
      this.guest = requests[0];
      return;
    }
    this.sent.push(text);
    this.#requests.push(...requests);
  }

  close() { this.readyState = 3; }

  // ---- The server's end

  welcome(fields) {
    this.readyState = 1;
    this.say({ type: 'welcome', client: `c${FakeSocket.all.length}`, user: 'u', server: 'Fake/1', limits: LIMITS, pingSeconds: 9, ...fields });
  }

  say(frame) { this.onmessage({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) }); }

  end(code, reason = '') {
    this.readyState = 3;
    this.onclose({ code, reason });
  }

  asked(type) { return this.frames.filter(frame => frame.type === type); }

  /** Answers the oldest unanswered requests of a type. */
  answer(type, fields, howMany = 1) {
    const open = this.asked(type).filter(frame => !frame.answered);
    for (const frame of open.slice(0, howMany)) {
      frame.answered = true;
      this.say({ type: 'ok', ...frame.room && { room: frame.room }, ...fields, id: frame.id });
    }
  }

  /** Answers all joins. */
  joined(fields) {
    this.answer('join', {
      type: 'joined', position: { epoch: 'e', offset: 0 }, earliest: 1, recovered: false, messages: [], count: 1,
      members: [{ client: 'c1', user: 'u' }], ...fields,
    }, Infinity);
  }

  message(offset, data = offset, room = 'garden') {
    this.say({ type: 'message', room, offset, time: offset, from: { client: 'c9', user: 'u9' }, data });
  }

  refuse(type, code, howMany) { this.answer(type, { type: 'error', code, message: `for ${code}` }, howMany); }
}

/** Tasks for the end of the turn: a test's turn ends when it looks at the frames. */
let microtasks = [];

function endTurn() {
  const due = microtasks;
  microtasks = [];
  due.forEach(task => task());
}

const LIMITS = { messageBytes: 65_536, stateBytes: 4_096, messagesPerSecond: 200, rooms: 100 };

/** Stops the clock, and fixes random pauses to half of the longest. */
export function stopTheClock() {
  FakeSocket.all = [];
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_800_000_000_000 });
  mock.method(Math, 'random', () => 0.5);
  microtasks = [];
  mock.method(globalThis, 'queueMicrotask', task => microtasks.push(task));
}

export function startTheClock() {
  mock.timers.reset();
  mock.restoreAll();
}

/** Runs pending promise callbacks. */
export const settle = () => {
  endTurn();
  return new Promise(resolve => setImmediate(resolve));
};

/** Advances the clock, and runs its timers. */
export async function pass(millis) {
  mock.timers.tick(millis);
  await settle();
}

/** Simulates a sleep of the device without timers, then two seconds awake. */
export async function sleep(millis) {
  mock.timers.setTime(Date.now() + millis);
  await pass(2_000);
}

/** Returns a client that is connecting. */
export async function dial(options) {
  const tutti = new Tutti('http://tutti.test/connect', { WebSocket: FakeSocket, ...options });
  await settle();
  return tutti;
}

/** Returns a client that is connected. */
export async function connected(options, welcome) {
  const tutti = await dial(options);
  FakeSocket.last.welcome(welcome);
  return tutti;
}

/** Waits for the next attempt, and welcomes it. */
export async function again(welcome) {
  const before = FakeSocket.all.length;
  await pass(15_000);
  if (FakeSocket.all.length === before) throw new Error('no attempt to connect');
  FakeSocket.last.welcome(welcome);
}

/** Records the events of a target, as read by `read`. */
export function notes(target, type, read) {
  const noted = [];
  target.addEventListener(type, event => noted.push(read(event)));
  return noted;
}

export const code = promise => promise.then(() => 'ok', error => error.code);
