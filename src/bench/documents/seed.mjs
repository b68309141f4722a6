// Writes the documents of the benchmark as updates: node seed.mjs FOLDER
import { writeFileSync } from 'node:fs';
import * as Y from 'yjs';

let seed = 7;
const random = below => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor(seed / 2147483648 * below);
};

/** Simulates several people who type and delete at random places. */
function typed(edits, people) {
  let doc = new Y.Doc();
  for (let i = 0; i < edits; ) {
    if (i % Math.ceil(edits / people) === 0) {
      const state = Y.encodeStateAsUpdate(doc);
      doc = new Y.Doc(); // another person
      Y.applyUpdate(doc, state);
    }
    const text = doc.getText('t');
    let at = random(text.length + 1);
    const burst = Math.min(edits - i, 1 + random(30), Math.ceil(edits / people) - i % Math.ceil(edits / people));
    for (let j = 0; j < burst; j++, i++) {
      if (at > 0 && random(8) === 0) text.delete(--at, 1);
      else text.insert(at++, String.fromCharCode(97 + random(26)));
    }
  }
  return doc;
}

const folder = process.argv[2];
for (const [name, edits, people] of [['large', 200_000, 20], ['medium', 17_300, 5]]) {
  const doc = typed(edits, people);
  const update = Y.encodeStateAsUpdate(doc);
  writeFileSync(`${folder}/${name}.bin`, update);
  console.log(`${name}: ${edits} edits, ${doc.getText('t').length} characters, ${update.length} bytes`);
}
