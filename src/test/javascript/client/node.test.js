import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Tutti } from 'tutti-client';
import WebSocket from 'ws';
import { until, withServer } from './control.js';

const EXAMPLE = fileURLToPath(new URL('../node/listen.mjs', import.meta.url));

test('Node.js without a global WebSocket connects with that of ws', withServer({}, async (server, closers) => {
  const options = { env: { ...process.env, NODE_OPTIONS: '' } };
  const listener = spawn(process.execPath, [EXAMPLE, 'garden', server], options);
  closers.push(() => listener.kill());
  let output = '';
  listener.stdout.on('data', text => { output += text; });
  listener.stderr.on('data', text => { output += text; });
  await until(() => output.includes('joined garden'), 'the example has joined');

  const tutti = new Tutti(new URL('connect', server), { WebSocket });
  closers.push(() => tutti.close());
  await tutti.room('garden').publish({ text: 'hello' });
  await until(() => output.includes('{"text":"hello"}'), `the example has the message: ${output}`);
}));

test('without a WebSocket the error says what to do', () => {
  const known = globalThis.WebSocket;
  globalThis.WebSocket = undefined;
  try {
    assert.throws(() => new Tutti('ws://localhost/connect'), /pass one in the options/);
  } finally {
    globalThis.WebSocket = known;
  }
});
