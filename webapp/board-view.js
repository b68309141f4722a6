import { COLORS, HEIGHT, NOTE_HEIGHT, NOTE_WIDTH, WIDTH, bounded } from './board.js';
import { Cursors } from './cursors.js';
import { $ } from './dom.js';
import { Ink } from './ink.js';
import { writeOn } from './note-writer.js';

const SMALLEST = 0.62;
const LARGEST = 1.3;
const LONG_TEXT = 70;
const GAP = 16;
const STEP = 8;
const LARGE_STEP = 40;
const NUDGED_MILLIS = 400;

/** Shows the board, handles keys, mouse, touch and pen, and sends this window's pointer to the others. */
export class BoardView {
  #board;
  #room;
  #announce;
  #ink = new Ink($('ink'));
  #cursors;
  #tool = 'move';
  #color = COLORS[0];
  #scale = 1;
  /** Elements by id. */
  #notes = new Map();
  /** The id of a note. */
  #selected;
  /** This window's presence: the position of the pointer, and the note that it drags or edits. */
  #presence = { x: null, y: null };
  /** The note that the pointer or the keys move: {id, at, from, grip, pointer, moved, timer}. */
  #dragging;
  /** The id of the pointer that draws or erases. */
  #drawing;
  /** The id of the note being edited. */
  #writing;
  #redrawing;
  #centered = false;
  #readOnly = false;

  constructor(board, room, tutti, people, announce) {
    this.#board = board;
    this.#room = room;
    this.#announce = announce;
    this.#cursors = new Cursors(tutti, room, people, {
      element: id => this.#notes.get(id),
      place: (id, at) => this.#dragging?.id !== id && this.#place(this.#notes.get(id), at),
      letGo: () => this.#redraw(),
    });
    board.addEventListener('change', () => this.#redraw());
    board.addEventListener('ready', ({ complete }) => {
      $('stage').setAttribute('aria-busy', 'false');
      if (!this.#centered) this.#center();
      if (!complete) announce('The server no longer holds an older part of this board.');
    });
    board.addEventListener('refused', ({ error }) => announce(`The server refused a change: ${error.message}`));
    this.#tools();
    this.#pointers();
    this.#keys();
    $('plane').style.width = `${WIDTH}px`;
    $('plane').style.height = `${HEIGHT}px`;
    $('ink').setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    new ResizeObserver(() => this.#fit()).observe($('stage'));
    this.#fit();
  }

  /** Whether the user may only look. */
  set readOnly(value) {
    if (this.#readOnly === value) return;
    this.#readOnly = value;
    document.body.dataset.board = value ? 'read' : 'write';
    $('tools').hidden = value;
    this.#useTool('move');
    this.#select(undefined);
    if (value) this.#announce('You can look at this board, but not change it.');
  }

  #fit() {
    const { clientWidth, clientHeight } = $('stage');
    if (!clientWidth) return;
    // Shows the whole board if notes stay readable; else fits its height, and pans.
    const whole = Math.min(clientWidth / WIDTH, clientHeight / HEIGHT);
    this.#scale = Math.min(Math.max(whole < SMALLEST ? Math.min(clientHeight / HEIGHT, 1) : whole, SMALLEST), LARGEST);
    $('plane').style.setProperty('--scale', this.#scale);
    $('sheet').style.width = `${WIDTH * this.#scale}px`;
    $('sheet').style.height = `${HEIGHT * this.#scale}px`;
  }

  /** A board larger than the stage opens at the middle of its items. */
  #center() {
    this.#centered = true;
    const places = this.#board.items.flatMap(({ kind, x, y, points }) =>
      (kind === 'note' ? [{ x: x + NOTE_WIDTH / 2, y: y + NOTE_HEIGHT / 2 }] : [{ x: points[0], y: points[1] }]));
    const middle = (values, otherwise) => (values.length ? (Math.min(...values) + Math.max(...values)) / 2 : otherwise);
    const stage = $('stage');
    stage.scrollLeft = middle(places.map(({ x }) => x), WIDTH / 2) * this.#scale - stage.clientWidth / 2;
    stage.scrollTop = middle(places.map(({ y }) => y), HEIGHT / 2) * this.#scale - stage.clientHeight / 2;
  }

  // ---- Drawing

  #redraw() {
    this.#redrawing ??= requestAnimationFrame(() => {
      this.#redrawing = undefined;
      this.#draw();
    });
  }

  #draw() {
    const { items } = this.#board;
    const notes = items.filter(({ kind }) => kind === 'note');
    const here = new Set(notes.map(({ id }) => id));
    for (const [id, element] of this.#notes) if (!here.has(id)) this.#dropNote(id, element);
    notes.forEach((note, height) => this.#drawNote(note, height));
    this.#ink.show(items.filter(({ kind }) => kind === 'stroke'));
    $('nothing').hidden = items.length > 0 || !this.#board.ready;
    $('undo').disabled = !this.#board.canUndo;
    this.#placeTools();
  }

  #drawNote(note, height) {
    let element = this.#notes.get(note.id);
    if (!element) {
      element = $('note').content.firstElementChild.cloneNode(true);
      element.dataset.id = note.id;
      this.#notes.set(note.id, element);
      $('notes').append(element);
    }
    element.dataset.color = note.color;
    element.style.zIndex = height;
    if (this.#dragging?.id !== note.id) this.#place(element, this.#cursors.dragged(note.id) ?? note);
    const text = element.querySelector('.words');
    if (text.textContent !== note.text) text.textContent = note.text;
    element.classList.toggle('long', note.text.length > LONG_TEXT);
    element.setAttribute('aria-label', note.text || 'Empty note');
  }

  #place(element, { x, y }) {
    if (element) element.style.translate = `${x}px ${y}px`;
  }

  #dropNote(id, element) {
    const hadFocus = element.contains(document.activeElement) || (this.#selected === id && $('note-tools').contains(document.activeElement));
    if (this.#selected === id) this.#select(undefined);
    if (this.#writing === id) this.#writing = undefined;
    if (this.#dragging?.id === id) this.#dragging = undefined;
    const next = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    this.#notes.delete(id);
    if (hadFocus) (next?.matches('.paper') ? next : $('add')).focus();
  }

  // ---- Notes

  #select(id) {
    this.#notes.get(this.#selected)?.classList.remove('selected');
    this.#selected = id;
    this.#notes.get(id)?.classList.add('selected');
    this.#placeTools();
  }

  /** Puts the tools right after the selected note, also in the order of the Tab key. */
  #placeTools() {
    const tools = $('note-tools');
    const element = this.#notes.get(this.#selected);
    tools.hidden = !element || this.#readOnly || this.#writing !== undefined || Boolean(this.#dragging?.moved);
    if (!element) return;
    if (element.nextElementSibling !== tools && !tools.contains(document.activeElement)) element.after(tools);
    const { x, y } = (this.#dragging?.id === this.#selected ? this.#dragging.at : this.#board.get(this.#selected)) ?? { x: 0, y: 0 };
    const below = y + NOTE_HEIGHT + 60 / this.#scale < HEIGHT;
    tools.style.translate = `${x}px ${below ? y + NOTE_HEIGHT + 8 : y - 52 / this.#scale}px`;
  }

  #addNote(x, y) {
    const place = this.#freePlace();
    const id = this.#board.addNote({ x: x ?? place.x, y: y ?? place.y, color: this.#color });
    this.#draw();
    this.#useTool('move');
    this.#write(id);
  }

  /** Returns the free place nearest to the middle of the visible part. */
  #freePlace() {
    const { left, top, width, height } = $('stage').getBoundingClientRect();
    const seen = this.#at({ clientX: left + width / 2, clientY: top + height / 2 });
    const middle = bounded({ x: seen.x - NOTE_WIDTH / 2, y: seen.y - NOTE_HEIGHT / 2 });
    const taken = this.#board.items.filter(({ kind }) => kind === 'note');
    const isFree = ({ x, y }) =>
      taken.every(note => Math.abs(note.x - x) >= NOTE_WIDTH + GAP || Math.abs(note.y - y) >= NOTE_HEIGHT + GAP);
    const places = [middle];
    for (let across = -6; across <= 6; across++) {
      for (let down = -5; down <= 5; down++) {
        const place = { x: middle.x + across * (NOTE_WIDTH + GAP), y: middle.y + down * (NOTE_HEIGHT + GAP) };
        if (bounded(place).x === place.x && bounded(place).y === place.y) places.push(place);
      }
    }
    const distance = ({ x, y }) => Math.hypot(x - middle.x, y - middle.y);
    return places.filter(isFree).sort((a, b) => distance(a) - distance(b))[0] ?? middle;
  }

  #write(id) {
    const element = this.#notes.get(id);
    if (!element || this.#readOnly || this.#writing !== undefined) return;
    if (this.#dragging) this.#drop();
    this.#select(id);
    this.#writing = id;
    this.#placeTools();
    this.#sendPresence({ edit: id });
    writeOn(element, this.#board.get(id).text, text => this.#board.set(id, { text }), () => {
      this.#writing = undefined;
      this.#placeTools();
      this.#sendPresence({ edit: undefined });
    });
  }

  #remove(id) {
    this.#board.remove(id);
    this.#announce('Note removed. Undo brings it back.');
  }

  // ---- Tools

  #tools() {
    for (const radio of document.querySelectorAll('input[name="tool"]')) {
      radio.onchange = () => this.#useTool(radio.value);
    }
    for (const radio of document.querySelectorAll('input[name="color"]')) {
      radio.onchange = () => {
        this.#color = radio.value;
        if (this.#selected && this.#tool === 'move') this.#board.set(this.#selected, { color: radio.value });
      };
    }
    $('add').onclick = () => this.#addNote();
    $('undo').onclick = () => this.#board.undo();
    $('note-edit').onclick = () => this.#write(this.#selected);
    $('note-remove').onclick = () => this.#remove(this.#selected);
    $('note-color').onclick = () => this.#nextColor(this.#selected);
    this.#useTool('move');
  }

  #useTool(tool) {
    this.#tool = tool;
    document.querySelector(`input[name="tool"][value="${tool}"]`).checked = true;
    $('stage').dataset.tool = tool;
    if (tool !== 'move') this.#select(undefined);
  }

  #nextColor(id) {
    const { color } = this.#board.get(id);
    const next = COLORS[(COLORS.indexOf(color) + 1) % COLORS.length];
    this.#board.set(id, { color: next });
    this.#announce(next);
  }

  #keys() {
    $('notes').addEventListener('focusin', ({ target }) => {
      const note = target.closest('.paper');
      if (note) this.#select(note.dataset.id);
    });
    $('notes').addEventListener('keydown', event => {
      const id = event.target.closest('.paper')?.dataset.id;
      const note = id && this.#board.get(id);
      if (!note || this.#readOnly || event.ctrlKey || event.metaKey || event.altKey) return;
      const step = event.shiftKey ? LARGE_STEP : STEP;
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      if (moves[event.key]) this.#nudge(id, ...moves[event.key]);
      else if (event.key === 'Enter' || event.key === 'F2') this.#write(id);
      else if (event.key === 'Delete' || event.key === 'Backspace') this.#remove(id);
      else if (event.key === 'c') this.#nextColor(id);
      else if (event.key === 'Escape') $('add').focus();
      else return;
      event.preventDefault();
    });
    addEventListener('keydown', event => {
      if (event.target.closest?.('input, textarea')) return;
      if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !this.#readOnly) {
        event.preventDefault();
        this.#board.undo();
      }
    });
  }

  /** Shows each step at once, and publishes the position when the keys pause. */
  #nudge(id, dx, dy) {
    const from = this.#dragging?.id === id ? this.#dragging.at : this.#board.get(id);
    const at = bounded({ x: from.x + dx, y: from.y + dy });
    clearTimeout(this.#dragging?.timer);
    this.#dragging = { id, at, timer: setTimeout(() => this.#drop(), NUDGED_MILLIS) };
    const element = this.#notes.get(id);
    this.#place(element, at);
    element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.#placeTools();
    this.#sendPresence({ drag: { id, ...at } });
  }

  #drop() {
    const { id, at, timer } = this.#dragging ?? {};
    clearTimeout(timer);
    this.#dragging = undefined;
    if (id && this.#board.get(id)) this.#board.set(id, at);
    this.#sendPresence({ drag: undefined });
    this.#placeTools();
  }

  // ---- Pointer, touch and pen

  #at({ clientX, clientY }) {
    const { left, top } = $('plane').getBoundingClientRect();
    return { x: Math.round((clientX - left) / this.#scale), y: Math.round((clientY - top) / this.#scale) };
  }

  #pointers() {
    const plane = $('plane');
    plane.addEventListener('pointerdown', event => this.#down(event));
    plane.addEventListener('pointermove', event => this.#move(event));
    plane.addEventListener('pointerup', event => this.#up(event));
    plane.addEventListener('pointercancel', event => this.#up(event));
    plane.addEventListener('pointerleave', ({ pointerType }) => pointerType === 'mouse' && this.#sendPresence({ x: null, y: null }));
    plane.addEventListener('dblclick', event => {
      const note = event.target.closest('.paper');
      if (note) return this.#write(note.dataset.id);
      if (this.#readOnly || this.#tool !== 'move' || event.target.closest('#note-tools')) return;
      const { x, y } = this.#at(event);
      this.#addNote(x - NOTE_WIDTH / 2, y - NOTE_HEIGHT / 2);
    });
  }

  #down(event) {
    if (event.button !== 0 || event.target.closest('textarea, button')) return;
    const at = this.#at(event);
    const note = event.target.closest('.paper');
    if (this.#tool === 'pen') {
      event.preventDefault();
      $('plane').setPointerCapture(event.pointerId);
      this.#drawing = event.pointerId;
      this.#ink.begin(this.#color, at);
    } else if (this.#tool === 'eraser') {
      $('plane').setPointerCapture(event.pointerId);
      this.#drawing = event.pointerId;
      this.#erase(event);
    } else if (note && !this.#readOnly) {
      const id = note.dataset.id;
      const { x, y } = this.#board.get(id);
      clearTimeout(this.#dragging?.timer);
      this.#dragging = { id, pointer: event.pointerId, from: at, grip: { x: at.x - x, y: at.y - y }, at: { x, y } };
      note.setPointerCapture(event.pointerId);
      note.focus({ preventScroll: true });
      event.preventDefault();
    } else {
      this.#select(undefined);
    }
  }

  #move(event) {
    const at = this.#at(event);
    if (this.#drawing === event.pointerId) {
      if (!this.#ink.isDrawing) this.#erase(event);
      else this.#ink.extend((event.getCoalescedEvents?.() ?? [event]).map(each => this.#at(each)));
    } else if (this.#dragging?.pointer === event.pointerId) {
      const { id, grip, from } = this.#dragging;
      this.#dragging.moved ||= Math.hypot(at.x - from.x, at.y - from.y) > 3;
      if (this.#dragging.moved) {
        this.#dragging.at = bounded({ x: at.x - grip.x, y: at.y - grip.y });
        this.#place(this.#notes.get(id), this.#dragging.at);
        $('note-tools').hidden = true;
        return this.#sendPresence({ ...at, drag: { id, ...this.#dragging.at } });
      }
    }
    this.#sendPresence(at);
  }

  #up(event) {
    if (this.#drawing === event.pointerId) {
      this.#drawing = undefined;
      if (this.#ink.isDrawing) this.#board.addStroke(this.#color, this.#ink.end());
    } else if (this.#dragging?.pointer === event.pointerId) {
      if (this.#dragging.moved) this.#drop();
      else {
        this.#dragging = undefined;
        this.#placeTools();
      }
    }
    if (event.pointerType !== 'mouse') this.#sendPresence({ x: null, y: null });
  }

  #erase(event) {
    for (const id of this.#ink.at(event)) this.#board.remove(id);
  }

  #sendPresence(changed) {
    Object.assign(this.#presence, changed);
    this.#room.setState(this.#presence);
  }
}
