import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { HocuspocusProvider } from '@hocuspocus/provider';
import { openHocuspocus, openYWebsocket } from 'tutti-client/yjs';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import { command, until, withServer } from './control.js';

const SECRET = '0123456789abcdef0123456789abcdef';
const TOKENS = { access: 'token', 'jwt-secret': SECRET, 'jwt-clock-skew': 0 };

const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(claims) {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ exp, ...claims })}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

const kinds = {
  'y-websocket': (server, options) => openYWebsocket(WebsocketProvider, server, 'plan', { WebSocket, disableBc: true, ...options }),
  Hocuspocus: (server, options) => openHocuspocus(HocuspocusProvider, server, 'plan', { WebSocket, delay: 100, minDelay: 100, ...options }),
};

for (const [kind, open] of Object.entries(kinds)) {
  test(`${kind}: a change is saved once the server has stored it`, withServer({}, async (server, closers) => {
    const [ann, ben] = [open(server), open(server)];
    closers.push(() => [ann, ben].forEach(each => each.destroy()));
    await until(() => ann.synced && ann.saved && ben.synced, 'both are there');
    assert.equal(ann.status, 'connected');
    const seen = [];
    ann.addEventListener('change', () => seen.push(ann.saved));
    ann.doc.getText('text').insert(0, 'hello');
    assert.equal(ann.saved, false);
    await until(() => ann.saved && ben.doc.getText('text').toString() === 'hello', 'it is stored, and the other has it');
    assert.deepEqual([seen[0], seen.at(-1)], [false, true]);
  }));

  test(`${kind}: a document without a server is not saved, and connects again`, withServer({}, async (server, closers) => {
    const ann = open(server);
    closers.push(() => ann.destroy());
    await until(() => ann.saved, 'it is there');
    await command('stop');
    await until(() => ann.status === 'disconnected', 'the connection is lost');
    ann.doc.getText('text').insert(0, 'later');
    assert.equal(ann.saved, false);
    await command('start');
    await until(() => ann.status === 'connected' && ann.saved, 'it is stored on the new connection');
  }));

  test(`${kind}: a revoked token is replaced`, withServer(TOKENS, async (server, closers) => {
    const iat = Math.floor(Date.now() / 1000);
    const given = [];
    const next = async () => {
      given.push(iat - 60 + 120 * given.length);
      return token({ sub: 'ann', iat: given.at(-1) });
    };
    const ann = open(server, { token: next });
    closers.push(() => ann.destroy());
    await until(() => ann.saved, 'it is there');
    const headers = { Authorization: `Bearer ${token({ sub: 'ops', tutti: [{ may: ['admin'] }] })}` };
    await fetch(new URL('api/users/ann/revoke', server), { method: 'POST', headers });
    await until(() => given.length > 1, 'it asks for another one');
    await until(() => ann.status === 'connected' && ann.saved, 'it is back');
    ann.doc.getText('text').insert(0, 'back');
    assert.equal(ann.saved, false);
    await until(() => ann.saved, 'it is stored');
  }));

  test(`${kind}: a refusal says why`, withServer(TOKENS, async (server, closers) => {
    const ann = open(server, { token: () => token({ sub: 'ann', tutti: [{ documents: ['other'], may: ['read'] }] }) });
    closers.push(() => ann.destroy());
    await until(() => ann.status === 'refused', 'it is refused');
    assert.match(ann.reason, /plan|may not|read/);
  }));
}
