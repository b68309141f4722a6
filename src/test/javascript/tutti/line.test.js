import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Tutti } from '../../../../webapp/tutti.js';
import { FakeSocket, again, connected, dial, notes, pass, settle, sleep, startTheClock, stopTheClock } from './fake.js';

beforeEach(stopTheClock);
afterEach(startTheClock);

test('the handshake has tutti.v1, and neither guest nor token', async () => {
  await dial({ guest: 'a-secret-of-16-or-more', token: async () => 'T1' });
  const { url, protocol } = FakeSocket.last;
  assert.equal(protocol, 'tutti.v1');
  assert.equal(url.href, 'ws://tutti.test/connect');
});

test('the first request names the guest', async () => {
  const tutti = await connected({ guest: 'a-secret-of-16-or-more' });
  await settle();
  assert.deepEqual(FakeSocket.last.guest, { type: 'authenticate', id: 'token', guest: 'a-secret-of-16-or-more' });
  assert.equal(tutti.state, 'open');
  FakeSocket.last.say({ type: 'ok', id: 'token', user: 'guest:abc' });
  assert.equal(tutti.user, 'guest:abc');
});

test('a refused guest stays connected without a name', async () => {
  const tutti = await connected();
  await settle();
  FakeSocket.last.say({ type: 'error', id: 'token', code: 'rate_limited', message: 'too many' });
  assert.equal(tutti.state, 'open');
});

test('a generated guest secret is kept for reconnections', async () => {
  await connected();
  await settle();
  const { guest } = FakeSocket.last;
  assert.match(guest.guest, /^[A-Za-z0-9_-]{16,64}$/);
  FakeSocket.last.end(1006);
  await again();
  await settle();
  assert.deepEqual(FakeSocket.last.guest, guest);
});

test('a missing WebSocket is an error', () => {
  const there = globalThis.WebSocket;
  try {
    globalThis.WebSocket = undefined;
    assert.throws(() => new Tutti('http://tutti.test/connect'), /no global WebSocket/);
  } finally {
    globalThis.WebSocket = there;
  }
});

test('the connection is open after the welcome', async () => {
  const tutti = await dial();
  const states = notes(tutti, 'state', () => [tutti.state, tutti.client]);
  FakeSocket.last.readyState = 1;
  assert.equal(tutti.state, 'connecting');
  FakeSocket.last.welcome();
  assert.deepEqual(states, [['open', 'c1']]);
  assert.equal(tutti.server, 'Fake/1');
  assert.equal(tutti.limits.messageBytes, 65_536);
  assert.equal(tutti.reason, '');
});

test('pauses grow to 15 s and reset after a stable connection', async () => {
  const tutti = await dial();
  const pauses = [];
  for (let i = 0; i < 9; i++) {
    FakeSocket.last.end(1006);
    pauses.push(tutti.retryAt - Date.now());
    assert.equal(tutti.state, 'waiting');
    await pass(pauses.at(-1));
    assert.equal(tutti.state, 'connecting');
  }
  assert.deepEqual(pauses, [125, 250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);

  FakeSocket.last.welcome();
  FakeSocket.last.end(1006);
  assert.equal(tutti.retryAt - Date.now(), 7500, 'it did not last');
  await again();
  for (let i = 0; i < 3; i++) await pass(2000);
  FakeSocket.last.end(1006);
  assert.equal(tutti.retryAt - Date.now(), 125);
});

test('a refused handshake is not called a lost connection', async () => {
  const tutti = await dial();
  FakeSocket.last.end(1006); // as after an answer of 503
  assert.equal(tutti.reason, 'The server cannot be reached, or is full.');
  await again();
  FakeSocket.last.end(1006);
  assert.equal(tutti.reason, 'The connection was lost.');
});

test('an unanswered handshake ends after 10 s', async () => {
  const tutti = await dial();
  await pass(9_999);
  assert.equal(tutti.state, 'connecting');
  await pass(1);
  assert.equal(tutti.state, 'waiting');
  assert.equal(tutti.reason, 'The server did not answer.');
});

for (const code of [1000, 1002, 1003, 1007, 1008, 1009, 4401, 4403, 4409]) {
  test(`${code} closes until connect`, async () => {
    const tutti = await connected();
    FakeSocket.last.end(code, 'the rule is this');
    assert.equal(tutti.state, 'closed');
    assert.match(tutti.reason, new RegExp(`${code}: the rule is this`));
    await pass(60_000);
    assert.equal(FakeSocket.all.length, 1);

    tutti.connect();
    await settle();
    FakeSocket.last.welcome();
    assert.equal(tutti.state, 'open');
  });
}

for (const code of [1001, 1006, 1011, 1012, 4999]) {
  test(`${code} reconnects`, async () => {
    const tutti = await connected();
    FakeSocket.last.end(code);
    assert.equal(tutti.state, 'waiting');
    assert.notEqual(tutti.reason, '');
    await again();
    assert.equal(tutti.state, 'open');
  });
}

test('after 1013 the pause is at least five seconds', async () => {
  await asInAPage(async page => {
    const tutti = await connected();
    FakeSocket.last.end(1013);
    assert.equal(tutti.retryAt - Date.now(), 5125);
    page.dispatchEvent(new Event('visibilitychange'));
    await pass(5_124);
    assert.equal(FakeSocket.all.length, 1);
    await pass(1);
    assert.equal(FakeSocket.all.length, 2);
  });
});

test('after 4401 the client waits for a new token', async () => {
  let tokens = 0;
  let signedIn;
  const tutti = await connected({ token: () => (tokens++ ? new Promise(resolve => { signedIn = resolve; }) : 'first') });
  FakeSocket.last.end(4401, 'expired');
  assert.equal(tutti.state, 'waiting');
  assert.match(tutti.reason, /expired/);
  await pass(60_000);
  assert.equal(FakeSocket.all.length, 1);
  signedIn('second');
  await settle();
  FakeSocket.last.welcome();
  assert.deepEqual(FakeSocket.last.asked('authenticate').map(({ token }) => token), ['second']);
});

test('a token is the first request, and its answer opens the connection', async () => {
  const tutti = await connected({ token: () => 'T1' });
  tutti.room('garden');
  assert.deepEqual(FakeSocket.last.frames, [{ type: 'authenticate', id: 'token', token: 'T1' }]);
  assert.equal(tutti.state, 'connecting');
  FakeSocket.last.answer('authenticate', { user: 'ann', expires: 1 });
  assert.equal(tutti.state, 'open');
  assert.equal(tutti.user, 'ann');
  assert.equal(FakeSocket.last.asked('join').length, 1);
});

test('a refused token is followed by the next one', async () => {
  let tokens = 0;
  const tutti = await connected({ token: () => `T${++tokens}` });
  FakeSocket.last.refuse('authenticate', 'unauthenticated');
  assert.equal(tutti.state, 'waiting');
  assert.match(tutti.reason, /for unauthenticated/);
  await again();
  assert.equal(FakeSocket.last.asked('authenticate')[0].token, 'T2');
});

test('a token that ends soon is renewed on the connection', async () => {
  let tokens = 0;
  const tutti = await connected({ token: () => `T${++tokens}` });
  FakeSocket.last.answer('authenticate', { user: 'ann' });
  FakeSocket.last.say({ type: 'expiring', seconds: 25 });
  await settle();
  assert.deepEqual(FakeSocket.last.asked('authenticate').map(({ token }) => token), ['T1', 'T2']);
  FakeSocket.last.answer('authenticate', { user: 'ann' });
  assert.equal(tutti.state, 'open');
  assert.equal(FakeSocket.all.length, 1);
});

test('a token that cannot be renewed leaves the connection alone', async () => {
  let tokens = 0;
  const tutti = await connected({ token: () => { if (tokens++) throw new Error('the office is closed'); return 'T1'; } });
  FakeSocket.last.answer('authenticate', { user: 'ann' });
  FakeSocket.last.say({ type: 'expiring', seconds: 25 });
  await settle();
  assert.equal(tutti.state, 'open');
});

test('a failed token request is retried', async () => {
  let tokens = 0;
  const tutti = await dial({ token: () => { if (!tokens++) throw new Error('the office is closed'); return 'T'; } });
  assert.equal(tutti.state, 'waiting');
  assert.match(tutti.reason, /the office is closed/);
  await again();
  FakeSocket.last.answer('authenticate');
  assert.equal(tutti.state, 'open');
});

test('a silent server is pinged, then dropped', async () => {
  const tutti = await connected();
  for (let i = 0; i < 4; i++) await pass(2_000);
  assert.equal(FakeSocket.last.asked('ping').length, 0);
  await pass(2_000);
  assert.equal(FakeSocket.last.asked('ping').length, 1);
  FakeSocket.last.answer('ping');

  for (let i = 0; i < 5; i++) await pass(2_000);
  assert.equal(FakeSocket.last.asked('ping').length, 2);
  await pass(9_999);
  assert.equal(tutti.state, 'open');
  await pass(1);
  assert.equal(tutti.state, 'waiting');
  assert.equal(tutti.reason, 'The server went silent.');
});

test('the connection is checked after a sleep', async () => {
  const tutti = await connected();
  await sleep(3_600_000);
  assert.equal(FakeSocket.last.asked('ping').length, 1);
  FakeSocket.last.answer('ping');
  await pass(2_500);
  assert.equal(tutti.state, 'open');

  await sleep(3_600_000);
  assert.equal(FakeSocket.last.asked('ping').length, 2);
  await pass(2_500);
  assert.equal(tutti.state, 'waiting');
});

test('a page that becomes visible pings a silent server', async () => {
  await asInAPage(async page => {
    const tutti = await connected();
    page.dispatchEvent(new Event('visibilitychange'));
    assert.equal(FakeSocket.last.asked('ping').length, 0);
    await pass(1_999);
    await pass(1_999);
    page.dispatchEvent(new Event('visibilitychange'));
    assert.equal(FakeSocket.last.asked('ping').length, 1);
    await pass(2_500);
    assert.equal(tutti.state, 'waiting');
  });
});

test('a hidden page waits longer, a visible one connects at once', async () => {
  await asInAPage(async page => {
    const tutti = await connected();
    page.hidden = true;
    FakeSocket.last.end(1001);
    assert.equal(tutti.retryAt - Date.now(), 7500);
    page.hidden = false;
    page.dispatchEvent(new Event('visibilitychange'));
    assert.equal(tutti.state, 'connecting');
  });
});

test('a hidden page reconnects with the network', async () => {
  await asInAPage(async page => {
    const tutti = await connected();
    page.hidden = true;
    page.dispatchEvent(new Event('offline'));
    assert.equal(tutti.state, 'offline');
    page.dispatchEvent(new Event('online'));
    assert.equal(tutti.state, 'connecting');
  });
});

test('the client waits for the network', async () => {
  await asInAPage(async page => {
    const tutti = await connected();
    page.dispatchEvent(new Event('offline'));
    assert.equal(tutti.state, 'offline');
    await pass(60_000);
    page.dispatchEvent(new Event('visibilitychange'));
    assert.equal(FakeSocket.all.length, 1);
    page.dispatchEvent(new Event('online'));
    await settle();
    FakeSocket.last.welcome();
    assert.equal(tutti.state, 'open');
  });
});

test('a pause lasts until connect', async () => {
  await asInAPage(async page => {
    const tutti = await connected();
    tutti.pause();
    assert.equal(tutti.state, 'offline');
    assert.equal(FakeSocket.last.readyState, 3);
    page.dispatchEvent(new Event('online'));
    page.dispatchEvent(new Event('pageshow'));
    await pass(60_000);
    assert.equal(FakeSocket.all.length, 1);
    tutti.connect();
    await settle();
    assert.equal(FakeSocket.all.length, 2);
  });
});

test('events of an old connection are ignored', async () => {
  const tutti = await connected();
  const old = FakeSocket.last;
  tutti.pause();
  tutti.connect();
  await settle();
  old.welcome({ client: 'old' });
  old.end(1008);
  assert.equal(tutti.state, 'connecting');
  assert.equal(tutti.client, 'c1');
});

for (const nonsense of ['{', 'null', '7', '"hello"']) {
  test(`a server that sends ${nonsense} is dropped`, async () => {
    const tutti = await connected();
    FakeSocket.last.say(nonsense);
    assert.equal(tutti.state, 'waiting');
  });
}

test('unknown frames and fields are ignored', async () => {
  const tutti = await connected();
  FakeSocket.last.say({ type: 'weather', sky: 'blue' });
  FakeSocket.last.say({ type: 'message', room: 'elsewhere', offset: 1, data: 1 });
  FakeSocket.last.say({ type: 'ok', id: 'never asked' });
  assert.equal(tutti.state, 'open');
});

/** Runs a test with a fake document and navigator. */
async function asInAPage(run) {
  const page = Object.assign(new EventTarget(), { hidden: false, baseURI: 'http://tutti.test/' });
  globalThis.document = page;
  globalThis.addEventListener = page.addEventListener.bind(page);
  try {
    await run(page);
  } finally {
    delete globalThis.document;
    delete globalThis.addEventListener;
  }
}
