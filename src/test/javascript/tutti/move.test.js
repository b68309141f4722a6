import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FakeSocket, connected, notes, pass, settle, startTheClock, stopTheClock } from './fake.js';

beforeEach(stopTheClock);
afterEach(startTheClock);

/** Returns a client in the room garden, with its socket and the data of its messages. */
async function inTheGarden(options) {
  const tutti = await connected(options);
  if (options?.token) FakeSocket.last.say({ type: 'ok', id: 'token', user: 'ann' });
  const room = tutti.room('garden');
  const heard = notes(room, 'message', ({ message }) => message.data);
  const old = FakeSocket.last;
  old.joined();
  return { tutti, room, heard, old };
}

/** Leaves the room on a former connection. */
const left = socket => socket.answer('leave', {});

test('a client moves at its time, and is never without a connection', async () => {
  const { tutti, room, heard, old } = await inTheGarden();
  const states = notes(tutti, 'state', () => `${tutti.state} ${tutti.client}`);
  old.say({ type: 'reconnect', after: 2.5 });
  await pass(2_499);
  assert.equal(FakeSocket.all.length, 1);
  await pass(1);
  assert.equal(FakeSocket.all.length, 2);
  old.message(1);
  const next = FakeSocket.last;
  next.welcome();
  assert.deepEqual(next.guest, old.guest);
  assert.deepEqual(next.asked('join').map(({ since }) => since), [{ epoch: 'e', offset: 1 }]);
  old.message(2);
  next.joined({ position: { epoch: 'f', offset: 7 } });
  next.message(8, 'new');
  old.message(3);
  assert.deepEqual(old.asked('leave').map(({ room: name }) => name), ['garden']);
  assert.equal(old.readyState, 1);
  left(old);
  assert.deepEqual(heard, [1, 2, 3, 'new']);
  assert.equal(old.readyState, 3);
  assert.deepEqual(room.position, { epoch: 'f', offset: 8 });
  assert.deepEqual(states, ['open c2']);
  assert.equal(room.state, 'joined');
});

test('requests wait for the new connection, and sent ones for their answers', async () => {
  const { room, old } = await inTheGarden();
  const first = room.publish('first');
  old.say({ type: 'reconnect', after: 0 });
  await pass(1);
  const next = FakeSocket.last;
  next.welcome();
  const second = room.publish('second');
  await settle();
  assert.deepEqual(old.asked('publish').map(({ data }) => data), ['first']);
  assert.deepEqual(next.frames, []);
  old.answer('publish', { position: { epoch: 'e', offset: 1 } });
  assert.deepEqual(await first, { epoch: 'e', offset: 1 });
  next.joined();
  left(old);
  assert.deepEqual(next.asked('publish').map(({ data }) => data), ['second']);
  next.answer('publish', { position: { epoch: 'f', offset: 1 } });
  assert.deepEqual(await second, { epoch: 'f', offset: 1 });
});

test('a request without an answer is repeated after a second', async () => {
  const { room, old } = await inTheGarden();
  const publication = room.publish('lost');
  old.say({ type: 'reconnect', after: 0 });
  await pass(1);
  const next = FakeSocket.last;
  next.welcome();
  await pass(1_000);
  next.joined();
  left(old);
  assert.deepEqual(next.asked('publish')[0].key, old.asked('publish')[0].key);
  next.answer('publish', { position: { epoch: 'f', offset: 1 } });
  assert.deepEqual(await publication, { epoch: 'f', offset: 1 });
});

test('a server that refuses is asked again while the old connection works', async () => {
  const { tutti, heard, old } = await inTheGarden();
  old.say({ type: 'reconnect', after: 0 });
  await pass(1);
  FakeSocket.last.end(1006); // as after an answer of 503
  await pass(125);
  assert.equal(FakeSocket.all.length, 3);
  FakeSocket.last.welcome();
  old.message(1);
  assert.equal(tutti.state, 'open');
  FakeSocket.last.joined();
  left(old);
  assert.deepEqual(heard, [1]);
});

test('a new connection that ends during the handover leaves the old one in use', async () => {
  const { room, old } = await inTheGarden();
  const first = room.publish('first');
  old.say({ type: 'reconnect', after: 0 });
  await pass(1);
  FakeSocket.last.welcome();
  FakeSocket.last.end(1006);
  old.answer('publish', { position: { epoch: 'e', offset: 1 } });
  await first;
  const second = room.publish('second');
  await settle();
  old.answer('publish', { position: { epoch: 'e', offset: 2 } });
  assert.deepEqual(await second, { epoch: 'e', offset: 2 });
});

test('an old connection that ends first is a lost one', async () => {
  const { tutti, old } = await inTheGarden();
  old.say({ type: 'reconnect', after: 0 });
  await pass(1);
  const next = FakeSocket.last;
  old.end(1012);
  assert.equal(tutti.state, 'waiting');
  assert.equal(tutti.reason, 'The server is restarting.');
  assert.equal(next.readyState, 3);
});

test('a client with a token moves once the new server has accepted it', async () => {
  let count = 0;
  const { tutti, old } = await inTheGarden({ token: async () => `T${++count}` });
  old.say({ type: 'reconnect', after: 0 });
  await pass(1);
  const next = FakeSocket.last;
  next.welcome();
  assert.deepEqual(next.frames.map(({ type, token }) => [type, token]), [['authenticate', 'T2']]);
  assert.equal(tutti.client, 'c1');
  next.say({ type: 'ok', id: 'token', user: 'ann' });
  assert.equal(tutti.client, 'c2');
  assert.equal(tutti.user, 'ann');
  assert.equal(next.asked('join').length, 1);
  next.joined();
  left(old);
  assert.equal(old.readyState, 3);
});

test('a former connection that does not answer is dropped', async () => {
  const { room, old } = await inTheGarden();
  old.say({ type: 'reconnect', after: 0 });
  await pass(1);
  FakeSocket.last.welcome();
  FakeSocket.last.joined();
  assert.equal(room.state, 'joining');
  await pass(2_000);
  assert.equal(room.state, 'joined');
  assert.equal(old.readyState, 3);
});

test('a client without rooms drops the old connection at once', async () => {
  const tutti = await connected();
  const old = FakeSocket.last;
  old.say({ type: 'reconnect', after: 0 });
  await pass(1);
  FakeSocket.last.welcome();
  assert.equal(old.readyState, 3);
  assert.equal(tutti.state, 'open');
});

test('a paused client does not move', async () => {
  const { tutti, old } = await inTheGarden();
  old.say({ type: 'reconnect', after: 1 });
  tutti.pause();
  await pass(2_000);
  assert.equal(FakeSocket.all.length, 1);
});
