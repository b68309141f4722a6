import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

let Socket;
let last;

before(async () => {
  globalThis.addEventListener = () => {};
  globalThis.document = { addEventListener() {}, hidden: false };
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true });
  globalThis.WebSocket = class {
    constructor() { last = this; }
    close() {}
  };
  ({ Socket } = await import('../../../../webapp/socket.js'));
});

after(() => ['addEventListener', 'document', 'navigator', 'WebSocket'].forEach(name => delete globalThis[name]));

/** Returns the reason that a socket states after a close. */
function reasonAfter(code, wasOpen) {
  const socket = new Socket('ws://tutti.test/ws');
  socket.connect();
  if (wasOpen) last.onopen();
  last.onclose({ code, reason: '' });
  const { reason } = socket;
  socket.connect(); // ends the timer of the retry
  last.onclose({ code: 1000, reason: '' });
  return reason;
}

test('the reason tells a lost connection from a full server', () => {
  assert.equal(reasonAfter(1006, false), 'The server cannot be reached, or is full.');
  assert.equal(reasonAfter(1006, true), 'The connection was lost.');
  assert.equal(reasonAfter(1013, true), 'The server is full or busy.');
});
