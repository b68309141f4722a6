import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as control from './server-control.js';
import { code } from './fake.js';

const { cut, enter, pause, startServer, stopServer, mute, stall, until, withServer } = control;
const skip = control.isThere ? false : 'without TuttiJsIT there is no server';
const withRealServer = (title, settings, run) => test(title, { skip, timeout: 60_000 }, skip ? undefined : withServer(settings, run));
const numbers = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

withRealServer('a publication gets its position and reaches all clients', {}, async ({ direct }) => {
  const ada = await enter(direct(), 'garden');
  const bob = await enter(direct(), 'garden');
  const first = await ada.room.publish({ text: 'hello' });
  const second = await bob.room.publish(['any', { json: null }]);
  assert.equal(second.offset, first.offset + 1);
  assert.equal(second.epoch, first.epoch);
  for (const { heard } of [ada, bob]) {
    await until(() => heard.length === 2);
    assert.deepEqual(heard, [{ text: 'hello' }, ['any', { json: null }]]);
  }
  assert.deepEqual(ada.room.position, second);
});

withRealServer('all clients receive one order that keeps each sender\'s own', {}, async ({ direct }) => {
  const all = await Promise.all(numbers(0, 3).map(() => enter(direct(), 'garden')));
  await Promise.all(all.flatMap(({ room }, who) => numbers(0, 100).map(n => room.publish([who, n]))));
  for (const { heard } of all) {
    await until(() => heard.length === 300);
    assert.deepEqual(heard, all[0].heard);
    for (const who of numbers(0, 3)) {
      assert.deepEqual(heard.filter(([from]) => from === who).map(([, n]) => n), numbers(0, 100));
    }
  }
});

withRealServer('a client that is cut repeatedly receives all messages once', {}, async ({ viaProxy, direct }) => {
  const ada = await enter(viaProxy(), 'garden');
  const bob = await enter(direct(), 'garden');
  const said = [];
  for (const n of numbers(0, 200)) {
    said.push(n);
    await bob.room.publish(n);
    if (n % 40 === 20) await cut();
    await pause(2);
  }
  await until(() => ada.heard.length >= 200);
  assert.deepEqual(ada.heard, said);
  assert.ok(ada.joined.length > 1);
  assert.ok(ada.joined.slice(1).every(({ recovered }) => recovered));
  assert.ok(ada.joined.some(({ missed }) => missed > 0));
});

withRealServer('publications on a broken connection arrive once', {}, async ({ viaProxy, direct }) => {
  const ada = await enter(viaProxy(), 'garden');
  const bob = await enter(direct(), 'garden');
  await mute();
  const answers = ['one', 'two', 'three'].map(text => ada.room.publish(text));
  await until(() => bob.heard.length === 3);
  await cut();
  const positions = await Promise.all(answers);
  assert.deepEqual(positions.map(({ offset }) => offset), [1, 2, 3]);
  await ada.room.publish('four');
  for (const { heard } of [ada, bob]) {
    await until(() => heard.length >= 4);
    assert.deepEqual(heard, ['one', 'two', 'three', 'four']);
  }
});

withRealServer('offline publications arrive later, in order', {}, async ({ viaProxy, direct }) => {
  const tutti = viaProxy();
  const ada = await enter(tutti, 'garden');
  const bob = await enter(direct(), 'garden');
  tutti.pause();
  const answers = Promise.all(numbers(0, 50).map(n => ada.room.publish(n)));
  await bob.room.publish('meanwhile');
  tutti.connect();
  await answers;
  await until(() => ada.heard.length === 51);
  assert.deepEqual(ada.heard, ['meanwhile', ...numbers(0, 50)]);
  assert.deepEqual(ada.joined[1], { first: false, recovered: true, missed: 1 });
});

withRealServer('a restart is reported as not recovered', {}, async ({ viaProxy, direct }) => {
  const ada = await enter(viaProxy(), 'garden');
  const bob = await enter(direct(), 'garden');
  await ada.room.publish('before');
  await until(() => ada.heard.includes('before')); // the acknowledgement may come first
  const { epoch } = ada.room.position;
  await stopServer();
  await until(() => ada.room.state === 'joining');
  const meanwhile = ada.room.publish('meanwhile');
  await startServer();
  await meanwhile;
  await until(() => bob.room.state === 'joined');
  assert.notEqual(ada.room.position.epoch, epoch);
  for (const { joined } of [ada, bob]) assert.deepEqual(joined[1], { first: false, recovered: false, missed: 0 });
  await bob.room.publish('after');
  await until(() => ada.heard.includes('after'));
  assert.deepEqual(ada.heard, ['before', 'meanwhile', 'after']);
});

withRealServer('all clients see members and states', {}, async ({ direct }) => {
  const one = direct({ guest: 'a-guest-of-sixteen-letters' });
  const other = direct({ guest: 'a-guest-of-sixteen-letters' });
  const ada = await enter(one, 'garden', { state: { name: 'Ada' } });
  const again = await enter(other, 'garden');
  const bob = await enter(direct(), 'garden');
  assert.equal(one.user, other.user);
  assert.doesNotMatch(one.user, /sixteen/);
  for (const { room } of [ada, again, bob]) await until(() => room.count === 3);
  assert.deepEqual(bob.room.members.get(one.client), { client: one.client, user: one.user, state: { name: 'Ada' } });

  for (const x of numbers(0, 20)) ada.room.setState({ x });
  await until(() => bob.room.members.get(one.client).state.x === 19);
  other.close();
  await until(() => bob.room.count === 2 && ada.room.count === 2);
  assert.deepEqual(new Set(ada.room.members.keys()), new Set(bob.room.members.keys()));
});

withRealServer('a reconnected client is listed once, with its latest state', {}, async ({ viaProxy, direct }) => {
  const tutti = viaProxy();
  const ada = await enter(tutti, 'garden', { state: 1 });
  const bob = await enter(direct(), 'garden');
  const { client: before, user } = tutti;
  await cut();
  ada.room.setState(2);
  await until(() => tutti.state === 'open' && tutti.client !== before && ada.room.state === 'joined');
  assert.equal(tutti.user, user);
  await until(() => bob.room.count === 2 && bob.room.members.get(tutti.client)?.state === 2);
  assert.equal(bob.room.members.has(before), false);
  assert.equal(bob.room.members.get(tutti.client).user, tutti.user);
});

withRealServer('the history is read in both directions', {}, async ({ direct }) => {
  const { room } = await enter(direct(), 'garden');
  for (const n of numbers(1, 26)) room.publish(n);
  const last = await room.publish('last');

  const back = [];
  for (let page = await room.history({ limit: 10 }); ; page = await room.history({ before: { ...last, offset: back[0].offset }, limit: 10 })) {
    assert.equal(page.recovered, true);
    back.unshift(...page.messages);
    if (!page.more) break;
  }
  assert.deepEqual(back.map(({ data }) => data), [...numbers(1, 26), 'last']);
  assert.deepEqual(Object.keys(back[0]).sort(), ['data', 'from', 'offset', 'room', 'time']);

  const on = [];
  for (let page, since = { ...last, offset: 0 }; !page || page.more; since = { ...last, offset: on.at(-1).offset }) {
    page = await room.history({ since, limit: 10 });
    on.push(...page.messages);
  }
  assert.deepEqual(on, back);
  assert.equal((await room.history({ since: { epoch: 'another', offset: 3 } })).recovered, false);
});

withRealServer('latecomers read the history', {}, async ({ direct }) => {
  const ada = await enter(direct(), 'garden');
  const position = await ada.room.publish('early');
  const bob = await enter(direct(), 'garden');
  assert.deepEqual(bob.joined[0], { first: true, recovered: false, missed: 0 });
  assert.deepEqual((await bob.room.history()).messages.map(({ data }) => data), ['early']);
  const eve = await enter(direct(), 'garden', { since: { ...position, offset: 0 } });
  assert.deepEqual([eve.joined[0], eve.heard], [{ first: true, recovered: true, missed: 1 }, ['early']]);
});

withRealServer('a fast publisher is slowed down, not closed', { 'max-messages-per-second': 50, 'max-message-burst': 50 },
  async ({ direct }) => {
    const tutti = direct();
    const states = [];
    tutti.addEventListener('state', () => states.push(tutti.state));
    const { room, heard } = await enter(tutti, 'garden');
    const start = Date.now();
    await Promise.all(numbers(0, 150).map(n => room.publish(n)));
    assert.ok(Date.now() - start > 1_500);
    await until(() => heard.length === 150);
    assert.deepEqual(heard, numbers(0, 150));
    assert.deepEqual(states, ['open']);
  });

withRealServer('rate_limited publications arrive later, once', { 'max-messages-per-second': 50, 'max-message-burst': 5 },
  async ({ direct }) => {
    const { room, heard } = await enter(direct(), 'garden');
    await Promise.all(numbers(0, 20).map(n => room.publish(n)));
    await until(() => heard.length === 20);
    assert.deepEqual(heard.toSorted((a, b) => a - b), numbers(0, 20));
  });

withRealServer('a full room is joined when a client leaves', { 'max-clients-per-room': 1 }, async ({ direct }) => {
  const ada = await enter(direct(), 'garden');
  const tutti = direct();
  const room = tutti.room('garden');
  const errors = [];
  room.addEventListener('error', ({ error }) => errors.push(error.code));
  await until(() => errors.length > 0);
  assert.equal(errors[0], 'limit_exceeded');
  await ada.room.leave();
  await until(() => room.state === 'joined');
});

withRealServer('an invalid room is refused', {}, async ({ direct }) => {
  const room = direct().room('.hidden');
  assert.equal(await code(room.publish(1)), 'invalid_room');
  assert.equal(room.state, 'refused');
});

withRealServer('rooms of a connection are separate, and all are rejoined', {}, async ({ viaProxy, direct }) => {
  const names = numbers(0, 20).map(n => `room-${n}`);
  const [one, other] = [viaProxy(), direct()];
  const ada = await Promise.all(names.map(name => enter(one, name)));
  const bob = await Promise.all(names.map(name => enter(other, name)));
  await Promise.all(bob.map(({ room }) => room.publish(`first in ${room.name}`)));
  await cut();
  await Promise.all(bob.map(({ room }) => room.publish(`second in ${room.name}`)));
  for (const { room, heard } of ada) {
    await until(() => heard.length === 2);
    assert.deepEqual(heard, [`first in ${room.name}`, `second in ${room.name}`]);
  }
});

withRealServer('no event follows a leave', {}, async ({ direct }) => {
  const tutti = direct();
  const ada = await enter(tutti, 'garden');
  const bob = await enter(direct(), 'garden');
  await until(() => bob.room.count === 2);
  await ada.room.leave();
  await until(() => bob.room.count === 1);
  await bob.room.publish('alone');
  assert.deepEqual(ada.heard, []);
  const again = await enter(tutti, 'garden');
  await again.room.publish('back');
  await until(() => again.heard.length > 0);
  assert.deepEqual(again.heard, ['back']);
});

withRealServer('plain clients receive strings', {}, async ({ direct, plain }) => {
  const { room, heard } = await enter(direct(), 'garden');
  const socket = plain('/ws/garden');
  const plainHeard = [];
  socket.onmessage = ({ data }) => plainHeard.push(data);
  await new Promise(resolve => { socket.onopen = resolve; });
  await until(() => room.count === 2);
  await room.publish({ not: 'a string' });
  await room.publish('a string');
  socket.send('"plain"');
  await until(() => heard.length === 3 && plainHeard.length === 2);
  assert.deepEqual(heard, [{ not: 'a string' }, 'a string', 'plain']);
  assert.deepEqual(plainHeard, ['"a string"', '"plain"']);
  socket.close();
});

withRealServer('only messages that are too large are refused', { 'max-message-bytes': 1_000 }, async ({ direct }) => {
  const { room } = await enter(direct(), 'garden');
  assert.equal(await code(room.publish('x'.repeat(2_000))), 'too_large');
  assert.equal(await code(room.publish('x'.repeat(100))), 'ok');
});

withRealServer('a dead connection is detected and missed messages recovered', {}, async ({ viaProxy, direct }) => {
  const tutti = viaProxy();
  const ada = await enter(tutti, 'garden');
  const bob = await enter(direct(), 'garden');
  await stall();
  await bob.room.publish('unheard');
  await until(() => bob.room.count === 1, 'the server has noticed');
  await cut();
  await until(() => ada.heard.length === 1);
  assert.deepEqual(ada.heard, ['unheard']);
});
