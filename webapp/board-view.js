import { Board, COLORS, HEIGHT, NOTE_HEIGHT, NOTE_WIDTH, TEXT_LENGTH, WIDTH } from './board.js';

/* The board on the screen: notes that are elements, strokes that are paths, and the pointers of the others above them. */

const SMALLEST = 0.62;
const LARGEST = 1.3;
const LONG_TEXT = 70;
const GAP = 16;
const STEP = 8;
const LARGE_STEP = 40;
const WRITE_MILLIS = 400;
const COLOR_NAMES = { yellow: 'yellow', coral: 'coral', green: 'green', blue: 'blue', violet: 'violet' };
const SVG = 'http://www.w3.org/2000/svg';

const $ = id => document.getElementById(id);
const svg = (name, attributes) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

export class BoardView {
  #board;
  #room;
  #tutti;
  #people;
  #announce;
  #tool = 'move';
  #color = COLORS[0];
  #scale = 1;
  /** By id. */
  #notes = new Map();
  #strokes = new Map();
  /** By client: {element, drag}. */
  #cursors = new Map();
  #selected;
  /** What this window shows of itself: where the pointer is, and the note that hangs on it. */
  #presence = { x: null, y: null };
  #dragging;
  #drawing;
  #writing;
  #pending;
  #centered = false;

  constructor(board, room, tutti, people, announce) {
    this.#board = board;
    this.#room = room;
    this.#tutti = tutti;
    this.#people = people;
    this.#announce = announce;
    board.addEventListener('change', () => this.#redraw());
    board.addEventListener('ready', ({ complete }) => {
      $('stage').setAttribute('aria-busy', 'false');
      if (!this.#centered) this.#center();
      if (!complete) announce('An older part of this board is no longer held.');
    });
    board.addEventListener('refused', ({ error }) => announce(`A change was not kept: ${error.message}`));
    room.addEventListener('members', ({ client }) => this.#showCursors(client));
    people.addEventListener('change', () => this.#showCursors());
    this.#tools();
    this.#pointers();
    this.#keys();
    $('plane').style.width = `${WIDTH}px`;
    $('plane').style.height = `${HEIGHT}px`;
    $('ink').setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    new ResizeObserver(() => this.#fit()).observe($('stage'));
    this.#fit();
  }

  #fit() {
    const { clientWidth, clientHeight } = $('stage');
    if (!clientWidth) return;
    // Seen as a whole, if notes can then still be read; else as high as there is room, and panned.
    const whole = Math.min(clientWidth / WIDTH, clientHeight / HEIGHT);
    this.#scale = Math.min(Math.max(whole < SMALLEST ? Math.min(clientHeight / HEIGHT, 1) : whole, SMALLEST), LARGEST);
    $('plane').style.setProperty('--scale', this.#scale);
    $('sheet').style.width = `${WIDTH * this.#scale}px`;
    $('sheet').style.height = `${HEIGHT * this.#scale}px`;
  }

  /** Where not all of the board can be seen, it opens in the middle of what is on it. */
  #center() {
    this.#centered = true;
    const places = this.#board.items.flatMap(({ kind, x, y, points }) =>
      (kind === 'note' ? [{ x: x + NOTE_WIDTH / 2, y: y + NOTE_HEIGHT / 2 }] : [{ x: points[0], y: points[1] }]));
    const middle = (values, otherwise) => (values.length ? (Math.min(...values) + Math.max(...values)) / 2 : otherwise);
    const stage = $('stage');
    stage.scrollLeft = middle(places.map(({ x }) => x), WIDTH / 2) * this.#scale - stage.clientWidth / 2;
    stage.scrollTop = middle(places.map(({ y }) => y), HEIGHT / 2) * this.#scale - stage.clientHeight / 2;
  }

  // ---- Drawing what there is

  #redraw() {
    this.#pending ??= requestAnimationFrame(() => {
      this.#pending = undefined;
      this.#draw();
    });
  }

  #draw() {
    const items = this.#board.items;
    const here = new Set(items.map(({ id }) => id));
    for (const [id, element] of this.#notes) if (!here.has(id)) this.#removeNote(id, element);
    for (const [id, element] of this.#strokes) {
      if (here.has(id)) continue;
      element.remove();
      this.#strokes.delete(id);
    }
    items.forEach((item, i) => (item.kind === 'note' ? this.#drawNote(item, i) : this.#drawStroke(item)));
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
    if (this.#dragging?.id !== note.id) this.#place(element, this.#draggedByOthers(note.id) ?? note);
    const text = element.querySelector('.words');
    if (text.textContent !== note.text) text.textContent = note.text;
    element.classList.toggle('long', note.text.length > LONG_TEXT);
    element.setAttribute('aria-label', note.text || 'Empty note');
  }

  #place(element, { x, y }) { element.style.translate = `${x}px ${y}px`; }

  #drawStroke({ id, color, points }) {
    let path = this.#strokes.get(id);
    if (!path) {
      path = svg('path', { 'data-id': id });
      this.#strokes.set(id, path);
      $('ink').append(path);
      path.setAttribute('d', pathOf(points));
    }
    path.dataset.color = color;
  }

  #removeNote(id, element) {
    const hadFocus = element.contains(document.activeElement) || (this.#selected === id && $('note-tools').contains(document.activeElement));
    if (this.#selected === id) this.#select(undefined);
    if (this.#writing?.id === id) this.#writing = undefined;
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

  /** The selected note's tools come right behind it, for the Tab key, too. */
  #placeTools() {
    const tools = $('note-tools');
    const element = this.#notes.get(this.#selected);
    tools.hidden = !element || Boolean(this.#writing) || Boolean(this.#dragging?.moved);
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

  /** The place next to the middle of what is seen where no other note is. */
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
    if (!element || this.#writing) return;
    if (this.#dragging) this.#drop();
    this.#select(id);
    const area = document.createElement('textarea');
    area.className = 'writing';
    area.value = this.#board.get(id).text;
    area.maxLength = TEXT_LENGTH;
    area.setAttribute('aria-label', 'Text of the note');
    area.dir = 'auto';
    let timer;
    const save = () => {
      clearTimeout(timer);
      if (this.#board.get(id)) this.#board.set(id, { text: area.value });
    };
    const end = () => {
      if (this.#writing?.area !== area) return;
      save();
      this.#writing = undefined;
      area.remove();
      element.classList.remove('is-written');
      this.#placeTools();
      this.#tell({ edit: undefined });
    };
    area.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(save, WRITE_MILLIS);
    });
    area.addEventListener('blur', end);
    area.addEventListener('keydown', event => {
      event.stopPropagation();
      if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return;
      event.preventDefault();
      end();
      element.focus();
    });
    this.#writing = { id, area };
    element.classList.add('is-written');
    element.append(area);
    this.#placeTools();
    area.focus({ preventScroll: false });
    area.setSelectionRange(area.value.length, area.value.length);
    this.#tell({ edit: id });
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
    this.#announce(COLOR_NAMES[next]);
  }

  #keys() {
    $('notes').addEventListener('focusin', ({ target }) => {
      const note = target.closest('.paper');
      if (note) this.#select(note.dataset.id);
    });
    $('notes').addEventListener('keydown', event => {
      const id = event.target.closest('.paper')?.dataset.id;
      const note = id && this.#board.get(id);
      if (!note || event.ctrlKey || event.metaKey || event.altKey) return;
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
      if ((event.ctrlKey || event.metaKey) && event.key === 'z') {
        event.preventDefault();
        this.#board.undo();
      }
    });
  }

  /** Keys come in rows: each step shows at once, the place is published when they pause. */
  #nudge(id, dx, dy) {
    const from = this.#dragging?.id === id ? this.#dragging.at : this.#board.get(id);
    const at = bounded({ x: from.x + dx, y: from.y + dy });
    clearTimeout(this.#dragging?.timer);
    this.#dragging = { id, at, timer: setTimeout(() => this.#drop(), WRITE_MILLIS) };
    const element = this.#notes.get(id);
    this.#place(element, at);
    element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.#placeTools();
    this.#tell({ drag: { id, ...at } });
  }

  #drop() {
    const { id, at, timer } = this.#dragging ?? {};
    clearTimeout(timer);
    this.#dragging = undefined;
    if (id && this.#board.get(id)) this.#board.set(id, at);
    this.#tell({ drag: undefined });
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
    plane.addEventListener('pointerleave', ({ pointerType }) => pointerType === 'mouse' && this.#tell({ x: null, y: null }));
    plane.addEventListener('dblclick', event => {
      const note = event.target.closest('.paper');
      if (note) return this.#write(note.dataset.id);
      if (this.#tool !== 'move' || event.target.closest('#note-tools')) return;
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
      const path = svg('path', { 'data-color': this.#color });
      $('ink').append(path);
      this.#drawing = { pointer: event.pointerId, points: [at.x, at.y], path };
      this.#ink();
    } else if (this.#tool === 'eraser') {
      $('plane').setPointerCapture(event.pointerId);
      this.#drawing = { pointer: event.pointerId };
      this.#erase(event);
    } else if (note) {
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
    if (this.#drawing?.pointer === event.pointerId) {
      if (this.#tool === 'eraser') this.#erase(event);
      else {
        for (const each of event.getCoalescedEvents?.() ?? [event]) {
          const { x, y } = this.#at(each);
          this.#drawing.points.push(x, y);
        }
        this.#ink();
      }
    } else if (this.#dragging?.pointer === event.pointerId) {
      const { id, grip, from } = this.#dragging;
      this.#dragging.moved ||= Math.hypot(at.x - from.x, at.y - from.y) > 3;
      if (this.#dragging.moved) {
        this.#dragging.at = bounded({ x: at.x - grip.x, y: at.y - grip.y });
        this.#place(this.#notes.get(id), this.#dragging.at);
        $('note-tools').hidden = true;
        return this.#tell({ ...at, drag: { id, ...this.#dragging.at } });
      }
    }
    this.#tell(at);
  }

  #up(event) {
    if (this.#drawing?.pointer === event.pointerId) {
      const { points, path } = this.#drawing;
      this.#drawing = undefined;
      path?.remove();
      if (points) this.#board.addStroke(this.#color, points.length > 2 ? points : [...points, points[0] + 1, points[1]]);
    } else if (this.#dragging?.pointer === event.pointerId) {
      if (this.#dragging.moved) this.#drop();
      else {
        this.#dragging = undefined;
        this.#placeTools();
      }
    }
    if (event.pointerType !== 'mouse') this.#tell({ x: null, y: null });
  }

  #ink() {
    const { path, points } = this.#drawing;
    path.setAttribute('d', pathOf(points));
  }

  #erase({ clientX, clientY }) {
    for (const element of document.elementsFromPoint(clientX, clientY)) {
      const id = element.closest('#ink path')?.dataset.id;
      if (id) this.#board.remove(id);
    }
  }

  // ---- The others

  #tell(changed) {
    Object.assign(this.#presence, changed);
    this.#room.setState(this.#presence);
  }

  #draggedByOthers(id) {
    for (const { drag } of this.#cursors.values()) if (drag?.id === id) return drag;
  }

  #showCursors(client) {
    const { members } = this.#room;
    if (client === undefined) {
      for (const shown of this.#cursors.keys()) if (!members.has(shown)) this.#showCursor(shown);
      for (const shown of members.keys()) this.#showCursor(shown);
    } else {
      this.#showCursor(client);
    }
  }

  #showCursor(client) {
    if (client === this.#tutti.client) return;
    const member = this.#room.members.get(client);
    const state = member?.state;
    const cursor = this.#cursors.get(client) ?? {};
    const before = cursor.drag;
    cursor.drag = readDrag(state?.drag);
    if (before && !cursor.drag) this.#redraw();
    const dragged = cursor.drag && this.#notes.get(cursor.drag.id);
    if (dragged && this.#dragging?.id !== cursor.drag.id) this.#place(dragged, cursor.drag);
    this.#showEditor(cursor, typeof state?.edit === 'string' ? state.edit : undefined, member);
    if (!member) {
      cursor.element?.remove();
      this.#cursors.delete(client);
      return;
    }
    this.#cursors.set(client, cursor);
    const isSeen = Number.isFinite(state?.x) && Number.isFinite(state?.y);
    if (!isSeen) {
      cursor.element?.remove();
      cursor.element = undefined;
      return;
    }
    const person = this.#people.of(client, member.user);
    if (!cursor.element) {
      cursor.element = $('cursor').content.firstElementChild.cloneNode(true);
      $('cursors').append(cursor.element);
    }
    cursor.element.style.color = person.color;
    cursor.element.style.translate = `${Math.min(Math.max(state.x, 0), WIDTH)}px ${Math.min(Math.max(state.y, 0), HEIGHT)}px`;
    const label = cursor.element.querySelector('.name');
    if (label.textContent !== person.name) label.textContent = person.name;
    label.style.backgroundColor = person.color;
  }

  /** A note that somebody else is writing on says so. */
  #showEditor(cursor, id, member) {
    if (cursor.edit === id) return;
    const of = note => this.#notes.get(note)?.querySelector('.writer');
    if (of(cursor.edit)) of(cursor.edit).textContent = '';
    cursor.edit = id;
    if (of(id) && member) of(id).textContent = `${this.#people.of(member.client, member.user).name} …`;
  }
}

const bounded = ({ x, y }) => ({
  x: Math.round(Math.min(Math.max(x, 0), WIDTH - NOTE_WIDTH)), y: Math.round(Math.min(Math.max(y, 0), HEIGHT - NOTE_HEIGHT)),
});

function readDrag(drag) {
  if (!(drag instanceof Object) || typeof drag.id !== 'string' || !Number.isFinite(drag.x) || !Number.isFinite(drag.y)) return;
  return { id: drag.id, ...bounded(drag) };
}

/** Returns a smooth path through the middles between the points, with the points as its handles. */
function pathOf(points) {
  let path = `M${points[0]} ${points[1]}`;
  for (let i = 2; i < points.length - 2; i += 2) {
    const [x, y, nextX, nextY] = points.slice(i, i + 4);
    path += `Q${x} ${y} ${(x + nextX) / 2} ${(y + nextY) / 2}`;
  }
  return `${path}L${points.at(-2)} ${points.at(-1)}`;
}
