import { $ } from '../../dom.js';
import { Ink } from './ink.js';
import { Notes } from './notes.js';

/** A board with so few items has an element for each, so that the Tab key reaches all notes; a larger one only for those in or near the view. */
const FEW = 300;
/** Pixels around the view. */
const NEAR = 400;
/** Time in a frame for new elements. */
const FRAME_MILLIS = 6;

/** Shows the items in view, and some around it. It adds elements over several frames, so that no frame is late. */
export class Surface {
  ink = new Ink($('ink'));
  #notes = new Notes();
  #items;
  #stage;
  /** Positions that differ from the items', by id: this window or another one moves them. */
  #moving = new Map();
  /** {dragged(id), writerOf(id)} of the other windows. */
  others = { dragged: () => undefined, writerOf: () => '' };
  /** Returns whether the window has selected an item. */
  isSelected = () => false;
  /** The id of a note that stays even out of view: it may have the focus. */
  kept;
  /** Ids that wait for an element. */
  #waiting = new Set();
  #working;
  #sorting = false;

  constructor(items, stage) {
    this.#items = items;
    this.#stage = stage;
    stage.addEventListener('view', () => this.#look());
  }

  /** Returns the element of an item in view. */
  element(id) { return this.#notes.element(id) ?? this.ink.element(id); }

  /** Returns the position that the window shows. */
  shownAt(id) { return this.#moving.get(id) ?? this.others.dragged(id) ?? this.#items.get(id); }

  /** Shows changed items: `hidden` gets each id whose element goes away because the item is gone. */
  update(changed, hidden) {
    const view = this.#view();
    for (const id of changed) {
      const item = this.#items.get(id);
      if (item && this.element(id)) this.#show(item);
      else if (item) this.#want(item, view);
      else {
        this.#waiting.delete(id);
        this.#moving.delete(id);
        const element = this.element(id);
        if (element) hidden(id, element);
        this.#hide(id);
      }
    }
    this.#work();
  }

  /** Shows an item at once. */
  ensure(id) {
    if (this.#items.get(id) && !this.element(id)) this.#show(this.#items.get(id));
    this.#waiting.delete(id);
  }

  /** Shows items at positions that are not in the document yet: {x, y} by id. */
  move(places) {
    for (const [id, at] of places) {
      this.#moving.set(id, at);
      this.place(id);
    }
  }

  /** Shows the items of `move` at their own positions again. */
  settle() {
    const ids = [...this.#moving.keys()];
    this.#moving.clear();
    ids.forEach(id => this.place(id));
  }

  /** Shows an item at its position. */
  place(id) {
    const at = this.shownAt(id);
    if (!at) return;
    this.#notes.place(id, at);
    this.ink.place(id, at);
  }

  /** Looks at all items anew: after a change of the view. */
  #look() {
    const view = this.#view();
    for (const item of this.#items.all) {
      if (!this.#isNear(item, view)) this.#leave(item.id);
      else if (!this.element(item.id)) this.#want(item, view);
    }
    this.#work();
  }

  #leave(id) {
    this.#waiting.delete(id);
    if (this.kept !== id && this.element(id)) this.#hide(id);
  }

  #want(item, view) {
    if (!this.#isNear(item, view)) return;
    this.#waiting.add(item.id);
    if (item.kind === 'stroke') this.#sorting = true;
  }

  #view() {
    const { left, top, right, bottom } = this.#stage.visible;
    const near = NEAR / this.#stage.scale;
    return { left: left - near, top: top - near, right: right + near, bottom: bottom + near };
  }

  #isNear({ box }, view) {
    return this.#items.size <= FEW || (box.left < view.right && box.right > view.left && box.top < view.bottom && box.bottom > view.top);
  }

  /** Adds waiting elements in this frame and, if there are many, in the next ones. */
  #work() {
    if (this.#working || !this.#waiting.size) return;
    this.#addSome();
    if (!this.#waiting.size) return;
    this.#working = requestAnimationFrame(() => {
      this.#working = undefined;
      this.#work();
    });
  }

  #addSome() {
    const end = performance.now() + FRAME_MILLIS;
    for (const id of this.#waiting) {
      this.#waiting.delete(id);
      const item = this.#items.get(id);
      if (item) this.#show(item);
      if (this.#waiting.size && performance.now() > end) return;
    }
    if (this.#sorting) this.ink.sort(this.#items.strokes.map(({ id }) => id));
    this.#sorting = false;
  }

  #show(item) {
    const at = this.shownAt(item.id);
    if (item.kind === 'note') this.#notes.show(item, at, this.others.writerOf(item.id));
    else this.ink.show({ ...item, ...at });
    this.mark(item.id);
  }

  /** Shows whether an item is selected. */
  mark(id) { this.element(id)?.classList.toggle('selected', this.isSelected(id)); }

  #hide(id) {
    this.#notes.hide(id);
    this.ink.hide(id);
  }
}
