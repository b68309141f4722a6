import { Amendments } from './amendments.js';
import { compose } from './composer.js';
import { $, setText } from './dom.js';
import { create, group, keyOf, newId, read, showPhase, sign } from './message.js';

/*
 * The chat of a room. Unconfirmed messages of this window stand below it, in the order of writing.
 *
 * Each message has an id, which is also the key of its publication: a message that is sent again, after a lost connection or a
 * reload of the page, is published once. The session storage holds unconfirmed messages, so they belong to this window only.
 */

const PAGE = 30;
const CATCH_UP = 100;
const SHOWN = 500;
const REMEMBERED = 5_000;
/** The log counts as scrolled to an end within this many pixels. */
const NEAR = 48;

const UNITS = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];

function keptText({ publications, seconds, stored }) {
  if (!publications) return 'This room keeps no messages: only people who are here receive them.';
  const [unit, length] = UNITS.find(([, length]) => seconds >= length && seconds % length === 0) ?? UNITS.at(-1);
  const time = `${(seconds / length).toLocaleString('en')} ${unit}${seconds === length ? '' : 's'}`;
  return `Kept: the latest ${publications.toLocaleString('en')} messages, for ${time}${stored ? '' : ' or until the server restarts'}.`;
}

/** Events: `change`, when `waiting` or `unseen` changes. */
export class Chat extends EventTarget {
  unseen = 0;

  #tutti;
  #room;
  #people;
  /** Messages of this window that the room has not returned yet: {id, text, at, phase, element}. */
  #outbox = [];
  #shown = new Set();
  /** Messages that arrive while the history is being read; they are shown after it. */
  #held;
  /** The position of the first message shown, while the history holds earlier ones. */
  #begin;
  #reading = false;
  #amendments;
  #log = $('log');
  #input = $('input');

  constructor(tutti, room, people) {
    super();
    this.#tutti = tutti;
    this.#room = room;
    this.#people = people;
    const changes = { get: () => this.#recall('changes', []), set: list => this.#store('changes', list) };
    this.#amendments = new Amendments(tutti, room, people, changes);
    this.#amendments.addEventListener('overflow', () => this.#setBegin(undefined));
    this.#amendments.addEventListener('change', () => this.dispatchEvent(new Event('change')));
    this.#amendments.addEventListener('failed', ({ error }) => this.#refused(error, `Your message was not changed: ${error.message}.`));
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
    // The on-screen keyboard and a growing draft shrink the log, and a hidden log has no scroll position.
    new ResizeObserver(() => this.#atEnd(() => {})).observe(this.#log);
    const drafts = { get: () => this.#recall('draft', ''), set: text => this.#store('draft', text) };
    compose($('composer'), this.#input, drafts, typing => people.show({ typing }), text => {
      this.#scrollToEnd();
      this.#write({ id: newId(), text, at: Date.now() });
    });
    this.#input.addEventListener('keydown', event => {
      if (event.key !== 'ArrowUp' || this.#input.value || event.isComposing) return;
      event.preventDefault();
      this.#amendments.editLast();
    });
    for (const { id, text, at } of this.#recall('outbox', [])) this.#write({ id, text, at });
  }

  /** The number of messages that the server has not confirmed. */
  get waiting() { return this.#outbox.filter(({ phase }) => phase !== 'delivered').length + this.#amendments.waiting; }

  /** Sets why the user may not write; false if the user may. */
  set readOnly(why) {
    this.#input.disabled = Boolean(why);
    this.#log.dataset.readOnly = Boolean(why);
    this.#input.placeholder = why || 'Your message';
    $('composer').querySelector('[type="submit"]').disabled = Boolean(why);
  }

  /** Shows how long the room keeps messages: {publications, seconds, stored}; nothing without an answer. */
  showKept(history) {
    if (history) setText($('kept'), keptText(history));
  }

  /** Inserts a remark at the end of the confirmed messages. */
  note(text) {
    const note = document.createElement('p');
    note.className = 'note';
    note.textContent = text;
    this.#atEnd(() => this.#insert(note));
  }

  /** Call it when the log becomes visible. */
  seen() { this.#scrolled(); }

  // ---- Joining

  async #joined({ first, recovered, missed, since }) {
    if (recovered) {
      if (missed) this.note(`You missed ${missed === 1 ? '1 message' : `${missed} messages`} while you were away:`);
      return;
    }
    const { epoch, offset } = this.#room.position;
    const sameEpoch = since?.epoch === epoch;
    if (!first) {
      this.note(sameEpoch ? 'You were away for long. The room no longer holds all messages that you missed.' : 'The server has restarted. Some messages may be lost.');
      if (!sameEpoch) this.#setBegin(undefined);
    }
    for (const entry of this.#outbox.filter(({ phase }) => phase === 'delivered')) {
      // The server confirmed it, but no longer holds it.
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
    } catch { /* The room was left or refused; the notice says so. */ }
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
    this.#log.setAttribute('aria-busy', 'true'); // screen readers must not announce old messages as new
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

  // ---- Receiving

  #received(message) {
    if (this.#held) return this.#held.push(message);
    let isOther = false;
    this.#atEnd(() => {
      isOther = this.#show(message);
      this.#trim();
    });
    if (isOther) this.#countUnseen(1);
  }

  /** Returns whether it is a new message of somebody else. */
  #show({ offset, time, from, data }, before) {
    const said = read(data);
    if (!said) return false;
    if (said.amends) {
      this.#atEnd(() => this.#amendments.take({ offset, from }, said, Boolean(before)));
      return false;
    }
    const user = from?.user ?? '';
    const isMine = user === this.#tutti.user;
    const id = `${user} ${said.id ?? `${this.#room.position.epoch} ${offset}`}`;
    if (this.#shown.has(id)) return false; // published again after the room dropped the first one
    this.#shown.add(id);
    if (this.#shown.size > REMEMBERED) this.#shown.delete(this.#shown.values().next().value);
    const own = isMine && this.#outbox.find(entry => entry.id === said.id);
    if (own) this.#take(own);
    const element = own ? own.element : create(said.text, isMine);
    const author = this.#people.of(from?.client, user);
    sign(element, { ...author, name: isMine ? 'You' : said.name || (from ? author.name : 'The server') }, time);
    this.#amendments.show(element, { key: keyOf(from, said.id), id: said.id, text: said.text, isMine });
    this.#insert(element, before);
    group(element);
    return !isMine;
  }

  /** Confirmed messages stand in the room's order, above those of the outbox. */
  #insert(element, before) {
    const next = before ?? this.#outbox[0]?.element ?? null;
    // Moving an element to its own place would announce and animate it again.
    if (!element.isConnected || element.nextElementSibling !== next) this.#log.insertBefore(element, next);
  }

  #trim() {
    while (this.#log.childElementCount - this.#outbox.length > SHOWN) $('earlier').nextElementSibling.remove();
  }

  // ---- Sending

  #write({ id, text, at }) {
    const element = create(text, true);
    const entry = { id, text, at, element, phase: 'waiting' };
    sign(element, { ...this.#people.of(this.#tutti.client, this.#tutti.user), name: 'You' }, at);
    element.querySelector('.again').onclick = () => this.#publish(entry);
    element.querySelector('.discard').onclick = () => {
      this.#input.focus(); // The button disappears; the focus must not disappear with it.
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
      error => {
        this.#setPhase(entry, 'failed', error.message);
        this.#refused(error);
      });
  }

  #refused(error, words) {
    if (words) this.note(words);
    if (error.code === 'forbidden') this.dispatchEvent(new Event('forbidden'));
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

  // ---- Scrolling

  #isAtEnd() { return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight <= NEAR; }
  #isHidden() { return document.hidden || this.#log.clientHeight === 0; }

  #scrolled() {
    if (this.#log.clientHeight === 0) return;
    this.#reading = !this.#isAtEnd();
    if (this.#log.scrollTop < NEAR && this.#reading) this.#loadEarlier();
    this.#countUnseen(0);
  }

  /** Changes the log. A log scrolled to its end stays there; otherwise the scroll position stays. */
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
