import { compose } from './composer.js';
import { create, group, read, showPhase, sign } from './message.js';

/*
 * The conversation of a room, below which stands what was written here and is not yet confirmed, in the order of writing.
 *
 * Each message carries an id of its own, which is also the key that it is published with: sent again, after a lost connection or
 * a reload of the page, it is published once. What waits lives in the session storage, so it belongs to this window only.
 */

const PAGE = 30;
const CATCH_UP = 100;
const SHOWN = 500;
const REMEMBERED = 5_000;
/** How near to an end of the log, in pixels, counts as being there. */
const NEAR = 48;
const $ = id => document.getElementById(id);
const newId = () => [...crypto.getRandomValues(new Uint32Array(3))].map(n => n.toString(36)).join('-');

/** Events: `change`, when `waiting` or `unseen` did. */
export class Talk extends EventTarget {
  unseen = 0;

  #tutti;
  #room;
  #people;
  /** Written here and not yet back from the room: {id, text, at, phase, element}. */
  #outbox = [];
  #shown = new Set();
  /** While the history is read, what comes meanwhile waits for its place behind it. */
  #held;
  /** Where the log begins, while there is more in the history before it. */
  #begin;
  #reading = false;
  #log = $('log');
  #input = $('input');

  constructor(tutti, room, people) {
    super();
    this.#tutti = tutti;
    this.#room = room;
    this.#people = people;
    room.addEventListener('joined', joined => this.#joined(joined));
    room.addEventListener('message', ({ message }) => this.#received(message));
    people.addEventListener('change', () => this.#showTyping());
    tutti.addEventListener('state', () => this.#showPhases());
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    $('earlier').onclick = () => this.#loadEarlier();
    $('latest').onclick = () => {
      this.#scrollToEnd();
      this.#input.focus();
    };
    document.addEventListener('visibilitychange', () => this.#scrolled());
    // The keyboard of a phone and a growing draft take their room from the log; and a hidden log has no end to be at.
    new ResizeObserver(() => this.#atEnd(() => {})).observe(this.#log);
    const drafts = { get: () => this.#recall('draft', ''), set: text => this.#store('draft', text) };
    compose($('composer'), this.#input, drafts, typing => people.show({ typing }), text => {
      this.#scrollToEnd();
      this.#write({ id: newId(), text, at: Date.now() });
    });
    for (const { id, text, at } of this.#recall('outbox', [])) this.#write({ id, text, at });
  }

  /** How many messages wait to be sent. */
  get waiting() { return this.#outbox.filter(({ phase }) => phase !== 'delivered').length; }

  /** Says something about the conversation in its place. */
  note(text) {
    const note = document.createElement('p');
    note.className = 'note';
    note.textContent = text;
    this.#atEnd(() => this.#insert(note));
  }

  /** Also to be called when the log becomes visible. */
  seen() { this.#scrolled(); }

  // ---- Coming in

  async #joined({ first, recovered, missed, since }) {
    if (recovered) {
      if (missed) this.note(missed === 1 ? 'You were away: 1 message follows that you missed.' : `You were away: ${missed} messages follow that you missed.`);
      return;
    }
    const { epoch, offset } = this.#room.position;
    const sameEpoch = since?.epoch === epoch;
    if (!first) {
      this.note(sameEpoch ? 'You were away for long. Not all that was said meanwhile is still held.' : 'The server has restarted. Some messages may be lost.');
      if (!sameEpoch) this.#setBegin(undefined);
    }
    for (const entry of this.#outbox.filter(({ phase }) => phase === 'delivered')) {
      // The server had it, and has forgotten it before it came back.
      this.#take(entry);
      this.#shown.add(`${this.#tutti.user} ${entry.id}`);
    }
    const held = this.#held = [];
    this.#log.setAttribute('aria-busy', 'true');
    try {
      let messages = [];
      let more;
      do {
        const before = { epoch, offset: messages[0]?.offset ?? offset + 1 };
        const page = await this.#room.history({ before, limit: first ? PAGE : CATCH_UP });
        if (held !== this.#held) return; // joined anew
        messages = [...page.messages, ...messages];
        more = page.more && page.messages.length > 0;
      } while (!first && more && messages.length < SHOWN && !(sameEpoch && messages[0].offset <= since.offset));
      if (sameEpoch) messages = messages.filter(message => message.offset > since.offset);
      this.#atEnd(() => messages.forEach(message => this.#show(message)));
      if (first) this.#setBegin(more ? { epoch, offset: messages[0].offset } : undefined);
    } catch { /* The room was left or refused, which is told elsewhere. */ }
    this.#log.setAttribute('aria-busy', 'false');
    this.#held = undefined;
    held.forEach(message => this.#received(message));
  }

  #setBegin(position) {
    this.#begin = position;
    $('earlier').hidden = !position;
  }

  async #loadEarlier() {
    const before = this.#begin;
    if (!before || this.#log.getAttribute('aria-busy') === 'true') return;
    this.#log.setAttribute('aria-busy', 'true'); // what is old is not read out as if it was new
    try {
      const { messages, more, recovered } = await this.#room.history({ before, limit: PAGE });
      const height = this.#log.scrollHeight - this.#log.scrollTop;
      const first = $('earlier').nextElementSibling;
      for (const message of messages) this.#show(message, first);
      if (first) group(first);
      this.#setBegin(more && messages.length ? { ...before, offset: messages[0].offset } : undefined);
      if (!recovered) $('earlier').hidden = true;
      this.#log.scrollTop = this.#log.scrollHeight - height;
    } catch { /* as above */ }
    this.#log.setAttribute('aria-busy', 'false');
  }

  // ---- What the room says

  #received(message) {
    if (this.#held) return this.#held.push(message);
    let isOther = false;
    this.#atEnd(() => {
      isOther = this.#show(message);
      this.#trim();
    });
    if (isOther) this.#countUnseen(1);
  }

  /** Returns whether it is something new of somebody else. */
  #show({ offset, time, from, data }, before) {
    const said = read(data);
    if (!said) return false;
    const user = from?.user ?? '';
    const isMine = user === this.#tutti.user;
    const id = `${user} ${said.id ?? `${this.#room.position.epoch} ${offset}`}`;
    if (this.#shown.has(id)) return false; // published again when the first one was forgotten already
    this.#shown.add(id);
    if (this.#shown.size > REMEMBERED) this.#shown.delete(this.#shown.values().next().value);
    const own = isMine && this.#outbox.find(entry => entry.id === said.id);
    if (own) this.#take(own);
    const element = own ? own.element : create(said.text, isMine);
    const author = this.#people.of(from?.client, user);
    sign(element, { ...author, name: isMine ? 'You' : said.name || (from ? author.name : 'The server') }, time);
    showPhase(element, 'delivered');
    this.#insert(element, before);
    group(element);
    return !isMine;
  }

  /** The room's order comes first, what is still in the outbox stands below it. */
  #insert(element, before) {
    const next = before ?? this.#outbox[0]?.element ?? null;
    // Moving an element to where it is would be announced and animated again.
    if (!element.isConnected || element.nextElementSibling !== next) this.#log.insertBefore(element, next);
  }

  #trim() {
    while (this.#log.childElementCount - this.#outbox.length > SHOWN) $('earlier').nextElementSibling.remove();
  }

  // ---- What is written here

  #write({ id, text, at }) {
    const element = create(text, true);
    const entry = { id, text, at, element, phase: 'waiting' };
    sign(element, { ...this.#people.of(this.#tutti.client, this.#tutti.user), name: 'You' }, at);
    element.querySelector('.again').onclick = () => this.#publish(entry);
    element.querySelector('.discard').onclick = () => {
      this.#input.focus(); // The button goes and must not take the focus with it.
      this.#take(entry);
      element.remove();
    };
    this.#outbox.push(entry);
    this.#remember();
    this.#atEnd(() => this.#log.append(element));
    group(element);
    this.#publish(entry);
  }

  #publish(entry) {
    this.#setPhase(entry, this.#tutti.state === 'open' ? 'sent' : 'waiting');
    this.#room.publish({ id: entry.id, name: this.#people.me, text: entry.text }, { key: entry.id }).then(
      () => this.#setPhase(entry, 'delivered'),
      error => this.#setPhase(entry, 'failed', error.message));
  }

  #setPhase(entry, phase, why) {
    entry.phase = phase;
    showPhase(entry.element, phase, why);
    this.dispatchEvent(new Event('change'));
  }

  #showPhases() {
    for (const entry of this.#outbox) {
      if (entry.phase === 'waiting' || entry.phase === 'sent') this.#setPhase(entry, this.#tutti.state === 'open' ? 'sent' : 'waiting');
    }
  }

  #take(entry) {
    this.#outbox.splice(this.#outbox.indexOf(entry), 1);
    this.#remember();
    this.dispatchEvent(new Event('change'));
  }

  #showTyping() {
    const names = this.#people.all.filter(({ typing, user }) => typing && user !== this.#tutti.user).map(({ name }) => name);
    const text = names.length === 0 ? ''
      : names.length === 1 ? `${names[0]} is writing …`
      : names.length === 2 ? `${names[0]} and ${names[1]} are writing …`
      : `${names.length} people are writing …`;
    if ($('typing').textContent !== text) $('typing').textContent = text;
  }

  // ---- Reading

  #isAtEnd() { return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight <= NEAR; }
  #isHidden() { return document.hidden || this.#log.clientHeight === 0; }

  #scrolled() {
    if (this.#log.clientHeight === 0) return;
    this.#reading = !this.#isAtEnd();
    if (this.#log.scrollTop < NEAR && this.#reading) this.#loadEarlier();
    this.#countUnseen(0);
  }

  /** Changes the log; who reads its end continues to see its end, who reads further up is not moved. */
  #atEnd(change) {
    change();
    if (!this.#reading) this.#log.scrollTop = this.#log.scrollHeight;
  }

  #scrollToEnd() {
    this.#reading = false;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#countUnseen(0);
  }

  #countUnseen(more) {
    const before = this.unseen;
    this.unseen = this.#reading || this.#isHidden() ? before + more : 0;
    $('latest').hidden = !this.#reading || !this.unseen;
    $('latest').textContent = this.unseen === 1 ? '1 new message' : `${this.unseen} new messages`;
    if (this.unseen !== before) this.dispatchEvent(new Event('change'));
  }

  // ---- Storage

  #key(name) { return `tutti:${this.#room.name}:${name}`; }

  #remember() { this.#store('outbox', this.#outbox.map(({ id, text, at }) => ({ id, text, at }))); }

  #store(name, value) {
    try {
      sessionStorage.setItem(this.#key(name), JSON.stringify(value));
    } catch { /* Storage is full or forbidden: the page still works until it is reloaded. */ }
  }

  #recall(name, otherwise) {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key(name))) ?? otherwise;
    } catch {
      return otherwise;
    }
  }
}
