/*
 * Editors that write while servers fail: ChaosIT runs `node chaos.js EDITORS PORT PORT …`. Each line on standard input is a command, answered by the edits
 * since the last answer and the faults, as JSON: `write` begins, `settle` ends it and waits until all editors of a document are equal, `leave` closes
 * all editors, `read` opens the documents anew.
 */
import { createInterface } from 'node:readline';
import { hocuspocus, yWebsocket } from './editors.js';
import { pause } from './server-control.js';

const [count, ...ports] = process.argv.slice(2);
const EDITORS_OF_A_DOCUMENT = 6;
const WRITE_MILLIS = 250;
const WAIT_MILLIS = 60_000;
const MAX_FAULTS = 20;
process.setMaxListeners(0); // each provider of y-websocket adds one

/** By document: all edits, and those that a server has confirmed. */
const written = {};
const confirmed = {};
let edits = 0;

function open(number, document) {
  const server = `ws://127.0.0.1:${ports[number % ports.length]}`;
  const provider = number % 2 ? hocuspocus : yWebsocket;
  return { document, ...provider(server, `editor-${number}`, document) };
}

const documentOf = number => `chaos-${Math.floor(number / EDITORS_OF_A_DOCUMENT)}`;
let editors = Array.from({ length: Number(count) }, (_, number) => open(number, documentOf(number)));

function act(editor) {
  const edit = `${editor.name}-${edits++}`;
  const words = editor.text.toString();
  const at = words.indexOf(';', Math.floor(Math.random() * words.length)) + 1;
  editor.text.insert(at, `${edit};`);
  (written[editor.document] ??= new Set()).add(edit);
}

let timers = [];
const write = () => {
  timers = editors.map(editor => setInterval(() => act(editor), WRITE_MILLIS * (0.5 + Math.random())));
};

const wordsOf = editor => editor.text.toString().split(';').slice(0, -1);

/** Returns what is wrong with the documents: nothing when all have arrived everywhere. */
function faults(expected) {
  const found = [];
  const texts = {};
  for (const editor of editors) {
    if (editor.isConfirmed && !editor.isConfirmed()) found.push(`${editor.name}: not confirmed`);
    const words = wordsOf(editor);
    const unique = new Set(words);
    if (unique.size !== words.length) found.push(`${editor.document}: ${words.length - unique.size} edits twice for ${editor.name}`);
    for (const edit of expected[editor.document] ?? []) {
      if (!unique.has(edit)) found.push(`${editor.document}: ${edit} is missing for ${editor.name}`);
    }
    const text = editor.text.toString();
    if ((texts[editor.document] ??= text) !== text) found.push(`${editor.document}: ${editor.name} has another text`);
  }
  return found;
}

async function settled(expected) {
  let found = faults(expected);
  for (const end = Date.now() + WAIT_MILLIS; found.length && Date.now() < end;) {
    await pause(50);
    found = faults(expected);
  }
  return found.slice(0, MAX_FAULTS);
}

async function settle() {
  timers.forEach(clearInterval);
  const found = await settled(written);
  for (const editor of editors.filter(({ isConfirmed }) => isConfirmed?.())) {
    const own = [...written[editor.document] ?? []].filter(edit => edit.startsWith(`${editor.name}-`));
    confirmed[editor.document] = new Set([...confirmed[editor.document] ?? [], ...own]);
  }
  return found;
}

function leave() {
  editors.forEach(editor => editor.destroy());
  editors = [];
}

async function read() {
  const documents = Object.keys(confirmed);
  editors = documents.flatMap((document, i) => [open(2 * i + 1, document), open(2 * i + 2, document)]);
  return settled(confirmed);
}

const COMMANDS = { write, settle, leave, read };
let answered = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const found = await COMMANDS[line]() ?? [];
  console.log(JSON.stringify({ edits: edits - answered, faults: found }));
  answered = edits;
}
process.exit(0);
