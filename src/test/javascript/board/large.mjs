/*
 * Writes a Yjs update with a board to standard output: notes and strokes in turn, spread over all of it.
 *
 *     node large.mjs 5000 > update.bin
 */
import * as Y from '../../../../webapp/editor/node_modules/yjs/dist/yjs.mjs';
import { COLORS, HEIGHT, NOTE_HEIGHT, NOTE_WIDTH, WIDTH } from '../../../../webapp/editor/board/item.js';
import { Items } from '../../../../webapp/editor/board/items.js';

const count = Number(process.argv[2]);
const doc = new Y.Doc();
const items = new Items(doc);
let seed = 7;
const random = most => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % most;
};

doc.transact(() => {
  for (let i = 0; i < count; i++) {
    const color = COLORS[i % COLORS.length];
    const [x, y] = [random(WIDTH - NOTE_WIDTH), random(HEIGHT - NOTE_HEIGHT)];
    if (i % 2) items.addStroke(color, Array.from({ length: 60 }, (_, j) => (j % 2 ? y : x) + random(140)));
    else items.addNote({ x, y, color, text: `Note ${i}: everybody enters together at bar ${random(400)}` });
  }
});
process.stdout.write(Y.encodeStateAsUpdate(doc));
