import { MOST_DRAGGED } from './cursors.js';
import { HEIGHT, WIDTH } from './item.js';

const NUDGED_MILLIS = 400;

/**
 * Moves items together. It shows each step at once, here and in other windows, and changes the document when the movement ends.
 *
 * Events: `change`.
 */
export class Mover extends EventTarget {
  #items;
  #surface;
  #presence;
  /** {start, dx, dy, limits, timer} of the movement; `start` has {x, y} by id. */
  #moving;

  constructor(items, surface, presence) {
    super();
    this.#items = items;
    this.#surface = surface;
    this.#presence = presence;
  }

  get isMoving() { return Boolean(this.#moving); }

  begin(ids) {
    this.end();
    const moved = ids.map(id => this.#items.get(id)).filter(Boolean);
    if (!moved.length) return;
    const box = moved.map(item => item.box);
    this.#moving = {
      start: new Map(moved.map(({ id, x, y }) => [id, { x, y }])), dx: 0, dy: 0,
      limits: {
        left: -Math.min(...box.map(({ left }) => left)), right: WIDTH - Math.max(...box.map(({ right }) => right)),
        top: -Math.min(...box.map(({ top }) => top)), bottom: HEIGHT - Math.max(...box.map(({ bottom }) => bottom)),
      },
    };
  }

  /** Moves the items to a distance from their start; all of them stay on the board. */
  to(dx, dy) {
    const { limits } = this.#moving;
    this.#moving.dx = Math.round(Math.max(Math.min(dx, limits.right), limits.left));
    this.#moving.dy = Math.round(Math.max(Math.min(dy, limits.bottom), limits.top));
    const places = this.#places();
    this.#surface.move(places);
    this.#presence.show({ drag: [...places].slice(0, MOST_DRAGGED).map(([id, at]) => ({ id, ...at })) });
    this.dispatchEvent(new Event('change'));
  }

  /** Moves the items by a step of the keys; a pause ends the movement. */
  nudge(ids, dx, dy) {
    if (!this.#moving?.timer) this.begin(ids);
    if (!this.#moving) return;
    this.to(this.#moving.dx + dx, this.#moving.dy + dy);
    clearTimeout(this.#moving.timer);
    this.#moving.timer = setTimeout(() => this.end(), NUDGED_MILLIS);
  }

  /** Ends the movement; items that are gone meanwhile stay so. */
  end() {
    if (!this.#moving) return;
    const places = this.#places();
    const { dx, dy } = this.#moving;
    this.cancel();
    if (dx || dy) this.#items.move(places);
  }

  /** Ends the movement where it began. */
  cancel() {
    if (!this.#moving) return;
    clearTimeout(this.#moving.timer);
    this.#moving = undefined;
    this.#surface.settle();
    this.#presence.show({ drag: undefined });
    this.dispatchEvent(new Event('change'));
  }

  #places() {
    const { start, dx, dy } = this.#moving;
    return new Map([...start].map(([id, { x, y }]) => [id, { x: x + dx, y: y + dy }]));
  }
}
