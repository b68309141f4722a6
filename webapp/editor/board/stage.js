import { $ } from '../../dom.js';
import { HEIGHT, WIDTH } from './item.js';

const SMALLEST = 0.1;
const LARGEST = 2;
/** The steps of the buttons and keys. */
const STEPS = [0.1, 0.15, 0.25, 0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.5, 2];
/** Smaller notes show no text: nobody could read it. */
const READABLE = 0.3;
/** After this pause the browser draws the scaled board sharply. */
const SHARPEN_MILLIS = 200;
/** After this pause the wheel rests: to draw thousands of elements takes longer than a frame. */
const REST_MILLIS = 300;
const bounded = (value, least, most) => Math.min(Math.max(value, least), most);
/** Pixels around what `show` brings into view. */
const MARGIN = 48;

/**
 * The visible part of the board. The browser scrolls it, so wheels, touch and keys work as everywhere; this class scales it.
 *
 * Events: `view`, at most once a frame, after a scroll, a zoom or a change of the size; `scale` in a frame of a zoom that is not at its end.
 */
export class Stage extends EventTarget {
  #element = $('stage');
  #scale = 1;
  #emitting;
  #sharpening;
  /** {scale, anchor} that the wheel asks for: it turns more often than there are frames. */
  #wanted;
  /** {scale, left, top} of the picture that stands in for the board while the wheel turns, or undefined; and the end of its turning. */
  #picture;
  #resting;
  /** {isNeeded(box), show({scale, left, top}), hide()}. */
  overview = { isNeeded: () => false };

  constructor() {
    super();
    $('plane').style.width = `${WIDTH}px`;
    $('plane').style.height = `${HEIGHT}px`;
    $('ink').setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.#apply();
    this.#element.addEventListener('scroll', () => {
      this.#rest();
      this.#emit();
    }, { passive: true });
    new ResizeObserver(() => this.#emit()).observe(this.#element);
    this.#element.addEventListener('wheel', event => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault(); // else the browser scales the page
      this.#zoomSoon(Math.exp(-Math.max(-50, Math.min(50, event.deltaY)) / 200), event);
    }, { passive: false });
    this.#element.addEventListener('pointerdown', () => this.#rest(), { capture: true });
    this.#pinch();
  }

  get scale() { return this.#scale; }

  /** The scale that the user sees. */
  get shownScale() { return this.#picture?.scale ?? this.#scale; }

  /** Returns the position of a point of the window on the board. */
  at({ clientX, clientY }) {
    const { left, top } = $('plane').getBoundingClientRect();
    return { x: Math.round((clientX - left) / this.#scale), y: Math.round((clientY - top) / this.#scale) };
  }

  /** The visible part of the board: {left, top, right, bottom}. */
  get visible() {
    const { clientWidth, clientHeight } = this.#element;
    const { left, top } = this.#element.getBoundingClientRect();
    const from = this.at({ clientX: left, clientY: top });
    return { left: from.x, top: from.y, right: from.x + clientWidth / this.#scale, bottom: from.y + clientHeight / this.#scale };
  }

  get middle() {
    const { left, top, right, bottom } = this.visible;
    return { x: (left + right) / 2, y: (top + bottom) / 2 };
  }

  // ---- Zoom

  /** @param anchor {clientX, clientY}, the point of the window that stays in its place; the middle if absent */
  zoomTo(scale, anchor = this.#center()) {
    this.#rest();
    const to = bounded(scale, SMALLEST, LARGEST);
    if (to === this.#scale) return;
    const { left, top } = $('plane').getBoundingClientRect();
    const [x, y] = [(anchor.clientX - left) / this.#scale, (anchor.clientY - top) / this.#scale];
    this.#scale = to;
    this.#apply();
    this.#scaleNow();
    const now = $('plane').getBoundingClientRect();
    this.#element.scrollLeft += now.left + x * to - anchor.clientX;
    this.#element.scrollTop += now.top + y * to - anchor.clientY;
    this.#emit();
  }

  #zoomSoon(factor, { clientX, clientY }) {
    if (!this.#wanted) {
      requestAnimationFrame(() => {
        const { scale, anchor } = this.#wanted;
        this.#wanted = undefined;
        if (this.#picture || this.overview.isNeeded(this.visible)) this.#zoomPicture(bounded(scale, SMALLEST, LARGEST), anchor);
        else this.zoomTo(scale, anchor);
      });
    }
    this.#wanted = { scale: (this.#wanted?.scale ?? this.shownScale) * factor, anchor: { clientX, clientY } };
  }

  /** Scales the picture as `zoomTo` scales the board, which follows when the wheel rests. */
  #zoomPicture(scale, { clientX, clientY }) {
    const { left: x, top: y } = this.#element.getBoundingClientRect();
    const { clientWidth, clientHeight } = this.#element;
    const plane = $('plane').getBoundingClientRect();
    const from = this.#picture ?? { scale: this.#scale, left: plane.left - x, top: plane.top - y };
    // As the browser bounds the scroll position, and centres a board that is smaller than the stage.
    const place = (at, corner, size, room) => (size <= room ? (room - size) / 2 : bounded(at - (at - corner) * scale / from.scale, room - size, 0));
    this.#picture = {
      scale,
      left: place(clientX - x, from.left, WIDTH * scale, clientWidth),
      top: place(clientY - y, from.top, HEIGHT * scale, clientHeight),
    };
    this.overview.show(this.#picture);
    this.dispatchEvent(new Event('scale'));
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#rest(), REST_MILLIS);
  }

  /** Puts the board in the place of the picture, if there is one. */
  #rest() {
    if (!this.#picture) return;
    const { scale, left, top } = this.#picture;
    clearTimeout(this.#resting);
    this.#picture = undefined;
    this.#scale = scale;
    this.#apply();
    this.#element.scrollLeft = -left;
    this.#element.scrollTop = -top;
    this.overview.hide();
    this.#emit();
  }

  zoomIn() { this.zoomTo(STEPS.find(step => step > this.shownScale * 1.01) ?? LARGEST); }
  zoomOut() { this.zoomTo(STEPS.findLast(step => step < this.shownScale * 0.99) ?? SMALLEST); }

  /** Scales and scrolls so that all of a box is visible, not larger than life. */
  fit({ left, top, right, bottom }) {
    const { clientWidth, clientHeight } = this.#element;
    this.zoomTo(Math.min(1, (clientWidth - 2 * MARGIN) / (right - left), (clientHeight - 2 * MARGIN) / (bottom - top)));
    this.centerOn({ x: (left + right) / 2, y: (top + bottom) / 2 });
  }

  centerOn({ x, y }) {
    this.#rest();
    const { clientWidth, clientHeight } = this.#element;
    this.#element.scrollLeft = x * this.#scale - clientWidth / 2;
    this.#element.scrollTop = y * this.#scale - clientHeight / 2;
    this.#emit();
  }

  /** Scrolls as little as needed to show a box. */
  show({ left, top, right, bottom }) {
    this.#rest();
    const seen = this.visible;
    const margin = MARGIN / this.#scale;
    const by = (from, to, first, last) => (from - margin < first ? from - margin - first : to + margin > last ? to + margin - last : 0);
    this.scrollBy(by(left, right, seen.left, seen.right) * this.#scale, by(top, bottom, seen.top, seen.bottom) * this.#scale);
  }

  /** @param dx pixels of the window */
  scrollBy(dx, dy) {
    this.#rest();
    if (dx) this.#element.scrollLeft += dx;
    if (dy) this.#element.scrollTop += dy;
  }

  #center() {
    const { left, top } = this.#element.getBoundingClientRect();
    return { clientX: left + this.#element.clientWidth / 2, clientY: top + this.#element.clientHeight / 2 };
  }

  #apply() {
    const plane = $('plane');
    plane.style.transform = `scale(${this.#scale})`;
    // Not on the plane: thousands of elements would inherit it, and be styled anew.
    for (const id of ['cursors', 'marquee', 'note-tools']) $(id).style.setProperty('--scale', this.#scale);
    plane.classList.toggle('far', this.#scale < READABLE);
    $('sheet').style.width = `${WIDTH * this.#scale}px`;
    $('sheet').style.height = `${HEIGHT * this.#scale}px`;
  }

  /** While the scale changes, the browser scales a picture of the board, which is blurred and fast. */
  #scaleNow() {
    $('plane').style.willChange = 'transform';
    clearTimeout(this.#sharpening);
    this.#sharpening = setTimeout(() => { $('plane').style.willChange = ''; }, SHARPEN_MILLIS);
  }

  /** Two fingers scale the board; one finger scrolls it, which the browser does. */
  #pinch() {
    let last;
    const read = ({ touches: [one, other] }) => ({
      distance: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
      clientX: (one.clientX + other.clientX) / 2,
      clientY: (one.clientY + other.clientY) / 2,
    });
    const isPinch = event => event.touches.length === 2;
    this.#element.addEventListener('touchstart', event => {
      if (!isPinch(event)) return;
      event.preventDefault();
      last = read(event);
    }, { passive: false });
    this.#element.addEventListener('touchmove', event => {
      if (!last || !isPinch(event)) return;
      event.preventDefault();
      const now = read(event);
      this.zoomTo(this.#scale * now.distance / last.distance, now);
      this.scrollBy(last.clientX - now.clientX, last.clientY - now.clientY);
      last = now;
    }, { passive: false });
    for (const end of ['touchend', 'touchcancel']) this.#element.addEventListener(end, () => { last = undefined; });
  }

  #emit() {
    this.#emitting ??= requestAnimationFrame(() => {
      this.#emitting = undefined;
      this.dispatchEvent(new Event('view'));
    });
  }
}
