import { createServer } from 'vite';

// Serves the examples on a free port with Vite's dev server, prints their address, and ends with its input.
const server = await createServer({ root: new URL('..', import.meta.url).pathname, server: { host: '127.0.0.1', port: 0 }, logLevel: 'error' });
await server.listen();
console.log(`http://127.0.0.1:${server.httpServer.address().port}`);
process.stdin.on('end', () => process.exit()).resume();
