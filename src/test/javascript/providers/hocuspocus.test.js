import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebSocket as Socket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { scenarios } from './scenarios.js';
import { SETTINGS, command, names, pause, same, until, withServer } from './server-control.js';

/** Reconnects sooner than by default, to keep the tests fast. */
const socket = url => new HocuspocusProviderWebsocket({ url, WebSocketPolyfill: Socket, delay: 100, minDelay: 100, jitter: false });

function attached(websocketProvider, name, document, more = {}) {
  const doc = new Y.Doc();
  const provider = new HocuspocusProvider({ websocketProvider, name: document, document: doc, token: 'any', ...more });
  provider.attach();
  return { name, doc, provider, text: doc.getText('text'), awareness: provider.awareness };
}

function hocuspocus(server, name, document, { readOnly } = {}) {
  const websocketProvider = socket(`${server}/hocuspocus${readOnly ? '?access=read' : ''}`);
  const editor = attached(websocketProvider, name, document);
  return {
    ...editor,
    isSynced: () => editor.provider.synced,
    isConnected: () => websocketProvider.status === 'connected' && editor.provider.isAuthenticated,
    connect: () => websocketProvider.connect(),
    disconnect: () => websocketProvider.disconnect(),
    stayAway: () => { websocketProvider.shouldConnect = false; },
    onLost: listener => websocketProvider.on('close', listener),
    destroy: () => {
      editor.provider.destroy();
      websocketProvider.destroy();
    },
  };
}

scenarios('Hocuspocus 4.8', hocuspocus, 12);

const it = (what, run) => test(`Hocuspocus 4.8: ${what}`, withServer(hocuspocus, SETTINGS, run));

it('one socket carries many documents, one of them twice', async ({ direct, ports }) => {
  const shared = socket(`ws://127.0.0.1:${ports.server}/hocuspocus`);
  const editors = [];
  try {
    for (let i = 0; i < 20; i++) editors.push(attached(shared, `e${i}`, `doc-${i}`));
    const twice = [1, 2].map(i => attached(shared, `twice-${i}`, 'both', { sessionAwareness: true }));
    editors.push(...twice);
    await until(() => editors.every(({ provider }) => provider.synced), 'all are there');
    editors.forEach(({ text }, i) => text.insert(0, `text ${i} `));
    await until(() => same(twice) && twice[0].text.length === 'text 20 text 21 '.length, 'the two are one');
    const other = direct('other', 'doc-7');
    await until(() => other.text.toString() === 'text 7 ', 'another has it');
    editors[7].provider.destroy(); // the socket stays
    editors[7].awareness.destroy();
    await until(() => names(other) === 'other', 'it is gone at once');
    other.text.insert(0, 'more ');
    editors[8].text.insert(0, 'still ');
    const eighth = direct('eighth', 'doc-8');
    await until(() => eighth.text.toString() === 'still text 8 ', 'the others go on');
  } finally {
    for (const { provider, awareness, doc } of editors) {
      provider.destroy();
      awareness.destroy();
      doc.destroy();
    }
    shared.destroy();
  }
});

it('changes count as synced once they are stored', async ({ direct }) => {
  const editor = direct('a');
  await until(() => editor.isSynced() && !editor.provider.hasUnsyncedChanges, 'it is there');
  for (let i = 0; i < 50; i++) editor.text.insert(0, 'x');
  assert.equal(editor.provider.unsyncedChanges, 50);
  await until(() => !editor.provider.hasUnsyncedChanges, 'all is stored');
  editor.provider.forceSync();
  await until(() => !editor.provider.hasUnsyncedChanges, 'all is stored still');
});

it('a reader gets its scope, and its writes are refused', async ({ direct }) => {
  const reader = direct('reader', 'doc', { readOnly: true });
  await until(() => reader.isSynced() && !reader.provider.hasUnsyncedChanges, 'it is there');
  assert.equal(reader.provider.authorizedScope, 'readonly');
  reader.text.insert(0, 'x');
  const other = direct('other');
  await until(() => other.isSynced() && names(other) === 'other,reader', 'another is there');
  assert.equal(reader.provider.unsyncedChanges, 1);
});

it('an invalid name is denied, other documents stay', async ({ direct, ports }) => {
  const shared = socket(`ws://127.0.0.1:${ports.server}/hocuspocus`);
  let denied = '';
  const bad = attached(shared, 'bad', '.hidden', { onAuthenticationFailed: ({ reason }) => { denied = reason; } });
  const good = attached(shared, 'good', 'doc');
  try {
    await until(() => good.provider.synced && denied, 'one is there and one is not');
    assert.match(denied, /^not a room name/);
  } finally {
    for (const { provider, awareness } of [bad, good]) {
      provider.destroy();
      awareness.destroy();
    }
    shared.destroy();
  }
});

it('editors of y-websocket and Hocuspocus share a text', async ({ direct, ports }) => {
  const a = direct('a');
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`ws://127.0.0.1:${ports.server}/yjs`, 'doc', doc, { disableBc: true, WebSocketPolyfill: Socket });
  try {
    provider.awareness.setLocalState({ name: 'b' });
    const b = { text: doc.getText('text'), awareness: provider.awareness };
    await until(() => a.isSynced() && provider.synced && names(a) === 'a,b' && names(b) === 'a,b', 'they see each other');
    for (let i = 0; i < 30; i++) {
      a.text.insert(0, 'a');
      b.text.insert(b.text.length, 'b');
      await pause(1);
    }
    await until(() => same([a, b]) && a.text.length === 60, 'both have all');
  } finally {
    provider.destroy();
    provider.awareness.destroy();
  }
});

test('protocol errors close with codes of Hocuspocus', async () => {
  const ports = await command('open?max-update-bytes=100000&max-messages-per-second=0');
  const url = `ws://127.0.0.1:${ports.server}/hocuspocus`;
  const name = [3, 100, 111, 99]; // doc
  const token = [...name, 2, 0, 0];
  const closing = (...messages) => new Promise(resolve => {
    const socket = new Socket(url);
    socket.onopen = () => messages.forEach(message => socket.send(typeof message === 'string' ? message : new Uint8Array(message)));
    socket.onclose = ({ code }) => resolve(code);
  });
  const update = [...name, 0, 2, 2, 0, 0];
  try {
    const bad = {
      'no name': [4401, [200, 1]],
      'nothing': [4401, []],
      'a name that is far too long': [4401, [200, 4, ...new Array(584).fill(97)]],
      'a message that is for servers only': [4205, token, [...name, 6, 1, 97]],
      'an unknown kind': [4205, token, [...name, 99]],
      'an authentication that is for clients only': [4205, [...name, 2, 2, 0]],
      'a length that the frame does not have': [4205, token, [...name, 0, 2, 200, 1, 0]],
      'ten million structs': [4205, token, [...name, 0, 2, 10, 1, 128, 173, 226, 4, 1, 0, 0, 0, 0, 0]],
      'messages before authentication': [4205, ...new Array(1001).fill(update)],
      'bytes before authentication': [4205, ...new Array(11).fill([...name, 0, 2, ...new Array(10_000).fill(1)])],
      'documents before authentication': [4205, ...Array.from({ length: 101 }, (_, i) => [1, 20 + i, 3])],
      'too long a message': [1009, new Array(100_001).fill(1)],
      'text': [1003, 'text'],
    };
    for (const [what, [code, ...messages]] of Object.entries(bad)) {
      assert.equal(await closing(...messages), code, what);
    }
    const other = hocuspocus(`ws://127.0.0.1:${ports.server}`, 'other', 'doc');
    await until(() => other.isSynced(), 'the document is there');
    assert.equal(other.text.toString(), '');
    other.destroy();
    other.awareness.destroy();
  } finally {
    await command('end');
  }
});
