/*
 * Editors of one document on several servers: ClusterEditorsIT runs `node cluster.js PORT PORT …`. It prints `together` when all editors have the same
 * text and cursors, then `confirmed` and the words that the first server has confirmed, which is killed then. After a line on standard input, the editors
 * of the other servers must have these words; it prints `kept`.
 */
import { createInterface } from 'node:readline';
import { hocuspocus, yWebsocket } from './editors.js';
import { names, same, until } from './server-control.js';

const DOCUMENT = 'shared';
const ports = process.argv.slice(2);
process.setMaxListeners(0); // each provider of y-websocket adds one

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const editors = ports.flatMap((port, i) => [
  yWebsocket(`ws://127.0.0.1:${port}`, `y${i}`, DOCUMENT),
  hocuspocus(`ws://127.0.0.1:${port}`, `h${i}`, DOCUMENT),
]);
for (const editor of editors) {
  editor.awareness.setLocalState({ name: editor.name });
  editor.text.insert(editor.text.length, `from ${editor.name};`);
}
const all = editors.map(({ name }) => name).sort().join();
await until(() => same(editors) && editors.every(({ name }) => editors[0].text.toString().includes(`from ${name};`)), 'all have one text');
await until(() => editors.every(editor => names(editor) === all), 'all see all cursors');
console.log('together');

const words = [];
const first = editors[1];
for (let i = 0; i < 50; i++) {
  words.push(`word${i};`);
  first.text.insert(first.text.length, words[i]);
  if (i % 10 === 9) await until(first.isConfirmed, 'the server has confirmed');
}
console.log(`confirmed ${words.join('')}`);

await lines.next();
const others = editors.slice(2);
await until(() => others.every(({ text }) => words.every(word => text.toString().includes(word))), 'all have the words');
console.log('kept');
process.exit(0);
