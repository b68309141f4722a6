import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket as Socket } from 'ws';
import * as Y from 'yjs';
import { WebsocketProvider as Provider2 } from 'y-websocket-2';
import { WebsocketProvider as Provider3 } from 'y-websocket';
import { yWebsocket, yWebsocketOf } from './editors.js';
import { scenarios } from './scenarios.js';
import { command, until } from './server-control.js';

scenarios('y-websocket 3.1', yWebsocket, 10);
scenarios('y-websocket 2.1', yWebsocketOf(Provider2), 11);

test('malformed messages close their sender and change nothing', async () => {
  const ports = await command('open?');
  const url = `ws://127.0.0.1:${ports.server}/yjs/doc`;
  const doc = new Y.Doc();
  const provider = new Provider3(`ws://127.0.0.1:${ports.server}/yjs`, 'doc', doc, { disableBc: true, WebSocketPolyfill: Socket });
  try {
    await until(() => provider.synced, 'it is there');
    doc.getText('text').insert(0, 'sound');
    const closing = (send, protocols) => new Promise(resolve => {
      const socket = new WebSocket(url, protocols);
      socket.onopen = () => socket.send(send);
      socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
    const bad = {
      'an unknown kind': [9],
      'nothing': [],
      'a length that the frame does not have': [0, 2, 200, 1, 0],
      'ten million structs': [0, 2, 10, 1, 128, 173, 226, 4, 1, 0, 0, 0, 0, 0],
      'a bad state vector': [0, 0, 2, 5, 1],
      'a bad awareness': [1, 2, 5, 1],
      'more behind it': [0, 2, 2, 0, 0, 0],
    };
    for (const [what, bytes] of Object.entries(bad)) {
      const { code } = await closing(new Uint8Array(bytes));
      assert.equal(code, 1007, what);
    }
    assert.equal((await closing('text')).code, 1003);
    const other = new Y.Doc();
    const second = new Provider3(`ws://127.0.0.1:${ports.server}/yjs`, 'doc', other, { disableBc: true, WebSocketPolyfill: Socket });
    await until(() => other.getText('text').toString() === 'sound', 'the document is as it was');
    second.destroy();
    second.awareness.destroy();
    assert.equal(provider.wsconnected, true);
  } finally {
    provider.destroy();
    provider.awareness.destroy();
    await command('end');
  }
});
