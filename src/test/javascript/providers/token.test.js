import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebSocket as Socket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import { WebsocketProvider as WebsocketProvider2 } from 'y-websocket-2';
import * as Y from 'yjs';
import { command, pause, until } from './server-control.js';

const SECRET = '0123456789abcdef0123456789abcdef';
const READER = { tutti: [{ documents: ['plan'], may: ['read', 'presence'] }] };

const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Returns a token that ends so many seconds from now. */
function token(sub, seconds, claims = {}) {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, exp, ...claims })}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

/** Runs a test with a server that needs tokens, and functions that open editors. */
const withTokens = run => async () => {
  const { server } = await command(`open?${new URLSearchParams({ access: 'token', 'jwt-secret': SECRET, 'jwt-clock-skew': 0 })}`);
  const closers = [];
  const yWebsocket = (bearer, Provider = WebsocketProvider) => {
    const doc = new Y.Doc();
    const provider = new Provider(`ws://127.0.0.1:${server}/yjs`, 'plan', doc, {
      WebSocketPolyfill: Socket, disableBc: true, protocols: ['yjs', `bearer.${bearer}`],
    });
    closers.push(() => { provider.destroy(); provider.awareness.destroy(); doc.destroy(); });
    return { provider, text: doc.getText('text') };
  };
  const hocuspocus = (bearer, more = {}) => {
    const doc = new Y.Doc();
    const websocketProvider = new HocuspocusProviderWebsocket({ url: `ws://127.0.0.1:${server}/hocuspocus`, WebSocketPolyfill: Socket });
    const provider = new HocuspocusProvider({ websocketProvider, name: 'plan', document: doc, token: bearer, ...more });
    provider.attach();
    closers.push(() => { provider.destroy(); websocketProvider.destroy(); provider.awareness.destroy(); doc.destroy(); });
    return { provider, text: doc.getText('text') };
  };
  try {
    await run({ yWebsocket, hocuspocus, server });
  } finally {
    closers.forEach(close => close());
    await command('end');
  }
};

test('y-websocket and Hocuspocus send tokens, and a reader reads only', withTokens(async ({ yWebsocket, hocuspocus }) => {
  const ann = yWebsocket(token('ann', 600));
  const ben = hocuspocus(() => token('ben', 600));
  const readers = [yWebsocket(token('eve', 600, READER)), hocuspocus(token('eve', 600, READER))];
  await until(() => ann.provider.synced && ben.provider.synced, 'both are there');
  ann.text.insert(0, 'from ann');
  for (const { text } of [ben, ...readers]) await until(() => text.toString() === 'from ann', 'it has arrived');
  assert.equal(readers[1].provider.authorizedScope, 'readonly');
  readers.forEach(({ text }) => text.insert(0, 'from eve '));
  ben.text.insert(8, ' and ben');
  await until(() => ann.text.toString() === 'from ann and ben', 'the writer is heard, and no reader');
}));

test('Hocuspocus is told why its token does not pass', withTokens(async ({ hocuspocus }) => {
  const reasons = [];
  const onAuthenticationFailed = ({ reason }) => reasons.push(reason);
  hocuspocus(token('ann', -600), { onAuthenticationFailed });
  hocuspocus(null, { onAuthenticationFailed });
  await until(() => reasons.length === 2, 'both are denied');
  assert.deepEqual(reasons.sort(), ["a token is needed: set the provider's option token", 'the token has expired']);
}));

test('Hocuspocus renews its token, and nobody notices', withTokens(async ({ hocuspocus }) => {
  let tokens = 0;
  const failures = [];
  const ann = hocuspocus(() => token('ann', tokens++ ? 600 : 27), { onAuthenticationFailed: ({ reason }) => failures.push(reason) });
  const ben = hocuspocus(token('ben', 600));
  await until(() => ann.provider.synced && ben.provider.synced, 'both are there');
  await until(() => tokens === 2, 'the server asks for the next one');
  await pause(200);
  ben.text.insert(0, 'still');
  await until(() => ann.text.toString() === 'still', 'the document is open');
  ann.text.insert(5, ' here');
  await until(() => ben.text.toString() === 'still here', 'it may be changed');
  assert.deepEqual(failures, []);
}));

test('after a revocation a new token opens the document again', withTokens(async ({ yWebsocket, hocuspocus, server }) => {
  const iat = Math.floor(Date.now() / 1000);
  const old = token('ann', 600, { iat: iat - 60 });
  const fresh = token('ann', 600, { iat: iat + 60 });
  let current = old;
  const reasons = [];
  const closed = [];
  const editor = yWebsocket(old);
  editor.provider.on('closed', ({ code }) => closed.push(code));
  const early = yWebsocket(old, WebsocketProvider2);
  const other = hocuspocus(() => current, { onAuthenticationFailed: ({ reason }) => reasons.push(reason) });
  await until(() => [editor, early, other].every(({ provider }) => provider.synced), 'all are there');

  const headers = { Authorization: `Bearer ${token('ops', 600, { tutti: [{ may: ['admin'] }] })}` };
  const response = await fetch(`http://127.0.0.1:${server}/api/users/ann/revoke`, { method: 'POST', headers });
  assert.deepEqual(await response.json(), { connections: 3 });
  await until(() => closed.length && reasons.length, 'they learn it');
  assert.deepEqual([closed, reasons], [[4401], ['the token was revoked']]);
  await until(() => early.provider.wsUnsuccessfulReconnects > 2, 'y-websocket before 3.1 tries again');

  current = fresh;
  [editor, early].forEach(({ provider }) => { provider.protocols = ['yjs', `bearer.${fresh}`]; });
  editor.provider.connect();
  other.provider.sendToken();
  await until(() => [editor, early].every(({ provider }) => provider.synced) && other.provider.isAuthenticated, 'all are back');
  editor.text.insert(0, 'back');
  for (const { text } of [early, other]) await until(() => text.toString() === 'back', 'they hear each other');
}));
