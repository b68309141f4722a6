import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FakeSocket, again, code, connected, notes, settle, startTheClock, stopTheClock } from './fake.js';

beforeEach(stopTheClock);
afterEach(startTheClock);

async function inTheGarden(welcome) {
  const tutti = await connected({}, welcome);
  const room = tutti.room('garden');
  FakeSocket.last.joined();
  await settle();
  FakeSocket.last.sent.length = 0;
  return { tutti, room };
}

/** Returns the types of the requests in each sent frame. */
const sent = () => FakeSocket.last.sent.map(frame => frame.split('\n').map(line => JSON.parse(line).type));
const line = fields => JSON.stringify(fields);
const message = offset => line({ type: 'message', room: 'garden', offset, time: offset, data: offset });

test('the requests of one turn share a frame', async () => {
  const { room } = await inTheGarden();
  room.publish(1);
  room.setState('here');
  room.publish(2);
  assert.deepEqual(sent(), []);
  await settle();
  assert.deepEqual(sent(), [['publish', 'state', 'publish']]);
});

test('publications that waited for the connection share a frame', async () => {
  const { room } = await inTheGarden();
  FakeSocket.last.end(1006);
  for (let i = 0; i < 5; i++) room.publish(i);
  await again();
  FakeSocket.last.joined();
  await settle();
  assert.deepEqual(sent(), [['join'], Array(5).fill('publish')]);
});

test('a frame stays within the limit of the welcome', async () => {
  const messageBytes = 400;
  const { room } = await inTheGarden({ limits: { messageBytes, messagesPerSecond: 0 } });
  for (let i = 0; i < 8; i++) room.publish('é'.repeat(10 * i));
  await settle();
  const sizes = FakeSocket.last.sent.map(frame => Buffer.byteLength(frame));
  assert.ok(sizes.length < 8 && sizes.every(size => size <= messageBytes), `${sizes}`);
  assert.deepEqual(FakeSocket.last.asked('publish').map(frame => frame.data.length), [0, 10, 20, 30, 40, 50, 60, 70]);
});

test('a publication right before close is sent', async () => {
  const { tutti, room } = await inTheGarden();
  const published = code(room.publish('bye'));
  tutti.close();
  assert.deepEqual(sent(), [['publish']]);
  assert.equal(await published, 'closed');
});

test('after 1009 each request has its own frame', async () => {
  const { tutti, room } = await inTheGarden();
  const answers = ['a', 'bb', 'ccc'].map(text => code(room.publish(text)));
  await settle();
  FakeSocket.last.end(1009);
  assert.equal(tutti.state, 'waiting');
  await again();
  FakeSocket.last.joined();
  await settle();
  assert.deepEqual(sent(), [['join'], ['publish'], ['publish'], ['publish']]);
  FakeSocket.last.answer('publish', { position: { epoch: 'e', offset: 1 } }, 2);
  FakeSocket.last.end(1009);
  assert.deepEqual(await Promise.all(answers), ['ok', 'ok', 'too_large']);
});

test('any split of messages into frames causes the same events', async () => {
  const lines = [1, 2, 3].map(message);
  lines.push(line({ type: 'entered', room: 'garden', client: 'c9', user: 'u9' }), message(4), line({ type: 'unknown' }));
  for (let splits = 0; splits < 1 << (lines.length - 1); splits++) {
    FakeSocket.all = [];
    const { room } = await inTheGarden();
    const told = notes(room, 'message', event => event.message.data);
    room.addEventListener('members', ({ client }) => told.push(client));
    let frame = lines[0];
    lines.slice(1).forEach((next, i) => {
      if (splits >> i & 1) FakeSocket.last.say(frame);
      frame = splits >> i & 1 ? next : `${frame}\n${next}`;
    });
    FakeSocket.last.say(frame);
    assert.deepEqual(told, [1, 2, 3, 'c9', 4], `split ${splits}`);
  }
});

test('the rest of a frame is ignored after a pause', async () => {
  const { tutti, room } = await inTheGarden();
  const heard = notes(room, 'message', event => event.message.data);
  room.addEventListener('message', () => heard.length === 2 && tutti.pause());
  FakeSocket.last.say([1, 2, 3].map(message).join('\n'));
  assert.deepEqual(heard, [1, 2]);
  assert.deepEqual(room.position, { epoch: 'e', offset: 2 });
});

for (const nonsense of ['', `${message(1)}\n`, `${message(1)}\n{`]) {
  test(`a server that sends ${JSON.stringify(nonsense.slice(-3))} is dropped`, async () => {
    const { tutti } = await inTheGarden();
    FakeSocket.last.say(nonsense);
    assert.equal(tutti.state, 'waiting');
  });
}
