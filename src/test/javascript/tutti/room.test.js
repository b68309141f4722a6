import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { TuttiError } from '../../../../webapp/tutti.js';
import { FakeSocket, again, code, connected, dial, notes, pass, settle, startTheClock, stopTheClock } from './fake.js';

beforeEach(stopTheClock);
afterEach(startTheClock);

/** Returns a client in the room garden. */
async function inTheGarden(welcome, answer) {
  const tutti = await connected({}, welcome);
  const room = tutti.room('garden');
  FakeSocket.last.joined(answer);
  return { tutti, room };
}

const data = ({ message }) => message.data;

// ---- Joining and leaving

test('at most four joins are in flight', async () => {
  const tutti = await dial();
  const rooms = [1, 2, 3, 4, 5, 6].map(i => tutti.room(`r${i}`));
  FakeSocket.last.welcome();
  assert.deepEqual(FakeSocket.last.asked('join').map(frame => frame.room), ['r1', 'r2', 'r3', 'r4']);
  FakeSocket.last.answer('join', { type: 'joined', position: { epoch: 'e', offset: 0 }, recovered: false, messages: [], count: 1 });
  assert.deepEqual(FakeSocket.last.asked('join').map(frame => frame.room), ['r1', 'r2', 'r3', 'r4', 'r5']);
  FakeSocket.last.joined();
  FakeSocket.last.joined();
  assert.deepEqual(rooms.map(room => room.state), Array(6).fill('joined'));
});

test('a name returns the same room object', async () => {
  const tutti = await connected();
  assert.equal(tutti.room('garden'), tutti.room('garden'));
  assert.equal(FakeSocket.last.asked('join').length, 1);
});

test('a room that the client must leave is refused, with its requests', async () => {
  const { room } = await inTheGarden();
  const errors = notes(room, 'error', ({ error }) => error.code);
  const published = code(room.publish('late'));
  FakeSocket.last.say({ type: 'removed', room: 'garden', code: 'forbidden', reason: 'the rights have changed' });
  assert.equal(room.state, 'refused');
  assert.deepEqual(errors, ['forbidden']);
  assert.equal(room.count, 0);
  assert.equal(await published, 'forbidden');
});

const subscription = (room, offset = 4) => FakeSocket.last.say({
  type: 'joined', room, position: { epoch: 'e', offset }, earliest: 1, recovered: false, messages: [], count: 1, members: [],
});

test('a room that the server has joined for the client is there', async () => {
  const tutti = await connected();
  const rooms = notes(tutti, 'subscribed', ({ room }) => room);
  subscription('orders');
  const [room] = rooms;
  assert.equal(room.name, 'orders');
  assert.equal(room.state, 'joined');
  assert.equal(tutti.room('orders'), room);
  assert.equal(FakeSocket.last.asked('join').length, 0);
  const data = notes(room, 'message', ({ message }) => message.data);
  FakeSocket.last.say({ type: 'message', room: 'orders', offset: 5, time: 1, data: 'new' });
  assert.deepEqual(data, ['new']);

  const errors = notes(room, 'error', ({ error }) => error.code);
  const published = code(room.publish('late'));
  FakeSocket.last.say({ type: 'removed', room: 'orders', code: 'unsubscribed', reason: 'the server has ended it' });
  assert.equal(room.state, 'left');
  assert.deepEqual(errors, ['unsubscribed']);
  assert.equal(await published, 'unsubscribed');
  assert.equal(await code(room.publish('later')), 'left');
  subscription('orders');
  assert.equal(rooms.length, 2);
  assert.notEqual(rooms[1], room);
});

test('a room that the client is about to join is joined by its own request', async () => {
  const tutti = await connected();
  const rooms = notes(tutti, 'subscribed', ({ room }) => room);
  const room = tutti.room('garden');
  subscription('garden');
  FakeSocket.last.say({ type: 'message', room: 'garden', offset: 5, time: 1, data: 'early' });
  assert.equal(room.state, 'joining');
  FakeSocket.last.joined();
  assert.equal(room.state, 'joined');
  assert.equal(rooms.length, 0);
});

test('a room that refused the client is joined when the server invites it', async () => {
  const tutti = await connected();
  const room = tutti.room('garden');
  FakeSocket.last.refuse('join', 'forbidden');
  assert.equal(room.state, 'refused');
  subscription('garden');
  assert.equal(FakeSocket.last.asked('join').length, 2);
  FakeSocket.last.joined();
  assert.equal(room.state, 'joined');
});

test('a room that the client may join again is joined, without its state and with its requests', async () => {
  const { room } = await inTheGarden();
  const errors = notes(room, 'error', ({ error }) => error.code);
  room.setState('here');
  const published = room.publish('late');
  const [request] = FakeSocket.last.asked('publish');
  FakeSocket.last.say({ type: 'removed', room: 'garden', code: 'rejoin', reason: 'the rights have changed' });
  assert.deepEqual(errors, ['rejoin']);
  assert.equal(room.state, 'joining');
  assert.equal(FakeSocket.last.asked('join').at(-1).state, undefined);
  FakeSocket.last.say({ type: 'error', id: request.id, code: 'not_joined', message: '' });
  FakeSocket.last.joined();
  assert.equal(room.state, 'joined');
  assert.deepEqual(FakeSocket.last.asked('publish').map(({ key }) => key), [request.key, request.key]);
  FakeSocket.last.answer('publish', { type: 'ok', position: { epoch: 'e', offset: 1 } });
  assert.deepEqual(await published, { epoch: 'e', offset: 1 });
});

test('a room of which the server has missed messages is joined again, with its state and from the last position', async () => {
  const { room } = await inTheGarden();
  const errors = notes(room, 'error', ({ error }) => error.code);
  room.setState('here');
  const position = room.position;
  FakeSocket.last.say({ type: 'removed', room: 'garden', code: 'lost', reason: 'the server has missed messages' });
  assert.equal(room.state, 'joining');
  const join = FakeSocket.last.asked('join').at(-1);
  assert.deepEqual(join.since, position);
  assert.equal(join.state, 'here');
  assert.deepEqual(errors, []);
});

test('a full room reports an error and is retried', async () => {
  const tutti = await connected();
  const room = tutti.room('garden');
  const errors = notes(room, 'error', ({ error }) => error);
  FakeSocket.last.refuse('join', 'limit_exceeded');
  assert.equal(room.state, 'joining');
  assert.equal(errors.length, 1);
  assert.ok(errors[0] instanceof TuttiError);
  assert.deepEqual({ code: errors[0].code, message: errors[0].message }, { code: 'limit_exceeded', message: 'for limit_exceeded' });
  await pass(999);
  assert.equal(FakeSocket.last.asked('join').length, 1);
  await pass(1);
  assert.equal(FakeSocket.last.asked('join').length, 2);
  FakeSocket.last.refuse('join', 'limit_exceeded');
  await pass(1_499);
  assert.equal(FakeSocket.last.asked('join').length, 2);
  await pass(1);
  FakeSocket.last.joined();
  assert.equal(room.state, 'joined');
});

test('a room that is unavailable is retried', async () => {
  const tutti = await connected();
  const room = tutti.room('garden');
  FakeSocket.last.refuse('join', 'unavailable');
  assert.equal(room.state, 'joining');
  await pass(1_000);
  FakeSocket.last.joined();
  assert.equal(room.state, 'joined');
});

test('a refused room is retried only on the next connection', async () => {
  const tutti = await connected();
  const room = tutti.room('garden');
  const before = code(room.publish(1));
  FakeSocket.last.refuse('join', 'forbidden');
  assert.equal(room.state, 'refused');
  assert.equal(await before, 'forbidden');
  assert.equal(await code(room.publish(2)), 'forbidden');
  await pass(60_000);
  assert.equal(FakeSocket.last.asked('join').length, 1);
  FakeSocket.last.end(1001);
  await again();
  FakeSocket.last.joined();
  assert.equal(room.state, 'joined');
});

test('leave rejects requests, the next join waits for its answer', async () => {
  const { tutti, room } = await inTheGarden();
  const publishing = code(room.publish(1));
  const leaving = room.leave();
  assert.equal(await publishing, 'left');
  assert.equal(room.state, 'left');
  assert.equal(await code(room.publish(2)), 'left');

  const next = tutti.room('garden');
  assert.notEqual(next, room);
  const heard = notes(next, 'message', data);
  FakeSocket.last.message(1);
  assert.equal(FakeSocket.last.asked('join').length, 1);
  FakeSocket.last.answer('leave');
  await leaving;
  FakeSocket.last.joined({ position: { epoch: 'e', offset: 1 } });
  FakeSocket.last.message(2);
  assert.deepEqual(heard, [2]);
  await room.leave();
});

test('a leave during a join follows the join', async () => {
  const tutti = await connected();
  const leaving = tutti.room('garden').leave();
  assert.equal(FakeSocket.last.asked('leave').length, 0);
  FakeSocket.last.joined();
  FakeSocket.last.answer('leave');
  await leaving;
});

test('leave resolves at once without a connection', async () => {
  const tutti = await dial();
  await tutti.room('garden').leave();
  FakeSocket.last.welcome();
  assert.equal(FakeSocket.last.frames.length, 0);
});

// ---- Receiving

test('duplicate messages are ignored', async () => {
  const { room } = await inTheGarden();
  const heard = notes(room, 'message', data);
  for (const offset of [1, 2, 2, 1, 3]) FakeSocket.last.message(offset);
  assert.deepEqual(heard, [1, 2, 3]);
  assert.deepEqual(room.position, { epoch: 'e', offset: 3 });
});

test('a gap causes a reconnection that recovers it', async () => {
  const { tutti, room } = await inTheGarden();
  const heard = notes(room, 'message', data);
  FakeSocket.last.message(1);
  FakeSocket.last.message(3);
  assert.equal(tutti.state, 'waiting');
  await again();
  assert.deepEqual(FakeSocket.last.asked('join')[0].since, { epoch: 'e', offset: 1 });
  FakeSocket.last.joined({ recovered: true, position: { epoch: 'e', offset: 3 }, messages: [{ offset: 2, data: 2 }, { offset: 3, data: 3 }] });
  FakeSocket.last.message(4);
  assert.deepEqual(heard, [1, 2, 3, 4]);
});

test('joined precedes the recovered messages', async () => {
  const { room } = await inTheGarden({}, { position: { epoch: 'e', offset: 7 } });
  const told = [];
  room.addEventListener('joined', ({ first, recovered, missed }) => told.push({ first, recovered, missed }));
  room.addEventListener('message', ({ message }) => told.push([message.data, room.position.offset, message.room]));
  FakeSocket.last.end(1006);
  await again();
  FakeSocket.last.joined({ recovered: true, position: { epoch: 'e', offset: 9 }, messages: [{ offset: 8, data: 'a' }, { offset: 9, data: 'b' }] });
  assert.deepEqual(told, [{ first: false, recovered: true, missed: 2 }, ['a', 8, 'garden'], ['b', 9, 'garden']]);
});

test('a new epoch resets the position', async () => {
  const { room } = await inTheGarden({}, { position: { epoch: 'e', offset: 7 } });
  const joined = notes(room, 'joined', ({ first, recovered, missed }) => ({ first, recovered, missed }));
  const heard = notes(room, 'message', data);
  FakeSocket.last.end(1001);
  await again();
  FakeSocket.last.joined({ position: { epoch: 'f', offset: 1 } });
  FakeSocket.last.message(2);
  assert.deepEqual(joined, [{ first: false, recovered: false, missed: 0 }]);
  assert.deepEqual(heard, [2]);
  assert.deepEqual(room.position, { epoch: 'f', offset: 2 });
});

test('since continues an earlier visit', async () => {
  const tutti = await connected();
  const room = tutti.room('garden', { since: { epoch: 'e', offset: 3 } });
  const heard = notes(room, 'message', data);
  assert.deepEqual(FakeSocket.last.asked('join')[0].since, { epoch: 'e', offset: 3 });
  FakeSocket.last.joined({ recovered: true, position: { epoch: 'e', offset: 4 }, messages: [{ offset: 4, data: 'missed' }] });
  assert.deepEqual(heard, ['missed']);
});

test('an interrupted recovery continues on the next join', async () => {
  const { tutti, room } = await inTheGarden();
  const heard = notes(room, 'message', data);
  room.addEventListener('message', () => heard.length === 1 && tutti.pause());
  const messages = [1, 2, 3].map(offset => ({ offset, data: offset }));
  FakeSocket.last.end(1006);
  await again();
  FakeSocket.last.joined({ recovered: true, position: { epoch: 'e', offset: 3 }, messages });
  assert.deepEqual(heard, [1]);
  tutti.connect();
  await settle();
  FakeSocket.last.welcome();
  assert.equal(FakeSocket.last.asked('join')[0].since.offset, 1);
  FakeSocket.last.joined({ recovered: true, position: { epoch: 'e', offset: 3 }, messages: messages.slice(1) });
  assert.deepEqual(heard, [1, 2, 3]);
});

// ---- Publishing

test('offline publications are sent later, in order, with keys', async () => {
  const tutti = await dial();
  const room = tutti.room('garden');
  const all = [1, 2, 3].map(n => room.publish(n));
  FakeSocket.last.welcome();
  FakeSocket.last.joined();
  const sent = FakeSocket.last.asked('publish');
  assert.deepEqual(sent.map(frame => frame.data), [1, 2, 3]);
  assert.equal(new Set(sent.map(frame => frame.key)).size, 3);
  assert.ok(sent.every(frame => frame.key.length <= 64));
  FakeSocket.last.answer('publish', { position: { epoch: 'e', offset: 1 } }, 3);
  assert.deepEqual(await Promise.all(all), Array(3).fill({ epoch: 'e', offset: 1 }));
});

test('unanswered publications are resent first, with the same key', async () => {
  const { room } = await inTheGarden();
  room.publish('answered');
  room.publish('in doubt');
  FakeSocket.last.answer('publish', { position: { epoch: 'e', offset: 1 } });
  const [, doubted] = FakeSocket.last.asked('publish');
  FakeSocket.last.end(1006);
  room.publish('new');
  await again();
  FakeSocket.last.joined();
  const [first, second, ...more] = FakeSocket.last.asked('publish');
  assert.deepEqual([first.data, second.data, more.length], ['in doubt', 'new', 0]);
  assert.equal(first.key, doubted.key);
  assert.notEqual(second.key, doubted.key);
});

test('a given key is used', async () => {
  const { room } = await inTheGarden();
  room.publish(1, { key: 'mine' });
  assert.equal(FakeSocket.last.asked('publish')[0].key, 'mine');
});

test('data is serialized when publish is called', async () => {
  const { room } = await inTheGarden();
  FakeSocket.last.end(1006);
  const changing = { n: 1 };
  room.publish(changing);
  changing.n = 2;
  await again();
  FakeSocket.last.joined();
  assert.deepEqual(FakeSocket.last.asked('publish')[0].data, { n: 1 });
});

test('rate_limited publications are resent in order', async () => {
  const { room } = await inTheGarden();
  const all = Promise.all([1, 2, 3].map(n => room.publish(n)));
  FakeSocket.last.answer('publish', { position: { epoch: 'e', offset: 1 } });
  FakeSocket.last.refuse('publish', 'rate_limited', 2);
  await pass(999);
  assert.equal(FakeSocket.last.asked('publish').length, 3);
  await pass(1);
  assert.deepEqual(FakeSocket.last.asked('publish').map(frame => frame.data), [1, 2, 3, 2, 3]);
  FakeSocket.last.answer('publish', { position: { epoch: 'e', offset: 2 } }, 2);
  await all;
});

test('the client stays below the rate limit of the welcome, with half a second to spare', async () => {
  const { room } = await inTheGarden({ limits: { messagesPerSecond: 20 } });
  const sentAfter = async millis => {
    for (let passed = 0; passed < millis; passed += 50) {
      FakeSocket.last.answer('publish', { position: { epoch: 'e', offset: 1 } }, 8);
      await pass(50);
    }
    return FakeSocket.last.frames.length;
  };
  for (let i = 0; i < 200; i++) room.publish(i);
  assert.equal(FakeSocket.last.asked('publish').length, 8, 'and never more than eight without an answer');
  assert.ok(await sentAfter(1_000) <= 30);
  const after = await sentAfter(5_000);
  assert.ok(after > 120 && after <= 130, `${after} in six seconds`);
});

test('other refusals reject their promise', async () => {
  const { room } = await inTheGarden();
  const result = room.publish(1);
  FakeSocket.last.refuse('publish', 'forbidden');
  await assert.rejects(result, { name: 'TuttiError', code: 'forbidden', message: 'for forbidden' });
});

test('a message that is too large is not sent', async () => {
  const { room } = await inTheGarden({ limits: { messageBytes: 200 } });
  assert.equal(await code(room.publish('ä'.repeat(90))), 'too_large');
  room.publish('ä'.repeat(30));
  assert.equal(FakeSocket.last.asked('publish').length, 1);
});

test('after 1009 the largest request fails, others are resent', async () => {
  const { room } = await inTheGarden();
  const large = code(room.publish('x'.repeat(1000)));
  await settle(); // each in a frame of its own
  const small = code(room.publish('y'));
  FakeSocket.last.end(1009);
  assert.equal(await large, 'too_large');
  await again();
  FakeSocket.last.joined();
  assert.deepEqual(FakeSocket.last.asked('publish').map(frame => frame.data), ['y']);
  FakeSocket.last.answer('publish', { position: { epoch: 'e', offset: 1 } });
  assert.equal(await small, 'ok');
});

test('at most 1,000 requests wait', async () => {
  const tutti = await dial();
  const room = tutti.room('garden');
  for (let i = 0; i < 1_000; i++) room.publish(i);
  assert.equal(await code(room.publish('one more')), 'overflow');
});

test('at most 1 MiB of requests waits', async () => {
  const tutti = await dial();
  const room = tutti.room('garden');
  const large = code(room.publish('x'.repeat(1_000_000)));
  assert.equal(await code(room.publish('x'.repeat(50_000))), 'overflow');
  tutti.close();
  assert.equal(await large, 'closed');
  assert.equal(await code(room.publish(1)), 'closed');
});

test('data that is not JSON is rejected', async () => {
  const { room } = await inTheGarden();
  await assert.rejects(room.publish(1n), TypeError);
});

test('an ignored promise causes no unhandled rejection', async t => {
  let bothered = 0;
  const count = () => bothered++;
  process.on('unhandledRejection', count);
  t.after(() => process.off('unhandledRejection', count));
  const { tutti, room } = await inTheGarden();
  room.publish(1);
  room.history();
  tutti.close();
  await settle();
  assert.equal(bothered, 0);
});

// ---- History

test('history requests are resent after a reconnection', async () => {
  const { room } = await inTheGarden();
  const reading = room.history({ before: { epoch: 'e', offset: 9 }, limit: 5 });
  FakeSocket.last.end(1006);
  await again();
  FakeSocket.last.joined();
  const [asked] = FakeSocket.last.asked('history');
  assert.deepEqual([asked.before, asked.limit, asked.since], [{ epoch: 'e', offset: 9 }, 5, undefined]);
  const position = { epoch: 'e', offset: 20 };
  FakeSocket.last.answer('history', {
    type: 'history', messages: [{ offset: 8, time: 1, data: 'd' }], more: true, recovered: true, position, earliest: 3,
  });
  assert.deepEqual(await reading, {
    messages: [{ room: 'garden', offset: 8, time: 1, data: 'd' }], more: true, recovered: true, position, earliest: 3,
  });
});

// ---- Presence

test('members follow the events of the server', async () => {
  const { room } = await inTheGarden({}, { members: [{ client: 'c1', user: 'u' }, { client: 'c2', user: 'v', state: 1 }] });
  const changes = notes(room, 'members', ({ client }) => [client, room.count]);
  FakeSocket.last.say({ type: 'entered', room: 'garden', client: 'c3', user: 'w', state: 'new' });
  FakeSocket.last.say({ type: 'presence', room: 'garden', client: 'c2', user: 'v' });
  FakeSocket.last.say({ type: 'left', room: 'garden', client: 'c1', user: 'u' });
  assert.deepEqual(changes, [['c3', 3], ['c2', 3], ['c1', 2]]);
  assert.deepEqual([...room.members.values()], [
    { client: 'c2', user: 'v', state: undefined }, { client: 'c3', user: 'w', state: 'new' }]);

  FakeSocket.last.say({ type: 'members', room: 'garden', count: 501 });
  assert.deepEqual([room.count, room.members.size], [501, 0]);
  FakeSocket.last.say({ type: 'members', room: 'garden', count: 1, members: [{ client: 'c3', user: 'w' }] });
  assert.deepEqual([room.count, [...room.members.keys()]], [1, ['c3']]);
});

test('state is sent with the join, then at most every 16 ms', async () => {
  const tutti = await connected();
  const room = tutti.room('garden', { state: { x: 0 } });
  assert.deepEqual(FakeSocket.last.asked('join')[0].state, { x: 0 });
  room.setState({ x: 1 });
  FakeSocket.last.joined();
  const states = () => FakeSocket.last.asked('state').map(frame => frame.state?.x);
  assert.deepEqual(states(), [1]);
  for (let x = 2; x < 10; x++) room.setState({ x });
  assert.deepEqual(states(), [1]);
  await pass(15);
  assert.deepEqual(states(), [1]);
  await pass(1);
  assert.deepEqual(states(), [1, 9]);
  room.setState({ x: 9 });
  await pass(16);
  assert.deepEqual(states(), [1, 9], 'an equal state is not sent');
  room.setState(null);
  assert.deepEqual(states(), [1, 9, undefined]);
});

test('state is sent again after a reconnection', async () => {
  const { room } = await inTheGarden();
  room.setState({ x: 1 });
  FakeSocket.last.end(1006);
  room.setState({ x: 2 });
  await again();
  assert.deepEqual(FakeSocket.last.asked('join')[0].state, { x: 2 });
  FakeSocket.last.joined();
  await pass(100);
  assert.equal(FakeSocket.last.asked('state').length, 0);
});

test('rate_limited states are resent, refused ones reported', async () => {
  const { room } = await inTheGarden();
  const errors = notes(room, 'error', ({ error }) => error.code);
  room.setState({ x: 1 });
  FakeSocket.last.say({ type: 'error', room: 'garden', code: 'rate_limited', message: '' });
  await pass(1_000);
  assert.equal(FakeSocket.last.asked('state').length, 2);
  FakeSocket.last.say({ type: 'error', room: 'garden', code: 'too_large', message: '' });
  assert.deepEqual(errors, ['too_large']);
  assert.equal(room.state, 'joined');
});

test('a state that is too large is not sent', async () => {
  const tutti = await connected({}, { limits: { messagesPerSecond: 200, stateBytes: 20 } });
  const room = tutti.room('garden', { state: 'x'.repeat(30) });
  const errors = notes(room, 'error', ({ error }) => error.code);
  assert.equal(FakeSocket.last.asked('join')[0].state, undefined);
  FakeSocket.last.joined();
  room.setState({ x: 1 });
  await pass(16);
  room.setState('y'.repeat(30));
  await pass(16);
  assert.deepEqual(FakeSocket.last.asked('state').map(({ state }) => state), [{ x: 1 }]);
  assert.deepEqual(errors, ['too_large']);
});

test('an error without a request goes to the connection', async () => {
  const tutti = await connected();
  const errors = notes(tutti, 'error', ({ error }) => error.code);
  FakeSocket.last.say({ type: 'error', code: 'unknown_type', message: '' });
  assert.deepEqual(errors, ['unknown_type']);
});
