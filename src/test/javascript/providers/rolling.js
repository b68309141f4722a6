/*
 * Clients of all protocols, which work together while their servers restart: RollingRestartIT runs
 * `node rolling.js http://127.0.0.1:8000 CLIENTS path/to/tutti.js`. Each line on standard input is a command: a name begins another phase of
 * the counts, `end` ends all. The last line on standard output is the result as JSON.
 */
import { createInterface } from 'node:readline';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebSocket as Socket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const [server, count, tuttiJs] = process.argv.slice(2);
const { Tutti } = await import(tuttiJs);
const GROUP = 10;
const CLIENTS = Number(count);
const PERIOD_MILLIS = Math.max(1_000, 2 * CLIENTS);
const WAIT_MILLIS = 60_000;
const address = server.replace('http', 'ws');
process.setMaxListeners(0); // each provider of y-websocket adds one

/** By phase: when connections were opened, for how long clients were away, and by how much a timer was late. */
const phases = {};
let phase;
const begin = name => { phase = phases[name] = { opens: [], away: {}, lagMillis: 0 }; };
begin('start');

const TICK_MILLIS = 20;
let ticked = Date.now();
setInterval(() => {
  phase.lagMillis = Math.max(phase.lagMillis, Date.now() - ticked - TICK_MILLIS);
  ticked = Date.now();
}, TICK_MILLIS);

class CountedSocket extends Socket {
  constructor(url, protocols) {
    super(url, protocols);
    this.on('open', () => phase.opens.push(Date.now()));
  }
}

/** Measures how long a client has no connection. */
function absence(protocol) {
  let since;
  return {
    begins() { since ??= Date.now(); },
    ends() {
      if (since) (phase.away[protocol] ??= []).push(Date.now() - since);
      since = undefined;
    },
    get isAway() { return since !== undefined; },
  };
}

const pause = millis => new Promise(resolve => setTimeout(resolve, millis));

async function until(condition, what) {
  for (const end = Date.now() + WAIT_MILLIS; !condition(); await pause(20)) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what()}`);
  }
}

/** A client of tutti.v1: what was acknowledged must also have arrived at its publisher. */
function member(number) {
  const away = absence('tutti.v1');
  const tutti = new Tutti(`${server}/connect`, { WebSocket: CountedSocket });
  const room = tutti.room(`rolling-${Math.floor(number / GROUP)}`);
  const confirmed = new Set();
  const heard = new Set();
  const failed = [];
  tutti.addEventListener('state', () => tutti.state !== 'open' && away.begins());
  room.addEventListener('joined', () => away.ends());
  room.addEventListener('message', ({ message }) => heard.add(message.data));
  return {
    act: text => room.publish(text).then(() => confirmed.add(text), error => failed.push(error.code)),
    isReady: () => room.state === 'joined' && !away.isAway,
    faults: () => [...confirmed].filter(text => !heard.has(text)).concat(failed),
    confirmed: () => confirmed.size,
    close: () => tutti.close(),
  };
}

/** A plain client: a message is confirmed by its arrival, and one without it is sent again. */
function plain(number) {
  const away = absence('plain');
  const waiting = new Set();
  let socket;
  let confirmed = 0;
  let failures = 0;
  let closed = false;
  const send = text => socket.readyState === 1 && socket.send(JSON.stringify(text));
  const connect = () => {
    socket = new CountedSocket(`${address}/ws/rolling-plain-${Math.floor(number / GROUP)}`);
    socket.onopen = () => {
      failures = 0;
      away.ends();
      waiting.forEach(send);
    };
    socket.onmessage = ({ data }) => waiting.delete(JSON.parse(data)) && confirmed++;
    socket.onclose = () => {
      if (closed) return;
      away.begins();
      setTimeout(connect, Math.random() * Math.min(15_000, 250 * 2 ** failures++));
    };
    socket.onerror = () => {};
  };
  connect();
  return {
    act: text => {
      waiting.add(text);
      send(text);
    },
    isReady: () => socket.readyState === 1 && !waiting.size,
    faults: () => [...waiting],
    confirmed: () => confirmed,
    close: () => {
      closed = true;
      socket.close();
    },
  };
}

/** By document: all that was written into it. */
const written = {};

function editor(protocol, name, connect) {
  const away = absence(protocol);
  const doc = new Y.Doc();
  const text = doc.getText('text');
  const provider = connect(name, doc, away);
  let count = 0;
  return {
    name,
    text,
    act: words => {
      text.insert(text.length, `${words};`);
      (written[name] ??= []).push(words);
      count++;
    },
    isReady: () => provider.isReady() && !away.isAway,
    faults: () => {
      const read = new Set(text.toString().split(';'));
      return (written[name] ?? []).filter(words => !read.has(words));
    },
    confirmed: () => count,
    close: () => {
      provider.destroy();
      doc.destroy();
    },
  };
}

const yWebsocket = (name, doc, away) => {
  const provider = new WebsocketProvider(`${address}/yjs`, name, doc, { disableBc: true, WebSocketPolyfill: CountedSocket });
  provider.on('status', ({ status }) => status === 'disconnected' && away.begins());
  provider.on('sync', isSynced => isSynced && away.ends());
  return { isReady: () => provider.synced, destroy: () => provider.destroy() };
};

const hocuspocus = (name, doc, away) => {
  const websocketProvider = new HocuspocusProviderWebsocket({ url: `${address}/hocuspocus`, WebSocketPolyfill: CountedSocket });
  const provider = new HocuspocusProvider({ websocketProvider, name, document: doc, token: 'any' });
  websocketProvider.on('close', () => away.begins());
  provider.on('synced', () => away.ends());
  provider.attach();
  return {
    isReady: () => provider.synced && !provider.hasUnsyncedChanges,
    destroy: () => {
      provider.destroy();
      websocketProvider.destroy();
    },
  };
};

const KINDS = [
  member,
  plain,
  number => editor('y-websocket', `rolling-y-${Math.floor(number / GROUP)}`, yWebsocket),
  number => editor('hocuspocus', `rolling-h-${Math.floor(number / GROUP)}`, hocuspocus),
];

const clients = [];
for (let i = 0; i < CLIENTS; i++) {
  clients.push(KINDS[i % KINDS.length](Math.floor(i / KINDS.length)));
  if (i % 50 === 49) await pause(50);
}
const allReady = what => until(() => clients.every(client => client.isReady()),
  () => `${clients.filter(client => !client.isReady()).length} clients ${what}`);
await allReady('are connected');

let acts = 0;
const acting = clients.map((client, i) => {
  let timer = setTimeout(() => {
    timer = setInterval(() => client.act(`${i}-${acts++}`), PERIOD_MILLIS);
  }, PERIOD_MILLIS * i / CLIENTS);
  return () => clearInterval(timer);
});
console.log('ready');

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') break;
  begin(line);
}
acting.forEach(stop => stop());
await allReady('have sent all');
const faults = () => clients.flatMap(client => client.faults());
await until(() => !faults().length, () => `nothing is lost: ${faults().slice(0, 10)}`).catch(error => console.log(error.message));

/** Opens each document anew, which shows what the server has. */
const readers = Object.keys(written).map(name => editor('reader', name, name.startsWith('rolling-y') ? yWebsocket : hocuspocus));
await until(() => readers.every(reader => reader.isReady()), () => 'documents are open');
const unstored = readers.flatMap(reader => reader.faults());

/** The most of these times within a second. */
function mostInASecond(times) {
  const sorted = [...times].sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  sorted.forEach((time, i) => {
    while (sorted[first] <= time - 1_000) first++;
    most = Math.max(most, i - first + 1);
  });
  return most;
}

const longest = away => Object.fromEntries(Object.entries(away).map(([protocol, millis]) => [protocol, Math.max(...millis)]));
const result = {
  clients: CLIENTS,
  confirmed: clients.reduce((sum, client) => sum + client.confirmed(), 0),
  lost: faults().length,
  unstored: unstored.length,
  phases: Object.fromEntries(Object.entries(phases).map(([name, { opens, away, lagMillis }]) =>
    [name, { reconnects: opens.length, mostInASecond: mostInASecond(opens), longestAwayMillis: longest(away), lagMillis }])),
};
[...clients, ...readers].forEach(client => client.close());
console.log(JSON.stringify(result));
process.exit(0);
