/** Controls a server: dev.tutti.websocket.ServerControl. */
export async function command(text) {
  const response = await fetch(`${process.env.TUTTI_SERVER_CONTROL}/${text}`, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** Runs a test with a server with these settings; the test gets its address, and a list of functions to call at the end. */
export const withServer = (settings, run) => async () => {
  const closers = [];
  try {
    const { server } = await command(`open?${new URLSearchParams(settings)}`);
    await run(`http://127.0.0.1:${server}/`, closers);
  } finally {
    for (const close of closers) close();
    await command('end');
  }
};

/** Waits until a condition holds. */
export async function until(condition, what) {
  for (const end = Date.now() + 20_000; !condition();) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
