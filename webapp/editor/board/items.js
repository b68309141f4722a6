import * as Y from 'yjs';
import { COLORS, MOST_ITEMS, placed, readItem, readText, simplified } from './item.js';

const UNDO_PAUSE_MILLIS = 500;
/** The place of a note among the others, from the bottom to the top. */
const TOP = 1e9;

const newId = () => [...crypto.getRandomValues(new Uint32Array(2))].map(n => n.toString(36)).join('');

/**
 * The notes and strokes of a board: the array `items` of a Yjs document, with a map for each.
 *
 * A map holds `id`, `kind` and `color`; a note also `at` (its position), `text` (a Y.Text) and `height`; a stroke also `points`, and `at` once somebody has
 * moved it. Of two changes to the same property one wins, the same one in each window; texts merge. Strokes lie in the array's order, below the notes.
 * Two windows that undo the same removal add the item twice: the first one counts, and a removal removes both.
 *
 * Events: `change` with `changed`, the set of ids that are new, other or gone.
 */
export class Items extends EventTarget {
  #doc;
  #array;
  #undoManager;
  /** Items by id, in no order. */
  #items = new Map();
  /** The maps with an id, the first of which counts; and the id of each map. */
  #maps = new Map();
  #ids = new Map();
  #highest = 0;

  /** @param doc a document, which may get its content later */
  constructor(doc) {
    super();
    this.#doc = doc;
    this.#array = doc.getArray('items');
    this.#undoManager = new Y.UndoManager(this.#array, { trackedOrigins: new Set([this]), captureTimeout: UNDO_PAUSE_MILLIS });
    this.#array.observeDeep(events => this.#changed(events));
    for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared']) {
      this.#undoManager.on(event, () => this.dispatchEvent(new Event('history')));
    }
    this.#add([...this.#array], new Set());
  }

  get size() { return this.#items.size; }
  get isFull() { return this.#items.size >= MOST_ITEMS; }
  /** All items, in no order. */
  get all() { return this.#items.values(); }
  get(id) { return this.#items.get(id); }

  /** Returns the strokes from the bottom to the top. */
  get strokes() { return [...this.#array].map(map => this.#items.get(this.#ids.get(map))).filter(item => item?.kind === 'stroke'); }

  // ---- Changes of this window

  /** Returns the id, or undefined if the board is full. */
  addNote({ x, y, color = COLORS[0], text = '' }) {
    return this.#insert({ kind: 'note', at: [x, y], color, text: new Y.Text(readText(text)), height: Math.min(this.#highest + 1, TOP) });
  }

  /** Returns the id, or undefined if the board is full. */
  addStroke(color, points) {
    return this.#insert({ kind: 'stroke', color, points: simplified(points) });
  }

  #insert(properties) {
    if (this.isFull) return undefined;
    const id = newId();
    this.#act(() => this.#array.push([new Y.Map(Object.entries({ id, ...properties }))]));
    return id;
  }

  /** Moves items: {x, y} by id. Moved notes lie on top. */
  move(places) {
    const moving = [...places].filter(([id, at]) => {
      const item = this.get(id);
      return item && (item.x !== at.x || item.y !== at.y);
    });
    if (!moving.length) return;
    moving.sort(([a], [b]) => (this.get(a).height ?? 0) - (this.get(b).height ?? 0));
    this.#act(() => {
      let height = this.#highest;
      for (const [id, at] of moving) {
        const item = this.get(id);
        const { x, y } = placed(item, at);
        this.#map(id).set('at', [x, y]);
        if (item.kind === 'note') this.#map(id).set('height', height = Math.min(height + 1, TOP));
      }
    });
  }

  color(ids, color) {
    const other = [...ids].filter(id => this.get(id) && this.get(id).color !== color);
    if (other.length) this.#act(() => other.forEach(id => this.#map(id).set('color', color)));
  }

  /** Sets a note's text; changes of others elsewhere in it stay. Consecutive changes are one to undo, up to `endText`. */
  setText(id, words) {
    const to = readText(words);
    if (this.get(id)?.kind !== 'note' || this.get(id).text === to) return;
    const text = this.#map(id).get('text');
    this.#doc.transact(() => {
      if (text instanceof Y.Text) replaceChanged(text, to);
      else this.#map(id).set('text', new Y.Text(to)); // of another program
    }, this);
  }

  endText() { this.#undoManager.stopCapturing(); }

  remove(ids) {
    const gone = new Set([...ids].flatMap(id => [...this.#maps.get(id) ?? []]));
    if (!gone.size) return;
    this.#act(() => {
      const maps = this.#array.toArray();
      for (let i = maps.length - 1; i >= 0; i--) {
        let length = 0;
        while (i - length >= 0 && gone.has(maps[i - length])) length++;
        if (length) this.#array.delete(i - length + 1, length);
        i -= length;
      }
    });
  }

  get canUndo() { return this.#undoManager.canUndo(); }
  get canRedo() { return this.#undoManager.canRedo(); }
  /** Undoes the last change of this window. */
  undo() { this.#undoManager.undo(); }
  redo() { this.#undoManager.redo(); }

  /** Makes one change to undo. */
  #act(change) {
    this.#undoManager.stopCapturing();
    this.#doc.transact(change, this);
    this.#undoManager.stopCapturing();
  }

  #map(id) { return this.#maps.get(id).values().next().value; }

  // ---- Changes of the document

  #changed(events) {
    const changed = new Set();
    for (const event of events) {
      if (event.target !== this.#array) continue;
      for (const { content } of event.changes.deleted) this.#forget(content.type, changed);
      this.#add([...event.changes.added].flatMap(({ content }) => content.type ?? []), changed);
    }
    for (const { target } of events) {
      let map = target;
      while (map && map.parent !== this.#array) map = map.parent;
      if (map) this.#read(map, changed);
    }
    if (changed.size) this.dispatchEvent(Object.assign(new Event('change'), { changed }));
  }

  #add(maps, changed) {
    for (const map of maps) if (map instanceof Y.Map) this.#read(map, changed);
  }

  #read(map, changed) {
    const item = readItem(map);
    if (this.#ids.has(map) && this.#ids.get(map) !== item?.id) this.#forget(map, changed);
    if (!item) return;
    const { id } = item;
    if (!this.#maps.has(id)) this.#maps.set(id, new Set());
    this.#maps.get(id).add(map);
    this.#ids.set(map, id);
    if (this.#map(id) === map) this.#put(item, changed);
  }

  #put(item, changed) {
    if (!this.#items.has(item.id) && this.#items.size >= 2 * MOST_ITEMS) return; // of a program that knows no limit
    this.#items.set(item.id, item);
    this.#highest = Math.max(this.#highest, item.height ?? 0);
    changed.add(item.id);
  }

  #forget(map, changed) {
    const id = this.#ids.get(map);
    if (id === undefined) return;
    this.#ids.delete(map);
    const maps = this.#maps.get(id);
    maps.delete(map);
    this.#items.delete(id);
    changed.add(id);
    if (maps.size) this.#read(this.#map(id), changed);
    else this.#maps.delete(id);
  }
}

/** Replaces the part between the common beginning and the common end. */
function replaceChanged(text, to) {
  const from = text.toString();
  const isLow = index => [from, to].some(words => words.charCodeAt(index) >>> 10 === 0x37);
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  if (start && isLow(start)) start--; // never between the halves of a character
  let end = 0;
  while (end < from.length - start && end < to.length - start && from.at(-1 - end) === to.at(-1 - end)) end++;
  if (end && from.charCodeAt(from.length - end) >>> 10 === 0x37) end--;
  if (from.length - start - end) text.delete(start, from.length - start - end);
  if (to.length - start - end) text.insert(start, to.slice(start, to.length - end));
}
