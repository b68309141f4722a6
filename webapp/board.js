/*
 * The state of a shared board: notes and strokes, the same in every window.
 *
 * How it converges
 *
 * Each change of the board is a publication in its room, so all windows get the same changes in the same order. The board is the
 * result of applying them, one after the other, to an empty board. Of two changes to the same property the later one in the
 * room's order wins. Nothing else decides: no clocks, no client ids. A window shows its own changes at once, on top of the common
 * state; they become part of that state when the room returns them.
 *
 * A newcomer reads the room's history. It holds only the latest changes, so the windows publish a `snapshot` now and then: the
 * board after change number `base`. A snapshot changes nothing in windows that know the board, so duplicates do no harm. A
 * newcomer starts with the latest snapshot and applies the changes since its base. A snapshot is due after a number of changes;
 * the window that made the last of them publishes it, so no agreement is needed. If that window vanishes, the window of a later
 * change takes its turn.
 *
 * The history may lack changes that a newcomer needs, although other windows know the board. The newcomer then publishes `ask`. The
 * others answer with a snapshot after a random delay, unless another one was faster. Without an answer the board starts from
 * the history.
 *
 * When the server has lost the history (a new epoch), the windows still have their boards. Each first reads the history, and then
 * publishes the missing items: `carry` adds unknown items and changes none. So all windows get the union; for an item with
 * different copies, the first one wins. An item removed at the last moment may return, but all windows agree.
 *
 * All this trusts the clients in the room: any client may erase the board, and could give newcomers a false snapshot.
 *
 * The size is bounded by a rule that every window applies alike: a change that would make the board too large removes the oldest
 * strokes, and has no effect when there are none left.
 */

export const WIDTH = 1200;
export const HEIGHT = 800;
export const NOTE_WIDTH = 184;
export const NOTE_HEIGHT = 144;
export const COLORS = ['yellow', 'coral', 'green', 'blue', 'violet'];
export const TEXT_LENGTH = 280;

const POINTS = 120;
const BOARD_BYTES = 40 * 1024; // a snapshot must fit into a message
const ITEMS = 1000;
const SNAPSHOT_AFTER = 100;
const NEXT_TURN_AFTER = 20;
const ANSWER_MILLIS = 400;
const REST_MILLIS = 1_500;
const PATIENCE_MILLIS = 2_500;
const CARRY_MILLIS = 800;
const PAGE = 100;
const UNDO = 50;

/** Returns the nearest position at which a note lies on the board. */
export const bounded = ({ x, y }) => ({
  x: Math.round(Math.min(Math.max(x, 0), WIDTH - NOTE_WIDTH)), y: Math.round(Math.min(Math.max(y, 0), HEIGHT - NOTE_HEIGHT)),
});

const utf8 = new TextEncoder();
const newId = () => [...crypto.getRandomValues(new Uint32Array(2))].map(n => n.toString(36)).join('');

// ---- Reading untrusted changes: copies known fields, drops all others -------------------------------------------

const isId = id => typeof id === 'string' && id.length > 0 && id.length <= 24;
const within = (value, most) => (Number.isFinite(value) ? Math.round(Math.min(Math.max(value, 0), most)) : undefined);
const readText = text => (typeof text === 'string' ? text.slice(0, TEXT_LENGTH).toWellFormed?.() ?? text.slice(0, TEXT_LENGTH) : undefined);
const readColor = color => (COLORS.includes(color) ? color : undefined);

function readProperties({ x, y, text, color }) {
  const read = {
    x: within(x, WIDTH - NOTE_WIDTH), y: within(y, HEIGHT - NOTE_HEIGHT), text: readText(text), color: readColor(color),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

function readItem(item) {
  if (!(item instanceof Object) || !isId(item.id)) return;
  const { id, kind, points } = item;
  if (kind === 'note') return { id, kind, x: 0, y: 0, text: '', color: COLORS[0], ...readProperties(item) };
  if (kind !== 'stroke' || !Array.isArray(points) || points.length < 2 || points.length > 2 * POINTS || points.length % 2) return;
  const read = points.map((value, i) => within(value, i % 2 ? HEIGHT : WIDTH));
  return read.includes(undefined) ? undefined : { id, kind, color: readColor(item.color) ?? COLORS[0], points: read };
}

const readItems = items => (Array.isArray(items) ? items.slice(0, ITEMS).map(readItem).filter(Boolean) : []);

function read(change) {
  if (!(change instanceof Object)) return;
  const tag = typeof change.tag === 'string' ? change.tag : undefined;
  switch (change.do) {
    case 'add': {
      const item = readItem(change.item);
      return item && { do: 'add', item, tag };
    }
    case 'set': return isId(change.id) ? { do: 'set', id: change.id, to: readProperties(change.to ?? {}), tag } : undefined;
    case 'remove': return isId(change.id) ? { do: 'remove', id: change.id, tag } : undefined;
    case 'carry': return { do: 'carry', items: readItems(change.items), tag };
    case 'snapshot': return Number.isSafeInteger(change.base) ? { do: 'snapshot', base: change.base, items: readItems(change.items) } : undefined;
    case 'ask': return { do: 'ask' };
    default: // of a later version of this page
  }
}

/** Items by id, in the order of their last change; the latest lies on top. */
class Things {
  #items = new Map();
  #sizes = new Map();
  #bytes = 0;

  static of(items) {
    const things = new Things();
    for (const item of items) things.#put(item);
    return things;
  }

  clone() {
    const copy = new Things();
    copy.#items = new Map(this.#items);
    copy.#sizes = new Map(this.#sizes);
    copy.#bytes = this.#bytes;
    return copy;
  }

  get items() { return [...this.#items.values()]; }
  get(id) { return this.#items.get(id); }

  apply(change) {
    switch (change.do) {
      case 'add': return this.#put(change.item);
      case 'set': {
        const item = this.#items.get(change.id);
        return item?.kind === 'note' && this.#put({ ...item, ...change.to });
      }
      case 'remove': return this.#drop(change.id);
      case 'carry': for (const item of change.items) if (!this.#items.has(item.id)) this.#put(item);
    }
  }

  #put(item) {
    const before = this.#items.get(item.id);
    this.#drop(item.id);
    const size = utf8.encode(JSON.stringify(item)).length;
    for (const [id, { kind }] of this.#items) {
      if (this.#fits(size)) break;
      if (kind === 'stroke') this.#drop(id);
    }
    if (!this.#fits(size)) return before && this.#put(before);
    this.#items.set(item.id, item);
    this.#sizes.set(item.id, size);
    this.#bytes += size;
  }

  #fits(size) {
    return this.#bytes + size <= BOARD_BYTES && this.#items.size < ITEMS;
  }

  #drop(id) {
    if (!this.#items.delete(id)) return;
    this.#bytes -= this.#sizes.get(id);
    this.#sizes.delete(id);
  }
}

/**
 * One board in one room.
 *
 * Events: `change` when `items` changes; `ready` when the board matches the others', with `complete`: false if an older part is
 * lost; `refused` with `error`, when a change of this window could not be published.
 */
export class Board extends EventTarget {
  #room;
  #client;
  /** The common state at the room's position; empty until `#ready`. */
  #common = new Things();
  #ready = false;
  #failed = false;
  /** Changes of this window that the room has not returned, oldest first. */
  #pending = [];
  /** The items of the board before the server lost its history, until this window has published the missing ones. */
  #carried = [];
  #shown = this.#common;

  /** While not ready: the publications since the join, and the callback that waits for a snapshot among them. */
  #log = [];
  #onSnapshot;
  /** Grows with each load; results of an older load are ignored. */
  #loading = 0;
  #lastBase = 0;
  #undo = [];
  /** The offset of the latest `ask`, and the timer of the answer. */
  #asked = 0;
  #answering;
  #answeredAt = 0;

  /** @param client returns this connection's id */
  constructor(room, client) {
    super();
    this.#room = room;
    this.#client = client;
    room.addEventListener('joined', joined => this.#joined(joined));
    room.addEventListener('message', ({ message }) => this.#received(message));
  }

  get ready() { return this.#ready; }
  /** Notes and strokes, from the bottom to the top. Read-only. */
  get items() { return this.#shown.items; }
  get(id) { return this.#shown.get(id); }
  get waiting() { return this.#pending.length; }

  // ---- Changes of this window

  addNote(note) {
    const id = newId();
    this.#act({ do: 'add', item: { text: '', color: COLORS[0], ...note, id, kind: 'note' } });
    return id;
  }

  addStroke(color, points) {
    this.#act({ do: 'add', item: { id: newId(), kind: 'stroke', color, points: simplified(points) } });
  }

  set(id, to) {
    const item = this.get(id);
    if (item && Object.keys(to).some(property => item[property] !== to[property])) this.#act({ do: 'set', id, to });
  }

  remove(id) {
    if (this.get(id)) this.#act({ do: 'remove', id });
  }

  get canUndo() { return this.#undo.length > 0; }

  undo() {
    const change = this.#undo.pop();
    if (change) this.#publish(change);
  }

  #act(change) {
    const bounded = read(change);
    this.#undo.push(inverse(bounded, this.#shown));
    if (this.#undo.length > UNDO) this.#undo.shift();
    this.#publish(bounded);
  }

  #publish(change) {
    const pending = { ...change, tag: newId() };
    this.#pending.push(pending);
    this.#room.publish(pending).catch(error => {
      this.#settle(pending.tag);
      this.#show();
      this.dispatchEvent(Object.assign(new Event('refused'), { error }));
    });
    this.#show();
  }

  #settle(tag) {
    const index = this.#pending.findIndex(pending => pending.tag === tag);
    if (index >= 0) this.#pending.splice(index, 1);
  }

  #show() {
    this.#shown = this.#common.clone();
    this.#shown.apply({ do: 'carry', items: this.#carried });
    for (const change of this.#pending) this.#shown.apply(change);
    this.dispatchEvent(new Event('change'));
  }

  // ---- Changes of the room

  #received({ offset, data, from }) {
    const change = read(data);
    if (change?.tag) this.#settle(change.tag);
    if (this.#ready) this.#apply(offset, change, from);
    else this.#log.push({ offset, change });
    if (change?.do === 'snapshot') this.#onSnapshot?.();
  }

  #apply(offset, change, from) {
    if (change) this.#common.apply(change);
    if (change?.do === 'snapshot') this.#lastBase = Math.max(this.#lastBase, Math.min(change.base, offset));
    if (change?.do === 'ask' && from?.client !== this.#client()) this.#answer(offset);
    const over = offset - this.#lastBase - SNAPSHOT_AFTER;
    if (from?.client === this.#client() && over >= 0 && over % NEXT_TURN_AFTER === 0) this.#publishSnapshot();
    this.#show();
  }

  #publishSnapshot() {
    this.#room.publish({ do: 'snapshot', base: this.#room.position.offset, items: this.#common.items });
  }

  /** One answer serves all requests until then, so that many requests do not cause many answers. */
  #answer(asked) {
    this.#asked = asked;
    this.#answering ??= setTimeout(() => {
      this.#answering = undefined;
      if (!this.#ready || this.#room.state !== 'joined' || this.#lastBase >= this.#asked) return;
      this.#answeredAt = Date.now();
      this.#publishSnapshot();
    }, Math.random() * ANSWER_MILLIS + Math.max(0, this.#answeredAt + REST_MILLIS - Date.now()));
  }

  // ---- Joining

  #joined({ first, recovered, since }) {
    if (recovered && !first && !this.#failed) return; // a running load goes on: the client repeats its requests
    const epoch = this.#room.position.epoch;
    const forgotten = this.#ready && since?.epoch !== epoch;
    // Pending changes are published after the carried items, so they find the items that they change.
    if (forgotten) this.#carried = this.#shown.items;
    this.#ready = this.#failed = false;
    this.#log = [];
    this.#load(++this.#loading, this.#room.position);
  }

  async #load(loading, joined) {
    const isVoid = () => loading !== this.#loading;
    try {
      let past = [];
      let more = joined.offset > 0;
      while (more && !foundation(past)) {
        const before = { epoch: joined.epoch, offset: past[0]?.offset ?? joined.offset + 1 };
        const page = await this.#room.history({ before, limit: PAGE });
        if (isVoid()) return;
        past = [...page.messages.map(({ offset, data }) => ({ offset, change: read(data) })), ...past];
        more = page.more && page.messages.length > 0;
      }
      const known = () => [...past, ...this.#log];
      let found = foundation(past);
      if (!found && joined.offset > 0 && this.#room.count !== 1) {
        this.#room.publish({ do: 'ask' });
        await new Promise(resolve => {
          this.#onSnapshot = () => foundation(known()) && resolve();
          setTimeout(resolve, PATIENCE_MILLIS);
        });
        if (isVoid()) return;
        found = foundation(known());
      }
      this.#found(found ?? { base: 0, items: [] }, known());
      this.dispatchEvent(Object.assign(new Event('ready'), { complete: Boolean(found) || joined.offset === 0 }));
    } catch (error) {
      if (isVoid()) return;
      this.#failed = true;
      this.dispatchEvent(Object.assign(new Event('refused'), { error }));
    }
  }

  #found({ base, items }, known) {
    this.#onSnapshot = undefined;
    this.#common = Things.of(items);
    this.#lastBase = base;
    for (const { offset, change } of known) if (offset > base && change) this.#common.apply(change);
    this.#ready = true;
    this.#log = [];
    if (this.#carried.length) setTimeout(() => this.#carry(), Math.random() * CARRY_MILLIS);
    this.#show();
  }

  #carry() {
    const missing = this.#carried.filter(({ id }) => !this.#common.get(id));
    this.#carried = [];
    if (missing.length) this.#publish({ do: 'carry', items: missing });
    else this.#show();
  }
}

/**
 * Returns the latest usable snapshot among known publications in the room's order: one after whose base all changes are known.
 */
function foundation(known) {
  const first = known[0]?.offset;
  if (first === undefined) return;
  const usable = known.filter(({ offset, change }) => change?.do === 'snapshot' && change.base < offset && change.base + 1 >= first);
  const latest = usable.reduce((best, { change }) => (change.base >= (best?.base ?? -1) ? change : best), undefined);
  return latest ?? (first === 1 ? { base: 0, items: [] } : undefined);
}

/** Returns the change that restores the state before a change. */
function inverse(change, things) {
  const before = things.get(change.id);
  switch (change.do) {
    case 'add': return { do: 'remove', id: change.item.id };
    case 'remove': return { do: 'add', item: before };
    case 'set': return { do: 'set', id: change.id, to: Object.fromEntries(Object.keys(change.to).map(name => [name, before[name]])) };
  }
}

/**
 * Returns a stroke with fewer points: it keeps those that lie farthest from the line between their kept neighbours
 * (Ramer, Douglas and Peucker).
 *
 * @param points x and y in turn
 */
export function simplified(points, tolerance = 1.5) {
  const count = points.length / 2;
  const keep = new Set([0, count - 1]);
  const parts = [[0, count - 1]];
  while (parts.length) {
    const [from, to] = parts.pop();
    const [x, y] = [points[2 * from], points[2 * from + 1]];
    const [dx, dy] = [points[2 * to] - x, points[2 * to + 1] - y];
    const length = Math.hypot(dx, dy);
    let farthest = 0;
    let distance = tolerance;
    for (let i = from + 1; i < to; i++) {
      const [px, py] = [points[2 * i] - x, points[2 * i + 1] - y];
      const off = length ? Math.abs(dx * py - dy * px) / length : Math.hypot(px, py);
      if (off > distance) [farthest, distance] = [i, off];
    }
    if (farthest) {
      keep.add(farthest);
      parts.push([from, farthest], [farthest, to]);
    }
  }
  if (keep.size > POINTS) return simplified(points, tolerance * 1.5);
  return [...keep].sort((a, b) => a - b).flatMap(i => [Math.round(points[2 * i]), Math.round(points[2 * i + 1])]);
}
