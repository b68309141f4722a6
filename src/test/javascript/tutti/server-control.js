import { Tutti } from '../../../../webapp/tutti.js';

/** Controls the server and the proxy to it: dev.tutti.websocket.ServerControl. */
const ADDRESS = process.env.TUTTI_SERVER_CONTROL;

export const isThere = Boolean(ADDRESS);

async function command(text) {
  const response = await fetch(`${ADDRESS}/${text}`, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

export const cut = () => command('cut');
export const mute = () => command('mute');
export const stall = () => command('stall');
export const flow = () => command('flow');
export const stopServer = () => command('stop');
export const startServer = () => command('start');

/** Runs a test with a server with these settings. */
export const withServer = (settings, run) => async () => {
  const ports = await command(`open?${new URLSearchParams(settings)}`);
  const clients = [];
  const connect = (port, options) => {
    clients.push(new Tutti(`http://127.0.0.1:${port}/connect`, options));
    return clients.at(-1);
  };
  try {
    await run({
      /** A client whose connection the test can break. */
      viaProxy: options => connect(ports.proxy, options),
      direct: options => connect(ports.server, options),
      plain: path => new WebSocket(`ws://127.0.0.1:${ports.server}${path}`),
    });
  } finally {
    for (const client of clients) client.close();
    await command('end');
  }
};

/** Waits until a condition holds. */
export async function until(condition, what = condition) {
  for (const end = Date.now() + 15_000; !condition();) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await pause(5);
  }
}

export const pause = millis => new Promise(resolve => setTimeout(resolve, millis));

/** Returns a joined room and its recorded events. */
export async function enter(tutti, name, options) {
  const room = tutti.room(name, options);
  const heard = [];
  const joined = [];
  room.addEventListener('message', ({ message }) => heard.push(message.data));
  room.addEventListener('joined', ({ first, recovered, missed }) => joined.push({ first, recovered, missed }));
  await until(() => room.state === 'joined', `in ${name}`);
  return { room, heard, joined };
}
