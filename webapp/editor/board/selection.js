/**
 * The selected items of this window.
 *
 * Events: `change`.
 */
export class Selection extends EventTarget {
  #surface;
  #ids = new Set();

  constructor(surface) {
    super();
    this.#surface = surface;
    surface.isSelected = id => this.#ids.has(id);
  }

  get ids() { return [...this.#ids]; }
  get size() { return this.#ids.size; }
  has(id) { return this.#ids.has(id); }
  /** The id of the item that was selected last, or undefined. */
  get last() { return this.ids.at(-1); }

  /** Selects exactly these items. */
  set(ids) {
    const before = this.#ids;
    this.#ids = new Set(ids);
    if (before.size === this.#ids.size && [...before].every(id => this.#ids.has(id))) return;
    for (const id of new Set([...before, ...this.#ids])) this.#surface.mark(id);
    this.#surface.kept = this.last;
    this.dispatchEvent(new Event('change'));
  }

  toggle(id) { this.set(this.has(id) ? this.ids.filter(each => each !== id) : [...this.#ids, id]); }
  drop(id) { if (this.has(id)) this.toggle(id); }
  clear() { this.set([]); }
}
