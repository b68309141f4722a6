import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Y from 'yjs';
import { SETTINGS, command, names, pause, random, same, until, withServer } from './server-control.js';

const EDITORS = 20;

/** Declares the tests that every provider must pass. */
export function scenarios(kind, makeEditor, seed) {
  const it = (what, run, more = {}) =>
    test(`${kind}: ${what}`, withServer(makeEditor, { ...SETTINGS, ...more }, run));

  it('twenty editors converge despite cuts and a restart', async ({ direct, viaProxy }) => {
    const next = random(seed);
    const editors = [];
    for (let i = 0; i < EDITORS; i++) editors.push((i % 2 ? direct : viaProxy)(`e${i}`));
    await until(() => editors.every(editor => editor.isSynced()), 'all are there');
    for (let round = 0; round < 60; round++) {
      for (const { text } of editors) {
        if (text.length > 10 && next(3) === 0) text.delete(next(text.length - 3), 2);
        else text.insert(next(text.length + 1), `${round} `);
      }
      if (round % 12 === 6) await command('cut');
      if (round === 30) {
        await command('stop');
        await command('start'); // with empty memory: the editors restore the text
      }
      await pause(5);
    }
    await until(() => editors.every(editor => editor.isSynced()) && same(editors), 'all have the same');
    assert.ok(editors[0].text.length > 100);
    const late = direct('late');
    await until(() => late.isSynced() && same([late, editors[0]]), 'the latecomer has it, too');
  });

  it('offline changes are merged', async ({ direct }) => {
    const [a, b] = [direct('a'), direct('b')];
    await until(() => a.isSynced() && b.isSynced(), 'both are there');
    a.text.insert(0, 'common ');
    await until(() => same([a, b]), 'both have it');
    a.disconnect();
    await until(() => !a.isConnected(), 'one is offline');
    a.text.insert(0, 'offline ');
    b.text.insert(b.text.length, 'online ');
    a.connect();
    await until(() => same([a, b]), 'both have all');
    assert.equal(a.text.toString(), 'offline common online ');
  });

  it('a document survives without editors', async ({ direct }) => {
    const a = direct('a');
    await until(() => a.isSynced(), 'it is there');
    a.text.insert(0, 'kept');
    const b = direct('b');
    await until(() => b.text.toString() === 'kept', 'the server has it');
    a.destroy();
    b.destroy();
    const c = direct('c');
    await until(() => c.text.toString() === 'kept', 'the server gives it');
  });

  it('a leave shows at once, a return within a second', async ({ direct, viaProxy }) => {
    const [watcher, guest] = [direct('watcher'), viaProxy('guest')];
    await until(() => names(watcher) === 'guest,watcher' && names(guest) === 'guest,watcher', 'they see each other');
    guest.disconnect();
    assert.ok(await until(() => names(watcher) === 'watcher', 'it is gone') < 1_000);
    await until(() => !guest.isConnected(), 'it knows');
    guest.connect();
    assert.ok(await until(() => names(watcher) === 'guest,watcher', 'it is back') < 1_000);

    await command('cut'); // the provider reconnects, and others do not see it leave
    let lost = false;
    watcher.awareness.on('change', ({ removed }) => { lost ||= removed.includes(guest.doc.clientID); });
    await until(() => guest.isConnected(), 'it is connected again');
    await until(() => names(guest) === 'guest,watcher', 'it sees the other again');
    guest.awareness.setLocalStateField('cursor', 5);
    await until(() => [...watcher.awareness.getStates().values()].some(({ cursor }) => cursor === 5), 'the awareness arrives');
    assert.equal(lost, false);
  });

  it('a vanished editor leaves after a few seconds', async ({ direct, viaProxy }) => {
    const [watcher, guest] = [direct('watcher'), viaProxy('guest')];
    await until(() => names(watcher) === 'guest,watcher', 'they see each other');
    guest.stayAway();
    await command('cut');
    const millis = await until(() => names(watcher) === 'watcher', 'it is gone');
    assert.ok(millis < 8_000, `${millis} ms`);
  });

  it('a slow reader stays and catches up at once', async ({ direct, viaProxy }) => {
    const [writer, reader] = [direct('writer'), viaProxy('reader')];
    await until(() => writer.isSynced() && reader.isSynced(), 'both are there');
    let closed = false;
    reader.onLost(() => { closed = true; });
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

  it('a stored document survives a restart without editors', async ({ direct, ports }) => {
    const a = direct('a');
    await until(() => a.isSynced(), 'it is there');
    for (let i = 0; i < 100; i++) a.text.insert(a.text.length, `${i} `);
    const text = a.text.toString();
    const stored = async () => (await fetch(`http://127.0.0.1:${ports.server}/api/documents/doc/stored`)).json();
    const vector = Buffer.from(Y.encodeStateVector(a.doc)).toString('base64');
    await until(async () => (await stored()).complete && (await stored()).stateVector === vector, 'all is stored');
    a.destroy();
    await command('stop');
    await command('start');
    const b = direct('b');
    await until(() => b.text.toString() === text, 'it is there again');
  }, { data: 'kept' });

  it('documents are separate', async ({ direct }) => {
    const [a, b] = [direct('a', 'one'), direct('b', 'two')];
    await until(() => a.isSynced() && b.isSynced(), 'both are there');
    a.text.insert(0, 'one');
    const c = direct('c', 'one');
    await until(() => c.text.toString() === 'one', 'the third has it');
    assert.equal(b.text.toString(), '');
    assert.equal(names(b), 'b');
  });

  it('writes of a reader are ignored', async ({ direct }) => {
    const [writer, reader] = [direct('writer'), direct('reader', 'doc', { readOnly: true })];
    await until(() => writer.isSynced() && reader.isSynced(), 'both are there');
    reader.text.insert(0, 'not to be');
    writer.text.insert(0, 'to be');
    await until(() => reader.text.toString().includes('to be') && reader.text.length > 9, 'the reader has both');
    assert.equal(names(writer), 'reader,writer');
    const late = direct('late');
    await until(() => late.text.toString() === 'to be', 'no other editor has the text of the reader');
    assert.equal(writer.text.toString(), 'to be');
  });
}
