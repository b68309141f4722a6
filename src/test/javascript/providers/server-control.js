/** Controls the server and the proxy to it: dev.tutti.websocket.ServerControl. */
const ADDRESS = process.env.TUTTI_SERVER_CONTROL;

export async function command(text) {
  const response = await fetch(`${ADDRESS}/${text}`, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

export const pause = millis => new Promise(resolve => setTimeout(resolve, millis));

/** Waits until a condition holds; returns the milliseconds that it took. */
export async function until(condition, what) {
  const start = Date.now();
  while (!await condition()) {
    if (Date.now() - start > 20_000) throw new Error(`waited in vain until ${what}`);
    await pause(5);
  }
  return Date.now() - start;
}

/** A random generator with a fixed seed. */
export function random(seed) {
  return below => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor(seed / 2147483648 * below);
  };
}

/** Returns whether all editors have the same text. */
export const same = editors => new Set(editors.map(({ text }) => text.toString())).size === 1;

/** Returns the names that an editor sees. */
export const names = editor => [...editor.awareness.getStates().values()].map(({ name }) => name).sort().join();

/** Settings for many connections from one address. */
export const SETTINGS = { 'max-messages-per-second': 0, 'max-connections-per-address': 0 };

/**
 * Runs a test with a server, and editors that are closed at its end. An editor has a name, doc, text and awareness, and
 * isSynced(), isConnected(), connect(), disconnect(), stayAway(), onLost(listener) and destroy().
 */
export const withServer = (makeEditor, settings, run) => async () => {
  const ports = await command(`open?${new URLSearchParams(settings)}`);
  const editors = [];
  const open = (port, name, document, options) => {
    const editor = makeEditor(`ws://127.0.0.1:${port}`, name, document, options);
    editor.awareness.setLocalState({ name });
    editors.push(editor);
    return editor;
  };
  try {
    await run({
      direct: (name, document = 'doc', options) => open(ports.server, name, document, options),
      viaProxy: (name, document = 'doc', options) => open(ports.proxy, name, document, options),
      ports,
    });
  } finally {
    for (const editor of editors) {
      editor.destroy();
      editor.awareness.destroy(); // its timer would keep the process alive
      editor.doc.destroy();
    }
    await command('end');
  }
};
