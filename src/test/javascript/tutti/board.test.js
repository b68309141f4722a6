import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { COLORS, HEIGHT, MOST_ITEMS, NOTE_WIDTH, POINTS, TEXT_LENGTH, WIDTH, simplified } from '../../../../webapp/editor/board/item.js';

const yjs = new URL('../../../../webapp/editor/node_modules/yjs/dist/yjs.mjs', import.meta.url);
const skip = existsSync(yjs) ? false : 'the packages of the board are not installed';
const Y = skip || await import(yjs);
const { Items } = skip ? {} : await import('../../../../webapp/editor/board/items.js');

/** Windows of one board; changes travel when `exchange` is called. */
class Windows {
  all = [];

  open() {
    const doc = new Y.Doc();
    const items = new Items(doc);
    this.all.push({ doc, items });
    this.exchange();
    return items;
  }

  exchange() {
    for (const { doc } of this.all) {
      for (const other of this.all) if (other.doc !== doc) Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(other.doc)), 'other');
    }
  }

  docOf(items) { return this.all.find(each => each.items === items).doc; }

  assertSame() {
    const [first, ...others] = this.all.map(({ items }) => sorted(items));
    for (const other of others) assert.deepEqual(other, first);
  }
}

const sorted = items => [...items.all].sort((a, b) => (a.id < b.id ? -1 : 1));
const texts = items => [...items.all].filter(({ kind }) => kind === 'note').map(({ text }) => text).sort();

let seed = 1;
const random = most => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % most;
};

test('changes reach all windows', { skip }, () => {
  const windows = new Windows();
  const [ada, bob] = [windows.open(), windows.open()];
  const id = ada.addNote({ x: 10, y: 20, text: 'one' });
  windows.exchange();
  bob.setText(id, 'two');
  bob.move([[id, { x: 30, y: 20 }]]);
  bob.color([id], 'blue');
  const stroke = bob.addStroke('green', [0, 0, 50, 50]);
  windows.exchange();
  windows.assertSame();
  const { x, y, text, color } = ada.get(id);
  assert.deepEqual({ x, y, text, color }, { x: 30, y: 20, text: 'two', color: 'blue' });
  assert.deepEqual(ada.strokes.map(each => each.points), [[0, 0, 50, 50]]);
  ada.remove([id, stroke]);
  windows.exchange();
  assert.equal(bob.size, 0);
});

test('concurrent changes of one text merge, other properties have one winner', { skip }, () => {
  const windows = new Windows();
  const [ada, bob] = [windows.open(), windows.open()];
  const id = ada.addNote({ x: 1, y: 1, text: 'the middle' });
  windows.exchange();
  ada.setText(id, 'at first the middle');
  bob.setText(id, 'the middle and the end');
  ada.color([id], 'blue');
  bob.color([id], 'green');
  windows.exchange();
  windows.assertSame();
  assert.equal(ada.get(id).text, 'at first the middle and the end');
});

test('a text never has half a character', { skip }, () => {
  const windows = new Windows();
  const [ada, bob] = [windows.open(), windows.open()];
  const id = ada.addNote({ x: 1, y: 1, text: '🎻' });
  for (const text of ['🎺', '🎺🎻', '🎻🎺', '🎻', 'a🎻', 'a🎻🎻b', '']) {
    ada.setText(id, text);
    windows.exchange();
    assert.equal(bob.get(id).text, text);
  }
});

test('a moved note lies on top, strokes keep their order', { skip }, () => {
  const windows = new Windows();
  const [ada, bob] = [windows.open(), windows.open()];
  const [low, high] = [ada.addNote({ x: 0, y: 0 }), ada.addNote({ x: 5, y: 5 })];
  const strokes = [1, 2, 3].map(i => ada.addStroke('blue', [i, i, 9, 9]));
  windows.exchange();
  assert.ok(bob.get(low).height < bob.get(high).height);
  bob.move([[low, { x: 7, y: 7 }]]);
  ada.remove([strokes[1]]);
  windows.exchange();
  ada.undo();
  windows.exchange();
  assert.ok(ada.get(low).height > ada.get(high).height);
  for (const items of [ada, bob]) assert.deepEqual(items.strokes.map(({ id }) => id), strokes);
});

test('undo and redo concern changes of this window, latest first', { skip }, () => {
  const windows = new Windows();
  const [ada, bob] = [windows.open(), windows.open()];
  const id = ada.addNote({ x: 5, y: 0, text: 'a' });
  ada.move([[id, { x: 50, y: 0 }]]);
  windows.exchange();
  bob.addNote({ x: 9, y: 9, text: 'of bob' });
  windows.exchange();
  ada.remove([id]);
  assert.deepEqual(texts(ada), ['of bob']);
  for (let round = 0; round < 3; round++) {
    ada.undo();
    assert.deepEqual([ada.get(id).x, ada.get(id).text], [50, 'a']);
    ada.undo();
    assert.equal(ada.get(id).x, 5);
    ada.undo();
    assert.deepEqual(texts(ada), ['of bob']);
    assert.equal(ada.canUndo, false);
    ada.redo();
    ada.redo();
    assert.equal(ada.get(id).x, 50);
    ada.redo();
    assert.equal(ada.get(id), undefined);
    assert.equal(ada.canRedo, false);
  }
  ada.undo();
  windows.exchange();
  windows.assertSame();
  assert.deepEqual(texts(bob), ['a', 'of bob']);
});

test('a removal that two windows undo is one item, and can be removed', { skip }, () => {
  const windows = new Windows();
  const [ada, bob] = [windows.open(), windows.open()];
  const id = ada.addNote({ x: 5, y: 0, text: 'a' });
  windows.exchange();
  for (const items of [ada, bob]) items.remove([id]);
  for (const items of [ada, bob]) items.undo();
  windows.exchange();
  windows.assertSame();
  assert.deepEqual(texts(ada), ['a']);
  bob.remove([id]);
  windows.exchange();
  const late = windows.open();
  assert.deepEqual([ada.size, bob.size, late.size], [0, 0, 0]);
});

test('all windows converge under random changes', { skip }, t => {
  for (let round = 1; round <= 12; round++) {
    seed = round;
    const windows = new Windows();
    for (let i = 0; i < 3; i++) windows.open();
    for (let step = 0; step < 250; step++) {
      const { items } = windows.all[random(windows.all.length)];
      const ids = [...items.all].map(({ id }) => id);
      const id = ids[random(ids.length)];
      switch (random(12)) {
        case 0: case 1: case 2: items.addNote({ x: random(900), y: random(600), text: `${step}` }); break;
        case 3: case 4: case 5: if (id) items.move([[id, { x: random(900), y: random(600) }]]); break;
        case 6: if (id) items.setText(id, `${step} again`); break;
        case 7: if (id) items.remove([id, ids[0]]); break;
        case 8: items.addStroke(COLORS[random(5)], Array.from({ length: 40 }, () => random(800))); break;
        case 9: items.undo(); break;
        case 10: items.redo(); break;
        default: if (windows.all.length < 6 && random(10) === 0) windows.open();
      }
      if (random(5) === 0) windows.exchange();
    }
    windows.exchange();
    windows.assertSame();
    const late = windows.open();
    assert.deepEqual(sorted(late), sorted(windows.all[0].items), `round ${round}`);
    t.diagnostic(`round ${round}: ${late.size} items`);
  }
});

test('a full board takes nothing new and loses nothing', { skip }, () => {
  const windows = new Windows();
  const items = windows.open();
  windows.docOf(items).transact(() => { for (let i = 0; i < MOST_ITEMS - 1; i++) items.addStroke('blue', [i % WIDTH, 0, 5, 5]); });
  assert.equal(items.isFull, false);
  const id = items.addNote({ x: 0, y: 0, text: 'the last' });
  assert.deepEqual([items.isFull, items.size], [true, MOST_ITEMS]);
  assert.deepEqual([items.addNote({ x: 0, y: 0 }), items.addStroke('blue', [0, 0, 1, 1])], [undefined, undefined]);
  items.remove([id]);
  assert.equal(items.isFull, false);
  items.remove([...items.all].map(each => each.id));
  assert.equal(items.size, 0);
  items.undo();
  assert.equal(items.size, MOST_ITEMS - 1);
});

test('the largest board fits into a document', { skip }, () => {
  const windows = new Windows();
  const items = windows.open();
  const doc = windows.docOf(items);
  const wild = () => Array.from({ length: 2 * POINTS }, () => random(HEIGHT));
  doc.transact(() => { for (let i = 0; i < 500; i++) doc.getArray('items').push([new Y.Map(Object.entries({ id: `i${i}`, kind: 'stroke', color: 'blue', points: wild() }))]); });
  assert.equal(items.size, 500);
  assert.ok(Y.encodeStateAsUpdate(doc).length * (MOST_ITEMS / 500) < 16e6, `${Y.encodeStateAsUpdate(doc).length} bytes`);
});

test('malformed items are ignored, oversized ones cut', { skip }, () => {
  const windows = new Windows();
  const items = windows.open();
  const other = new Y.Doc();
  const map = properties => new Y.Map(Object.entries(properties));
  other.getArray('items').push([
    null, 7, 'note', [], {}, map({}), map({ id: 1, kind: 'note' }), map({ id: 'x', kind: 'virus' }), map({ id: 'x'.repeat(25), kind: 'note' }),
    map({ id: 's', kind: 'stroke', points: [1] }), map({ id: 's', kind: 'stroke', points: [1, 2, 3, 'b'] }), map({ id: 's', kind: 'stroke', points: new Y.Array() }),
    map({ id: 's', kind: 'stroke', points: Array(2 * POINTS + 2).fill(1) }), new Y.Array(), new Y.Text('x'),
    map({ id: 'x', kind: 'note', at: [1e9, -5], text: 'a'.repeat(10_000), color: 'red;', height: 1e300, extra: 1 }),
    map({ id: 'y', kind: 'note', at: ['a', {}], text: map({ a: 1 }), color: {}, height: 'high' }),
  ]);
  Y.applyUpdate(windows.docOf(items), Y.encodeStateAsUpdate(other));
  assert.deepEqual([...items.all].map(({ id }) => id), ['x', 'y']);
  const { x, y, text, color, height } = items.get('x');
  assert.deepEqual({ x, y, text, color, height }, { x: WIDTH - NOTE_WIDTH, y: 0, text: 'a'.repeat(TEXT_LENGTH), color: COLORS[0], height: 1e9 });
  items.setText('y', 'mine');
  assert.equal(items.get('y').text, 'mine');
  items.move([['x', { x: 1, y: 1 }]]);
  items.remove(['x', 'y']);
  assert.equal(items.size, 0);
});

test('items stay on the board', { skip }, () => {
  const windows = new Windows();
  const items = windows.open();
  const stroke = items.addStroke('blue', [10, 10, 50, 90]);
  items.move([[stroke, { x: -500, y: 1e6 }]]);
  const { x, y, box } = items.get(stroke);
  assert.deepEqual([x, y, box.left, box.bottom], [-10, HEIGHT - 90, -2, HEIGHT + 2]);
});

test('a stroke has few points, and keeps its shape', () => {
  assert.deepEqual(simplified([0, 0, 50, 1, 100, 0]), [0, 0, 100, 0]);
  assert.deepEqual(simplified([0, 0, 50, 40, 100, 0]), [0, 0, 50, 40, 100, 0]);
  const circle = Array.from({ length: 2_000 }, (_, i) => [500 + 300 * Math.cos(i / 318), 400 + 300 * Math.sin(i / 318)]).flat();
  const points = simplified(circle);
  assert.ok(points.length <= 2 * POINTS);
  for (let i = 0; i < points.length; i += 2) assert.ok(Math.abs(Math.hypot(points[i] - 500, points[i + 1] - 400) - 300) < 3);
  assert.ok(simplified(Array.from({ length: 5_000 }, () => random(800))).length <= 2 * POINTS);
});
