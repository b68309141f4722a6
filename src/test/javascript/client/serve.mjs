import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

// Builds the examples with Vite, serves them on a free port, prints their address, and ends with its input.

process.env.NODE_ENV = 'development'; // the packages warn of misuse
const { build } = await import('vite');

const root = fileURLToPath(new URL('..', import.meta.url));
const built = `${root}dist`;
const pages = readdirSync(root).map(name => `${root}${name}/index.html`).filter(page => existsSync(page));

/** The examples name the server at port 8000. Each page of a test sets `testServer` to its own. */
const serverOfTest = {
  name: 'server-of-test',
  enforce: 'pre',
  transform: {
    filter: { code: "'http://localhost:8000/" },
    handler: code => code.replaceAll("'http://localhost:8000/", "testServer + '"),
  },
};

await build({
  root,
  plugins: [serverOfTest],
  build: { outDir: built, minify: false, reportCompressedSize: false, rolldownOptions: { input: pages } },
  logLevel: 'error',
});

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };

const server = createServer(async ({ url }, response) => {
  const path = url.replace(/\/$/, '/index.html');
  try {
    const content = await readFile(built + path);
    response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' }).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit()).resume();
