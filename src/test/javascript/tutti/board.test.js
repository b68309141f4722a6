import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Board, COLORS, HEIGHT, NOTE_WIDTH, TEXT_LENGTH, WIDTH, simplified } from '../../../../webapp/board.js';
import { pass, settle } from './fake.js';

/** A server with one room. It holds only the latest publications, and loses them in a restart. */
class Server {
  epoch = 'e1';
  top = 0;
  /** @type {any[]} */
  log = [];
  /** @type {Set<FakeRoom>} */
  rooms = new Set();

  constructor(held = 1_000) { this.held = held; }

  enter(client) {
    const room = new FakeRoom(this, client);
    const board = new Board(room, () => client);
    room.connect();
    return { room, board };
  }

  publish(client, data) {
    const message = { offset: ++this.top, data: structuredClone(data), from: { client } };
    this.log.push(message);
    if (this.log.length > this.held) this.log.shift();
    for (const room of this.rooms) room.hear(message);
    return { epoch: this.epoch, offset: message.offset };
  }

  restart() {
    const rooms = [...this.rooms];
    rooms.forEach(room => room.cut());
    this.epoch += "'";
    this.top = 0;
    this.log = [];
    return rooms;
  }
}

/** The room of tutti.js on this server. */
class FakeRoom extends EventTarget {
  state = 'joining';
  #waiting = [];
  #before;

  constructor(server, client) {
    super();
    this.server = server;
    this.client = client;
  }

  get count() { return this.server.rooms.size; }

  connect() {
    const { server } = this;
    const since = this.position;
    const recovered = since?.epoch === server.epoch && since.offset + 1 >= (server.log[0]?.offset ?? server.top + 1);
    this.state = 'joined';
    server.rooms.add(this);
    const missed = recovered ? server.log.filter(({ offset }) => offset > since.offset) : [];
    if (!recovered) this.position = { epoch: server.epoch, offset: server.top };
    this.dispatchEvent(Object.assign(new Event('joined'), { first: !this.#before, recovered, missed: missed.length, since }));
    this.#before = true;
    missed.forEach(message => this.hear(message));
    this.#waiting.splice(0).forEach(send => send());
  }

  cut() {
    this.server.rooms.delete(this);
    this.state = 'joining';
  }

  hear(message) {
    this.position = { ...this.position, offset: message.offset };
    this.dispatchEvent(Object.assign(new Event('message'), { message: structuredClone(message) }));
  }

  #whenJoined(action) {
    return new Promise(resolve => {
      const send = () => setTimeout(() => (this.state === 'joined' ? resolve(action()) : this.#waiting.push(send)), 5);
      if (this.state === 'joined') send();
      else this.#waiting.push(send);
    });
  }

  publish(data) {
    const sent = structuredClone(data);
    return this.#whenJoined(() => this.server.publish(this.client, sent));
  }

  history({ before, limit }) {
    return this.#whenJoined(() => {
      const earlier = this.server.log.filter(({ offset }) => offset < before.offset);
      return { messages: structuredClone(earlier.slice(-limit)), more: earlier.length > limit };
    });
  }
}

let seed;
beforeEach(() => {
  seed = 1;
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  mock.method(Math, 'random', () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647);
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const random = below => Math.floor(Math.random() * below);
const texts = ({ board }) => board.items.filter(({ kind }) => kind === 'note').map(({ text }) => text);
async function quiet() {
  for (let i = 0; i < 100; i++) await pass(50);
}

test('a change shows in the other window', async () => {
  const server = new Server();
  const [ada, bob] = [server.enter('ada'), server.enter('bob')];
  await quiet();
  const id = ada.board.addNote({ x: 10, y: 20, text: 'one' });
  assert.deepEqual(texts(ada), ['one'], 'at once in its own window');
  assert.deepEqual(texts(bob), []);
  await quiet();
  bob.board.set(id, { text: 'two', x: 30 });
  bob.board.addStroke('blue', [0, 0, 50, 50]);
  await quiet();
  assert.deepEqual(ada.board.items, bob.board.items);
  assert.deepEqual(ada.board.get(id), { id, kind: 'note', x: 30, y: 20, text: 'two', color: COLORS[0] });
  ada.board.remove(id);
  await quiet();
  assert.deepEqual(texts(bob), []);
  assert.equal(ada.board.waiting + bob.board.waiting, 0);
});

test('of concurrent changes the later in the room\'s order wins', async () => {
  const server = new Server();
  const [ada, bob] = [server.enter('ada'), server.enter('bob')];
  await quiet();
  const id = ada.board.addNote({ text: 'start', x: 1, y: 1 });
  await quiet();
  ada.board.set(id, { text: 'ada' });
  bob.board.set(id, { text: 'bob' });
  ada.board.set(id, { x: 500 });
  await quiet();
  assert.deepEqual(ada.board.items, bob.board.items);
  assert.deepEqual([ada.board.get(id).text, ada.board.get(id).x], ['bob', 500]);
});

test('offline changes merge with those of others', async () => {
  const server = new Server();
  const [ada, bob] = [server.enter('ada'), server.enter('bob')];
  await quiet();
  ada.room.cut();
  ada.board.addNote({ text: 'from ada' });
  bob.board.addNote({ text: 'from bob' });
  await quiet();
  assert.equal(ada.board.waiting, 1);
  ada.room.connect();
  await quiet();
  assert.deepEqual(texts(ada).sort(), ['from ada', 'from bob']);
  assert.deepEqual(ada.board.items, bob.board.items);
});

test('a newcomer starts from a snapshot of a trimmed history', async () => {
  const server = new Server(150);
  const ada = server.enter('ada');
  await quiet();
  ada.board.addNote({ text: 'the first' });
  for (let i = 0; i < 260; i++) {
    ada.board.addNote({ text: `${i}` });
    ada.board.undo();
    if (i % 10 === 0) await quiet();
  }
  await quiet();
  assert.ok(server.log[0].offset > 1);
  ada.room.cut(); // no window can answer
  const bob = server.enter('bob');
  await quiet();
  assert.deepEqual(bob.board.items, ada.board.items);
  assert.deepEqual(texts(bob), ['the first']);
  assert.ok(server.log.filter(({ data }) => data.do === 'snapshot').length <= 3);
});

test('a newcomer asks for a snapshot if the history has none', async () => {
  const server = new Server();
  const others = ['ada', 'bob', 'eve'].map(name => server.enter(name));
  await quiet();
  others[0].board.addNote({ text: 'old' });
  await quiet();
  server.log = []; // the history is trimmed
  const late = server.enter('late');
  await quiet();
  assert.deepEqual(texts(late), ['old']);
  assert.equal(server.log.filter(({ data }) => data.do === 'ask').length, 1);
  assert.ok(server.log.filter(({ data }) => data.do === 'snapshot').length < others.length);
});

test('one answer serves many requests', async () => {
  const server = new Server();
  const { board } = server.enter('ada');
  await quiet();
  board.addNote({ text: 'old' });
  await quiet();
  for (let i = 0; i < 500; i++) server.publish('eve', { do: 'ask' });
  await quiet();
  assert.equal(server.log.filter(({ data }) => data.do === 'snapshot').length, 1);
});

test('an unknown board starts incomplete, and reports it', async () => {
  const server = new Server();
  const ada = server.enter('ada');
  await quiet();
  ada.board.addNote({ text: 'forgotten' });
  await quiet();
  ada.room.cut();
  server.log = [];
  const bob = server.enter('bob');
  let complete;
  bob.board.addEventListener('ready', event => { complete = event.complete; });
  await quiet();
  assert.equal(complete, false);
  bob.board.addNote({ text: 'new' });
  assert.deepEqual(texts(bob), ['new']);
});

test('windows restore the board once after a restart', async () => {
  const server = new Server();
  const all = ['ada', 'bob', 'eve'].map(name => server.enter(name));
  await quiet();
  for (const { board } of all) board.addNote({ text: 'kept' });
  await quiet();
  const rooms = server.restart();
  all[0].board.addNote({ text: 'meanwhile' });
  assert.equal(texts(all[1]).length, 3, 'it does not go away in between');
  for (const room of rooms) {
    room.connect();
    await pass(100);
  }
  assert.equal(texts(all[1]).length >= 3, true);
  await quiet();
  for (const { board } of all) assert.deepEqual(board.items, all[0].board.items);
  assert.deepEqual(texts(all[2]).sort(), ['kept', 'kept', 'kept', 'meanwhile']);
  assert.equal(server.log.filter(({ data }) => data.do === 'carry').length, 1);
});

test('all windows converge under random events', async t => {
  for (let round = 1; round <= 12; round++) {
    seed = round;
    const server = new Server(60 + random(200));
    const all = [1, 2, 3].map(n => server.enter(`c${n}`));
    await quiet();
    for (let step = 0; step < 250; step++) {
      const { board, room } = all[random(all.length)];
      const notes = board.items.filter(({ kind }) => kind === 'note');
      const id = notes[random(notes.length)]?.id;
      switch (random(12)) {
        case 0: case 1: case 2: board.addNote({ x: random(900), y: random(600), text: `${step}` }); break;
        case 3: case 4: case 5: if (id) board.set(id, { x: random(900), y: random(600) }); break;
        case 6: if (id) board.set(id, { text: `${step} again` }); break;
        case 7: if (id) board.remove(id); break;
        case 8: board.addStroke(COLORS[random(5)], Array.from({ length: 40 }, () => random(800))); break;
        case 9: board.undo(); break;
        case 10: if (room.state === 'joined') room.cut(); else room.connect(); break;
        default: if (all.length < 6 && random(10) === 0) all.push(server.enter(`c${all.length + 1}`));
      }
      if (random(200) === 0) server.restart().forEach(cut => cut.connect());
      await pass(random(30));
    }
    for (const { room } of all) if (room.state !== 'joined') room.connect();
    await quiet();
    for (const { board } of all) {
      assert.ok(board.ready);
      assert.equal(board.waiting, 0);
      assert.deepEqual(board.items, all[0].board.items, `round ${round}`);
    }
    t.diagnostic(`round ${round}: ${server.top} messages, ${all.length} windows, ${all[0].board.items.length} things`);
  }
});

test('a full board drops its oldest strokes, never a note', async () => {
  const server = new Server();
  const { board } = server.enter('ada');
  await quiet();
  board.addNote({ text: 'stays' });
  const wild = () => Array.from({ length: 400 }, (_, i) => (i * 7919) % 800);
  for (let i = 0; i < 120; i++) board.addStroke('blue', wild());
  await quiet();
  assert.equal(board.items.filter(({ kind }) => kind === 'note').length, 1);
  assert.ok(board.items.length < 120);
  assert.ok(JSON.stringify(board.items).length < 48 * 1024);
});

test('malformed changes are ignored, oversized ones cut', async () => {
  const server = new Server();
  const { board } = server.enter('ada');
  await quiet();
  const wrong = [
    null, 7, 'add', [], {}, { do: 'add' }, { do: 'add', item: { id: 1, kind: 'note' } }, { do: 'add', item: { id: 'x', kind: 'virus' } },
    { do: 'add', item: { id: 'x', kind: 'stroke', points: [1] } }, { do: 'add', item: { id: 'x', kind: 'stroke', points: [1, 'b'] } },
    { do: 'add', item: { id: 'x'.repeat(25), kind: 'note' } }, { do: 'set', id: 'nobody', to: { x: 1 } }, { do: 'remove', id: {} },
    { do: 'snapshot' }, { do: 'carry', items: [null, 3] }, { do: 'set', id: 'x' },
  ];
  wrong.forEach(data => server.publish('eve', data));
  assert.deepEqual(board.items, []);
  server.publish('eve', { do: 'add', item: { id: 'x', kind: 'note', x: 1e9, y: -5, text: 'a'.repeat(10_000), color: 'red;', extra: 1 } });
  server.publish('eve', { do: 'set', id: 'x', to: { kind: 'stroke', id: 'y', x: NaN, text: null } });
  assert.deepEqual(board.items, [
    { id: 'x', kind: 'note', x: WIDTH - NOTE_WIDTH, y: 0, text: 'a'.repeat(TEXT_LENGTH), color: COLORS[0] }]);
});

test('undo reverts changes of this window, latest first', async () => {
  const server = new Server();
  const { board } = server.enter('ada');
  await quiet();
  const id = board.addNote({ text: 'a', x: 5 });
  board.set(id, { x: 50 });
  board.remove(id);
  board.undo();
  assert.equal(board.get(id).x, 50);
  board.undo();
  assert.equal(board.get(id).x, 5);
  board.undo();
  assert.deepEqual(board.items, []);
  assert.equal(board.canUndo, false);
});

test('a refused change is reverted and reported', async () => {
  const server = new Server();
  const { board, room } = server.enter('ada');
  await quiet();
  room.publish = () => Promise.reject(Object.assign(new Error(), { code: 'forbidden' }));
  const errors = [];
  board.addEventListener('refused', ({ error }) => errors.push(error.code));
  board.addNote({ text: 'no' });
  await settle();
  assert.deepEqual([texts({ board }), errors], [[], ['forbidden']]);
});

test('a simplified stroke keeps its shape', () => {
  const line = Array.from({ length: 100 }, (_, i) => [i, 2 * i]).flat();
  assert.deepEqual(simplified(line), [0, 0, 99, 198]);
  const corner = [...Array.from({ length: 50 }, (_, i) => [i, 0]).flat(), ...Array.from({ length: 50 }, (_, i) => [49, i]).flat()];
  assert.deepEqual(simplified(corner), [0, 0, 49, 0, 49, 49]);
  const wild = Array.from({ length: 4_000 }, (_, i) => (i * 7919) % HEIGHT);
  assert.ok(simplified(wild).length <= 240);
});
