import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket as Socket } from 'ws';
import * as Y from 'yjs';
import { WebsocketProvider as Provider2 } from 'y-websocket-2';
import { WebsocketProvider as Provider3 } from 'y-websocket';

const ADDRESS = process.env.TUTTI_BACKSTAGE;
const EDITORS = 20;

async function command(text) {
  const response = await fetch(`${ADDRESS}/${text}`, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const pause = millis => new Promise(resolve => setTimeout(resolve, millis));

/** Waits until something is so; returns how long that took. */
async function until(condition, what) {
  const start = Date.now();
  while (!condition()) {
    if (Date.now() - start > 20_000) throw new Error(`waited in vain until ${what}`);
    await pause(5);
  }
  return Date.now() - start;
}

/** Numbers that are the same in each run. */
function random(seed) {
  return below => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor(seed / 2147483648 * below);
  };
}

const same = editors => new Set(editors.map(({ text }) => text.toString())).size === 1;
const names = editor => [...editor.provider.awareness.getStates().values()].map(({ name }) => name).sort().join();

for (const [version, Provider] of [['3.1', Provider3], ['2.1', Provider2]]) {
  const withServer = (settings, run) => async () => {
    const ports = await command(`open?${new URLSearchParams(settings)}`);
    const editors = [];
    const open = (port, name, document) => {
      const doc = new Y.Doc();
      const provider = new Provider(`ws://127.0.0.1:${port}/yjs`, document, doc, { disableBc: true, WebSocketPolyfill: Socket });
      provider.awareness.setLocalState({ name });
      const editor = { name, doc, provider, text: doc.getText('text') };
      editors.push(editor);
      return editor;
    };
    try {
      await run({
        direct: (name, document = 'doc') => open(ports.server, name, document),
        byCable: (name, document = 'doc') => open(ports.cable, name, document),
        server: `ws://127.0.0.1:${ports.server}/yjs`,
      });
    } finally {
      for (const { provider, doc } of editors) {
        provider.destroy();
        provider.awareness.destroy(); // its timer would keep the process alive
        doc.destroy();
      }
      await command('end');
    }
  };

  const settings = { 'max-messages-per-second': 0, 'max-connections-per-address': 0 };
  const it = (what, run, more = {}) => test(`${version}: ${what}`, withServer({ ...settings, ...more }, run));

  it('twenty editors who type at once through cuts and a restart end up with one text', async ({ direct, byCable }) => {
    const next = random(version.length + 7);
    const editors = [];
    for (let i = 0; i < EDITORS; i++) editors.push((i % 2 ? direct : byCable)(`e${i}`));
    await until(() => editors.every(({ provider }) => provider.synced), 'all are there');
    for (let round = 0; round < 60; round++) {
      for (const { text } of editors) {
        if (text.length > 10 && next(3) === 0) text.delete(next(text.length - 3), 2);
        else text.insert(next(text.length + 1), `${round} `);
      }
      if (round % 12 === 6) await command('cut');
      if (round === 30) {
        await command('stop');
        await command('start'); // with nothing in its memory: the editors bring the text back
      }
      await pause(5);
    }
    await until(() => editors.every(({ provider }) => provider.synced) && same(editors), 'all have the same');
    assert.ok(editors[0].text.length > 100);
    const late = direct('late');
    await until(() => late.provider.synced && same([late, editors[0]]), 'who comes late has it, too');
  });

  it('what was written offline is merged', async ({ direct }) => {
    const [a, b] = [direct('a'), direct('b')];
    await until(() => a.provider.synced && b.provider.synced, 'both are there');
    a.text.insert(0, 'common ');
    await until(() => same([a, b]), 'both have it');
    a.provider.disconnect();
    a.text.insert(0, 'offline ');
    b.text.insert(b.text.length, 'online ');
    a.provider.connect();
    await until(() => same([a, b]), 'both have all');
    assert.equal(a.text.toString(), 'offline common online ');
  });

  it('the document is there when all have gone and one comes back', async ({ direct }) => {
    const a = direct('a');
    await until(() => a.provider.synced, 'it is there');
    a.text.insert(0, 'kept');
    const b = direct('b');
    await until(() => b.text.toString() === 'kept', 'the server has it');
    a.provider.destroy();
    b.provider.destroy();
    const c = direct('c');
    await until(() => c.text.toString() === 'kept', 'the server gives it');
  });

  it('who leaves is gone at once, and who comes back is seen within a second', async ({ direct, byCable }) => {
    const [watcher, guest] = [direct('watcher'), byCable('guest')];
    await until(() => names(watcher) === 'guest,watcher' && names(guest) === 'guest,watcher', 'they see each other');
    guest.provider.disconnect();
    assert.ok(await until(() => names(watcher) === 'watcher', 'it is gone') < 1_000);
    guest.provider.connect();
    assert.ok(await until(() => names(watcher) === 'guest,watcher', 'it is back') < 1_000);

    await command('cut'); // the provider reconnects by itself, and the others never see it go
    let lost = false;
    watcher.provider.awareness.on('change', ({ removed }) => { lost ||= removed.includes(guest.doc.clientID); });
    await until(() => guest.provider.wsconnected, 'it is connected again');
    await until(() => names(guest) === 'guest,watcher', 'it sees the other again');
    guest.provider.awareness.setLocalStateField('cursor', 5);
    await until(() => [...watcher.provider.awareness.getStates().values()].some(({ cursor }) => cursor === 5), 'it is heard');
    assert.equal(lost, false);
  });

  it('who vanishes is gone after a few seconds', async ({ direct, byCable }) => {
    const [watcher, guest] = [direct('watcher'), byCable('guest')];
    await until(() => names(watcher) === 'guest,watcher', 'they see each other');
    guest.provider.shouldConnect = false; // it does not come back
    await command('cut');
    const millis = await until(() => names(watcher) === 'watcher', 'it is gone');
    assert.ok(millis < 8_000, `${millis} ms`);
  });

  it('a slow reader is not cut off, and gets all at once when it reads again', async ({ direct, byCable }) => {
    const [writer, reader] = [direct('writer'), byCable('reader')];
    await until(() => writer.provider.synced && reader.provider.synced, 'both are there');
    let closed = false;
    reader.provider.on('connection-close', () => { closed = true; });
    await command('stall');
    for (let i = 0; i < 200; i++) {
      writer.text.insert(writer.text.length, String(i % 10).repeat(100_000));
      writer.text.delete(0, Math.max(0, writer.text.length - 200_000));
      if (i % 10 === 0) await pause(1);
    }
    const third = direct('third');
    await until(() => same([writer, third]), 'the server has it all');
    await command('flow');
    await until(() => same([writer, reader]), 'the reader has it all');
    assert.equal(closed, false);
  }, { 'max-queued-bytes': 200_000 });

  it('documents are apart', async ({ direct }) => {
    const [a, b] = [direct('a', 'one'), direct('b', 'two')];
    await until(() => a.provider.synced && b.provider.synced, 'both are there');
    a.text.insert(0, 'one');
    const c = direct('c', 'one');
    await until(() => c.text.toString() === 'one', 'the third has it');
    assert.equal(b.text.toString(), '');
    assert.equal(names(b), 'b');
  });
}

test('what is no message closes the one who sent it, and the document is as it was', async () => {
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
