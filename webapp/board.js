/*
 * The state of a shared board: notes and strokes, the same in every window.
 *
 * How it converges
 *
 * Everything done on the board is a publication in its room, so all windows get the same changes in the same order. A board is what
 * these changes make of an empty one, one after the other; of two changes to the same thing the later in the room's order wins, for
 * each of its properties. Nothing else decides: no clocks, no ids of clients. What is done here shows at once, laid over the common
 * state, and moves into it when the room has given it its place.
 *
 * Whoever comes late reads the room's history. That holds the latest changes only, so that now and then somebody publishes
 * a `snapshot`: the board as it was after the change number `base`. For those who know the board it changes nothing, so it does not
 * matter how many there are, or whether two come at once. A newcomer takes the latest one and the changes since its base.
 * It is due after a number of changes, and from the window that made the change which completed that number: that is one window,
 * without any agreement. If it vanishes in that moment, a later change is somebody else's turn.
 *
 * A history can be too old for that, though others here know the board. The newcomer then publishes `ask`, and they answer with a
 * snapshot, each after a random moment, unless another was faster. If nobody answers, the board starts from what is held.
 *
 * When the server has lost its history (a new epoch), the windows still have their boards. Each first reads what is there, and then
 * publishes what is missing: `carry` adds things that are unknown and changes none. So all get the union, and whose copy came
 * first. Something removed in the last moment may come back; nothing differs between windows.
 *
 * All this trusts who is in the room: whoever may write on a board may wipe it, and could tell newcomers of another one.
 *
 * The size is bounded, by the same rule for all: where a change would make the board too large, the oldest strokes go, and if there
 * are none left, the change is void.
 */

export const WIDTH = 1200;
export const HEIGHT = 800;
export const NOTE_WIDTH = 184;
export const NOTE_HEIGHT = 144;
export const COLORS = ['yellow', 'coral', 'green', 'blue', 'violet'];
export const TEXT_LENGTH = 280;

const POINTS = 120;
const BOARD_BYTES = 40 * 1024; // so that a snapshot fits into a message
const ITEMS = 1000;
const SNAPSHOT_AFTER = 100;
const NEXT_TURN_AFTER = 20;
const ANSWER_MILLIS = 400;
const REST_MILLIS = 1_500;
const PATIENCE_MILLIS = 2_500;
const CARRY_MILLIS = 800;
const PAGE = 100;
const UNDO = 50;

/** Returns the nearest place for a note. */
export const bounded = ({ x, y }) => ({
  x: Math.round(Math.min(Math.max(x, 0), WIDTH - NOTE_WIDTH)), y: Math.round(Math.min(Math.max(y, 0), HEIGHT - NOTE_HEIGHT)),
});

const utf8 = new TextEncoder();
const newId = () => [...crypto.getRandomValues(new Uint32Array(2))].map(n => n.toString(36)).join('');

// ---- What comes from strangers: taken apart, and made anew from what is understood ------------------------------

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
    default: // of a later version
  }
}

/** Things by id, from the one that was touched least recently to the latest, which lies on top. */
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
 * Events: `change` when `items` is another; `ready` when the board is what all others see, with `complete`: whether nothing of it
 * was lost before anybody could tell it; `refused` with `error`, when something done here could not be published.
 */
export class Board extends EventTarget {
  #room;
  #client;
  /** What all know, as of the room's position; undefined until it is known here. */
  #common = new Things();
  #ready = false;
  #failed = false;
  /** Changes made here that the room has not given a place, in the order of their making. */
  #pending = [];
  /** What was on the board when the server forgot, until it is known who carries it over. */
  #carried = [];
  #shown = this.#common;

  /** While not ready: what came since the join, and who waits for a snapshot among it. */
  #log = [];
  #onSnapshot;
  /** Grows with each load: what an older one still finds is void. */
  #loading = 0;
  #lastBase = 0;
  #undo = [];
  /** The latest that was asked for, and the timer of the answer. */
  #asked = 0;
  #answering;
  #answeredAt = 0;

  /** @param client returns the id of the own connection */
  constructor(room, client) {
    super();
    this.#room = room;
    this.#client = client;
    room.addEventListener('joined', joined => this.#joined(joined));
    room.addEventListener('message', ({ message }) => this.#received(message));
  }

  get ready() { return this.#ready; }
  /** Notes and strokes, from the lowest to the one on top. Not to be changed. */
  get items() { return this.#shown.items; }
  get(id) { return this.#shown.get(id); }
  get waiting() { return this.#pending.length; }

  // ---- What is done here

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

  // ---- What the room says

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

  /** One answer serves all who have asked until then, so that much asking does not make for much answering. */
  #answer(asked) {
    this.#asked = asked;
    this.#answering ??= setTimeout(() => {
      this.#answering = undefined;
      if (!this.#ready || this.#room.state !== 'joined' || this.#lastBase >= this.#asked) return;
      this.#answeredAt = Date.now();
      this.#publishSnapshot();
    }, Math.random() * ANSWER_MILLIS + Math.max(0, this.#answeredAt + REST_MILLIS - Date.now()));
  }

  // ---- Coming in

  #joined({ first, recovered, since }) {
    if (recovered && !first && !this.#failed) return; // a load under way goes on, too: what it asked for is asked again
    const epoch = this.#room.position.epoch;
    const forgotten = this.#ready && since?.epoch !== epoch;
    // What was not yet published is published behind it, and then finds what it is about.
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

/** Returns what the board can be built on when this is known, in the room's order: the latest snapshot whose later changes are. */
function foundation(known) {
  const first = known[0]?.offset;
  if (first === undefined) return;
  const usable = known.filter(({ offset, change }) => change?.do === 'snapshot' && change.base < offset && change.base + 1 >= first);
  const latest = usable.reduce((best, { change }) => (change.base >= (best?.base ?? -1) ? change : best), undefined);
  return latest ?? (first === 1 ? { base: 0, items: [] } : undefined);
}

/** Returns what takes a change back, as far as nobody has changed the same since. */
function inverse(change, things) {
  const before = things.get(change.id);
  switch (change.do) {
    case 'add': return { do: 'remove', id: change.item.id };
    case 'remove': return { do: 'add', item: before };
    case 'set': return { do: 'set', id: change.id, to: Object.fromEntries(Object.keys(change.to).map(name => [name, before[name]])) };
  }
}

/**
 * Returns a stroke with no more points than it needs: the farther one lies from the line between its neighbours that stay, the
 * sooner it is kept (Ramer, Douglas and Peucker).
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
