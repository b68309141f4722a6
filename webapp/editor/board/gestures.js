import { $ } from '../../dom.js';
import { NOTE_HEIGHT, NOTE_WIDTH } from './item.js';

/** A shorter movement is a click. */
const CLICK = 3;

/** Mouse, touch and pen on the board: they draw, erase, move, select and pan. */
export class Gestures {
  #view;
  #plane = $('plane');
  /** {pointer, move(event), end(event), cancel()} of the gesture that goes on. */
  #gesture;
  #isSpaceDown = false;

  /** @param view the BoardView */
  constructor(view) {
    this.#view = view;
    const plane = this.#plane;
    plane.addEventListener('pointerdown', event => this.#down(event));
    plane.addEventListener('pointermove', event => this.#move(event));
    plane.addEventListener('pointerup', event => this.#up(event));
    plane.addEventListener('pointercancel', event => this.#up(event, true));
    plane.addEventListener('pointerleave', ({ pointerType }) => pointerType === 'mouse' && view.presence.show({ x: null, y: null }));
    plane.addEventListener('mousedown', event => event.shiftKey && event.target.closest('.paper') && event.preventDefault()); // would focus one note alone
    plane.addEventListener('dblclick', event => this.#doubleClick(event));
    $('stage').addEventListener('keydown', event => {
      if (event.key !== ' ' || event.target.closest('textarea, button')) return;
      event.preventDefault();
      this.#isSpaceDown = true;
      $('stage').classList.add('pans');
    });
    addEventListener('keyup', event => event.key === ' ' && this.#release());
    addEventListener('blur', () => this.#release());
  }

  #release() {
    this.#isSpaceDown = false;
    $('stage').classList.remove('pans');
  }

  #doubleClick(event) {
    const view = this.#view;
    const note = event.target.closest('.paper');
    if (note) return view.write(note.dataset.id);
    if (view.tool !== 'move' || view.selection.size || event.target.closest('#note-tools, textarea')) return undefined;
    const { x, y } = view.stage.at(event);
    return view.addNote({ x: x - NOTE_WIDTH / 2, y: y - NOTE_HEIGHT / 2 });
  }

  #down(event) {
    if (this.#gesture || event.target.closest('textarea, button')) return;
    const isPan = event.button === 1 || (event.button === 0 && this.#isSpaceDown);
    if (event.button !== 0 && !isPan) return;
    const gesture = isPan ? this.#pan(event) : this.#gestureOf(event);
    if (gesture) this.#gesture = { pointer: event.pointerId, ...gesture };
  }

  #gestureOf(event) {
    const { tool, isReadOnly } = this.#view;
    const id = event.target.closest('.paper, #ink path')?.dataset.id;
    if (tool === 'pen') return this.#draw(event);
    if (tool === 'eraser') return this.#erase(event);
    if (id && !isReadOnly) return this.#drag(event, id);
    return this.#mark(event);
  }

  #move(event) {
    const { x, y } = this.#view.stage.at(event);
    this.#view.presence.show({ x, y });
    if (this.#gesture?.pointer === event.pointerId) this.#gesture.move(event);
  }

  #up(event, isCancelled = false) {
    if (event.pointerType !== 'mouse') this.#view.presence.show({ x: null, y: null });
    if (this.#gesture?.pointer !== event.pointerId) return;
    const { end, cancel } = this.#gesture;
    this.#gesture = undefined;
    if (isCancelled) cancel?.();
    else end?.(event);
  }

  // ---- Gestures

  #pan(event) {
    event.preventDefault();
    this.#plane.setPointerCapture(event.pointerId);
    let { clientX, clientY } = event;
    return {
      move: now => {
        this.#view.stage.scrollBy(clientX - now.clientX, clientY - now.clientY);
        ({ clientX, clientY } = now);
      },
    };
  }

  #draw(event) {
    const { stage, surface: { ink } } = this.#view;
    event.preventDefault();
    $('stage').focus({ preventScroll: true });
    this.#plane.setPointerCapture(event.pointerId);
    ink.begin(this.#view.color, stage.at(event));
    return {
      move: now => ink.extend((now.getCoalescedEvents?.() ?? [now]).map(each => stage.at(each))),
      end: () => this.#view.addStroke(ink.end()),
      cancel: () => ink.end(),
    };
  }

  #erase(event) {
    const { items, surface: { ink } } = this.#view;
    const erase = now => items.remove(ink.at(now));
    this.#plane.setPointerCapture(event.pointerId);
    erase(event);
    return { move: erase };
  }

  #drag(event, id) {
    const { stage, mover, selection, surface } = this.#view;
    const element = surface.element(id);
    const from = stage.at(event);
    const isNote = element.matches('.paper');
    if (event.shiftKey) {
      event.preventDefault();
      selection.toggle(id);
      return undefined;
    }
    const wasSelected = selection.has(id);
    if (!wasSelected) selection.set([id]);
    mover.begin(selection.ids);
    (isNote ? element : this.#plane).setPointerCapture(event.pointerId);
    if (isNote && document.activeElement !== element) element.focus({ preventScroll: true });
    event.preventDefault();
    let moved = false;
    return {
      move: now => {
        const at = stage.at(now);
        moved ||= Math.hypot(at.x - from.x, at.y - from.y) * stage.scale > CLICK;
        if (moved) mover.to(at.x - from.x, at.y - from.y);
      },
      end: () => {
        mover.end();
        if (!moved && wasSelected) selection.set([id]);
      },
      cancel: () => mover.cancel(),
    };
  }

  /** A mouse or a pen draws a frame around what it selects; a finger scrolls. */
  #mark(event) {
    const { stage, selection, items, isReadOnly } = this.#view;
    if (!event.shiftKey) selection.clear();
    if (event.pointerType === 'touch' || isReadOnly) return undefined;
    const from = stage.at(event);
    const frame = $('marquee');
    const before = selection.ids;
    this.#plane.setPointerCapture(event.pointerId);
    return {
      move: now => {
        const at = stage.at(now);
        const box = { left: Math.min(from.x, at.x), top: Math.min(from.y, at.y), right: Math.max(from.x, at.x), bottom: Math.max(from.y, at.y) };
        frame.hidden = false;
        Object.assign(frame.style, { translate: `${box.left}px ${box.top}px`, width: `${box.right - box.left}px`, height: `${box.bottom - box.top}px` });
        selection.set([...before, ...[...items.all].filter(item => touches(item, box)).map(({ id }) => id)]);
      },
      end: () => { frame.hidden = true; },
      cancel: () => { frame.hidden = true; },
    };
  }
}

/** Returns whether a note overlaps a box, or a stroke has a point in it. */
function touches({ kind, box, points, x, y }, { left, top, right, bottom }) {
  if (box.left > right || box.right < left || box.top > bottom || box.bottom < top) return false;
  if (kind === 'note') return true;
  for (let i = 0; i < points.length; i += 2) {
    const [px, py] = [points[i] + x, points[i + 1] + y];
    if (px >= left && px <= right && py >= top && py <= bottom) return true;
  }
  return false;
}
