import { $ } from '../../dom.js';
import { Cursors } from './cursors.js';
import { Gestures } from './gestures.js';
import { COLORS, HEIGHT, NOTE_HEIGHT, NOTE_WIDTH, WIDTH, bounded } from './item.js';
import { Keys } from './keys.js';
import { Mover } from './mover.js';
import { NoteTools } from './note-tools.js';
import { writeOn } from './note-writer.js';
import { Overview } from './overview.js';
import { Pasting } from './pasting.js';
import { exportPicture } from './picture.js';
import { Selection } from './selection.js';
import { Stage } from './stage.js';
import { Surface } from './surface.js';
import { Toolbar } from './toolbar.js';

const GAP = 16;
/** Free places that a new note tries, to each side of the middle of the view. */
const [ACROSS, DOWN] = [6, 5];
const WORD_MILLIS = 6_000;

/** Shows the board of a room. Its parts handle keys, pointers and buttons, and call the actions here. */
export class BoardView {
  stage = new Stage();
  tool = 'move';
  color = COLORS[0];
  isReadOnly = false;
  #announce;
  #toolbar;
  #tools;
  /** {id, show, end} of the note that the user writes. */
  #writing;
  #isShown = false;
  #isReady = false;
  #hiding;

  constructor({ name, items, presence, announce }) {
    this.items = items;
    this.presence = presence;
    this.#announce = announce;
    this.stage.overview = new Overview(items);
    this.surface = new Surface(items, this.stage);
    this.selection = new Selection(this.surface);
    this.mover = new Mover(items, this.surface, presence);
    this.surface.others = new Cursors(presence, this.surface);
    this.#toolbar = new Toolbar(this);
    this.#tools = new NoteTools(this);
    new Gestures(this);
    new Keys(this);
    new Pasting(this);
    $('export').onclick = () => exportPicture(name, items, words => this.say(words));
    items.addEventListener('change', ({ changed }) => this.#changed(changed));
    this.stage.centerOn({ x: WIDTH / 2, y: HEIGHT / 2 });
    this.useTool('move');
    document.body.dataset.board = 'write';
  }

  get isWriting() { return Boolean(this.#writing); }

  /** Shows what the user may do: a reader has no tools, and a full board takes nothing new. */
  showLimits({ isReady, isReadOnly }) {
    this.#isReady = isReady;
    this.#showEmpty();
    this.#toolbar.showFull(this.items.isFull);
    if (this.isReadOnly === isReadOnly) return;
    this.isReadOnly = isReadOnly;
    document.body.dataset.board = isReadOnly ? 'read' : 'write';
    $('tools').hidden = isReadOnly;
    this.#writing?.end();
    this.useTool('move');
  }

  /**
   * Call it when content has arrived: the first one scrolls into view.
   *
   * @param isAll whether it is the server's content, not only that of this device
   */
  showContent(isAll) {
    $('stage').setAttribute('aria-busy', 'false');
    if (this.#isShown) return;
    this.#isShown = isAll || this.items.size > 0;
    if (!this.items.size) return;
    const { left, top, right, bottom } = this.#box();
    this.stage.centerOn({ x: (left + right) / 2, y: (top + bottom) / 2 });
  }

  #changed(changed) {
    this.surface.update(changed, (id, element) => this.#leaveItem(id, element));
    for (const id of changed) if (!this.items.get(id)) this.selection.drop(id);
    if (changed.has(this.#writing?.id)) this.#writing.show(this.items.get(this.#writing.id)?.text ?? '');
    this.#showEmpty();
    this.#tools.place();
  }

  #showEmpty() { $('nothing').hidden = this.items.size > 0 || !this.#isReady; }

  /** Another note takes the focus of one that goes away. */
  #leaveItem(id, element) {
    const hadFocus = element.contains(document.activeElement) || (this.selection.last === id && this.#tools.contains(document.activeElement));
    if (this.#writing?.id === id) {
      this.#writing = undefined;
      this.presence.show({ edit: undefined });
    }
    if (!hadFocus) return;
    const next = element.nextElementSibling ?? element.previousElementSibling;
    if (this.#tools.contains(document.activeElement)) $('plane').append($('note-tools'));
    (next?.matches('.paper') ? next : $('add').disabled ? $('stage') : $('add')).focus();
  }

  /** Returns the box around all items: {left, top, right, bottom}. */
  #box() {
    const box = { left: WIDTH, top: HEIGHT, right: 0, bottom: 0 };
    for (const { box: { left, top, right, bottom } } of this.items.all) {
      box.left = Math.min(box.left, left);
      box.top = Math.min(box.top, top);
      box.right = Math.max(box.right, right);
      box.bottom = Math.max(box.bottom, bottom);
    }
    return box;
  }

  // ---- Actions

  /** Says a short text at the board, for some seconds. */
  say(words) {
    $('word').textContent = words;
    clearTimeout(this.#hiding);
    this.#hiding = setTimeout(() => { $('word').textContent = ''; }, WORD_MILLIS);
  }

  useTool(tool) {
    if (tool === 'pen' && this.items.isFull) return;
    this.tool = tool;
    this.#toolbar?.showTool(tool);
    $('stage').dataset.tool = tool;
    if (tool !== 'move') this.selection.clear();
  }

  /** Takes a colour for new items, and for the selected ones. */
  useColor(color) {
    this.color = color;
    this.#toolbar.showColor(color);
    this.items.color(this.selection.ids, color);
  }

  nextColor() {
    const { color } = this.items.get(this.selection.last);
    const next = COLORS[(COLORS.indexOf(color) + 1) % COLORS.length];
    this.items.color(this.selection.ids, next);
    this.#announce(next);
  }

  addStroke(points) { this.items.addStroke(this.color, points); }

  /** Adds a note, in a free place if the place is not given, and opens it for writing if it has no text. */
  addNote({ x, y } = this.#freePlace(), text = '') {
    if (this.isReadOnly) return;
    const id = this.items.addNote({ ...bounded({ x, y }), color: this.color, text });
    if (id === undefined) return;
    this.#isShown = true;
    this.surface.ensure(id);
    this.useTool('move');
    this.stage.show(this.items.get(id).box);
    this.selection.set([id]);
    if (text) this.surface.element(id).focus({ preventScroll: true });
    else this.write(id);
  }

  /** Returns the free place nearest to the middle of the view. */
  #freePlace() {
    const seen = this.stage.middle;
    const middle = bounded({ x: seen.x - NOTE_WIDTH / 2, y: seen.y - NOTE_HEIGHT / 2 });
    const [wide, high] = [NOTE_WIDTH + GAP, NOTE_HEIGHT + GAP];
    const near = [...this.items.all].filter(({ kind, x, y }) => kind === 'note'
      && Math.abs(x - middle.x) < (ACROSS + 1) * wide && Math.abs(y - middle.y) < (DOWN + 1) * high);
    const isFree = ({ x, y }) => near.every(note => Math.abs(note.x - x) >= wide || Math.abs(note.y - y) >= high);
    const places = [middle];
    for (let across = -ACROSS; across <= ACROSS; across++) {
      for (let down = -DOWN; down <= DOWN; down++) {
        const place = { x: middle.x + across * wide, y: middle.y + down * high };
        if (bounded(place).x === place.x && bounded(place).y === place.y) places.push(place);
      }
    }
    const distance = ({ x, y }) => Math.hypot(x - middle.x, y - middle.y);
    return places.sort((a, b) => distance(a) - distance(b)).find(isFree) ?? middle;
  }

  write(id) {
    if (this.isReadOnly || this.#writing || this.items.get(id)?.kind !== 'note') return;
    this.mover.end();
    this.surface.ensure(id);
    this.selection.set([id]);
    this.items.endText();
    const writer = writeOn(this.surface.element(id), this.items.get(id).text, words => this.items.setText(id, words), () => {
      this.#writing = undefined;
      this.items.endText();
      this.#tools.place();
      this.presence.show({ edit: undefined });
    });
    this.#writing = { id, ...writer };
    this.presence.show({ edit: id });
    this.#tools.place();
  }

  removeSelected() {
    const { ids } = this.selection;
    this.items.remove(ids);
    this.#announce(`${ids.length === 1 ? 'Removed' : `${ids.length} items removed`}. Undo brings ${ids.length === 1 ? 'it' : 'them'} back.`);
  }

  /** Ends what the user does: at first the tool, then the selection, then the stay on the board. */
  leave() {
    if (this.tool !== 'move') this.useTool('move');
    else if (this.selection.size > 1) this.selection.clear();
    else if (document.activeElement !== $('stage')) $('add').focus();
    else this.selection.clear();
  }

  /** Scales the board so that all items are in view. */
  showAll() {
    if (this.items.size) this.stage.fit(this.#box());
    else this.stage.centerOn({ x: WIDTH / 2, y: HEIGHT / 2 });
  }

  /** Moves the focus to the next note, from top to bottom, also to one out of view. */
  goToNote(step) {
    const notes = [...this.items.all].filter(({ kind }) => kind === 'note').sort((a, b) => a.y - b.y || a.x - b.x);
    if (!notes.length) return;
    const index = notes.findIndex(({ id }) => id === this.selection.last);
    const { id, box } = notes.at(index < 0 ? (step > 0 ? 0 : -1) : (index + step) % notes.length);
    this.surface.ensure(id);
    this.selection.set([id]);
    this.stage.show(box);
    this.surface.element(id).focus({ preventScroll: true });
  }
}
