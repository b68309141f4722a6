import { createServer } from 'vite';

// Serves the examples on a free port with Vite's dev server, prints their address, and ends with its input.
const server = await createServer({ root: new URL('..', import.meta.url).pathname, server: { host: '127.0.0.1', port: 0 }, logLevel: 'error' });
await server.listen();
const address = `http://127.0.0.1:${server.httpServer.address().port}`;

// A dependency is served as soon as all of them are bundled, which takes a while: a page should not wait for it.
const module = await (await fetch(`${address}/react/main.jsx`)).text();
const [dependency] = /\/node_modules\/\.vite\/deps\/[^"]+/.exec(module);
await (await fetch(address + dependency)).text();

console.log(address);
process.stdin.on('end', () => process.exit()).resume();
