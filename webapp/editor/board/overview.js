import { $ } from '../../dom.js';
import { HEIGHT, WIDTH } from './item.js';
import { paint } from './picture.js';

/** From so many items on, their elements are too slow to be scaled in each frame. */
const MANY = 300;
const PIXELS = 2e6;
const SCALE = Math.sqrt(PIXELS / (WIDTH * HEIGHT));

/** A picture of the whole board without its texts. It stands in for the elements of thousands of items while the wheel scales the board. */
export class Overview {
  #canvas = $('overview').querySelector('canvas');
  #items;
  #isStale = true;

  constructor(items) {
    this.#items = items;
    items.addEventListener('change', () => { this.#isStale = true; });
  }

  /** Returns whether the visible part of the board has many items: {left, top, right, bottom}. */
  isNeeded({ left, top, right, bottom }) {
    let count = 0;
    for (const { box } of this.#items.all) {
      if (box.left < right && box.right > left && box.top < bottom && box.bottom > top && ++count === MANY) return true;
    }
    return false;
  }

  /**
   * Shows the picture over the stage.
   *
   * @param left position of the board's corner in the stage, in pixels
   */
  show({ scale, left, top }) {
    if ($('overview').hidden) {
      if (this.#isStale) this.#draw();
      const { clientWidth, clientHeight } = $('stage');
      Object.assign($('overview').style, { width: `${clientWidth}px`, height: `${clientHeight}px` }); // leaves the scroll bars visible
      $('overview').hidden = false;
      $('plane').classList.toggle('rests', !$('plane').contains(document.activeElement)); // the focus would be lost
    }
    this.#canvas.style.transform = `translate(${left}px, ${top}px) scale(${scale / SCALE})`;
  }

  hide() {
    $('overview').hidden = true;
    $('plane').classList.remove('rests');
  }

  #draw() {
    const [width, height] = [Math.ceil(WIDTH * SCALE), Math.ceil(HEIGHT * SCALE)];
    Object.assign(this.#canvas, { width, height });
    const context = this.#canvas.getContext('2d', { alpha: false });
    context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface');
    context.fillRect(0, 0, width, height);
    context.scale(SCALE, SCALE);
    paint(context, this.#items, false);
    this.#isStale = false;
  }
}
