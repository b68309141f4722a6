import { announce } from './copy.js';
import { $ } from './dom.js';
import { edit } from './message-form.js';
import { keyOf, newId, showContent, showPhase } from './message.js';

/*
 * Edits and deletions of messages, both called amendments. Each is a publication of its own, which names the message by its id: {id, edits, text} or
 * {id, deletes, text}.
 *
 * A message is its author's: the user that the server names in `from`. The key of a message is that user and its id. So a publication reaches
 * only messages of its own author.
 */

/** Upper bound of the amendments that a page remembers. */
const MOST = 5_000;

/** The text that other clients show, which do not know the form. */
const DELETED = 'Deleted a message.';

/**
 * Shows messages as their authors last wrote them, and publishes the changes of this window.
 *
 * Events: `change` of `waiting`; `failed` with an `error` when the server refuses a change; `overflow`, when there are too many amendments:
 * messages from the history could then appear as they were before.
 */
export class Amendments extends EventTarget {
  #tutti;
  #room;
  #people;
  #storage;
  /** The latest amendment of each message, shown or not, by its key: {epoch, offset, text, isDeleted}. */
  #latest = new Map();
  /** Amendments of this window that the server has not confirmed: {id, amends, text, isDeleted}. */
  #sending;
  /** Messages on the page, by element: {key, id, text, isMine}; `text` is the first one. */
  #messages = new WeakMap();

  /** @param storage {get(), set(amendments)} of the unconfirmed ones; it survives a reload */
  constructor(tutti, room, people, storage) {
    super();
    this.#tutti = tutti;
    this.#room = room;
    this.#people = people;
    this.#storage = storage;
    this.#sending = storage.get();
    this.#sending.forEach(amendment => this.#publish(amendment));
    tutti.addEventListener('state', () => this.#sending.forEach(({ amends }) => this.#refreshOwn(amends)));
  }

  /** The number of changes that the server has not confirmed. */
  get waiting() { return this.#sending.length; }

  /** Shows a message as its author last wrote it. */
  show(element, message) {
    this.#messages.set(element, message);
    const button = element.querySelector('.change');
    if (button) {
      if (message.key) button.onclick = () => this.#edit(element);
      else button.remove();
    }
    this.#refresh(element);
  }

  /** Opens the user's last message for editing, if there is one. */
  editLast() {
    const last = [...$('log').querySelectorAll('.message[data-mine="true"][data-status="delivered"]:not(.deleted)')].at(-1);
    if (this.#messages.get(last)?.key) this.#edit(last);
  }

  /** Takes an amendment {amends, text, isDeleted}; one from the history may be older than those that are known. */
  take({ offset, from }, { amends, text, isDeleted }, isEarlier = false) {
    const key = keyOf(from, amends);
    if (!key) return;
    const { epoch } = this.#room.position;
    const latest = this.#latest.get(key);
    const isNewer = !latest || (latest.epoch === epoch ? offset > latest.offset : !isEarlier);
    if (latest?.isDeleted || !(isNewer || isDeleted)) return;
    this.#latest.delete(key);
    this.#latest.set(key, { epoch, offset, text, isDeleted });
    if (this.#latest.size > MOST) {
      this.#latest.delete(this.#latest.keys().next().value);
      this.dispatchEvent(new Event('overflow'));
    }
    this.#refreshAll(message => message.key === key);
  }

  #refreshOwn(id) { this.#refreshAll(message => message.isMine && message.id === id); }

  #refreshAll(matches) {
    for (const element of $('log').querySelectorAll('.message')) {
      const message = this.#messages.get(element);
      if (message && matches(message)) this.#refresh(element);
    }
  }

  #refresh(element) {
    const { key, id, text, isMine } = this.#messages.get(element);
    const sending = isMine && this.#sending.findLast(({ amends }) => amends === id);
    showContent(element, { text, ...sending || this.#latest.get(key) }, Boolean(sending || this.#latest.has(key)));
    showPhase(element, !sending ? 'delivered' : this.#tutti.state === 'open' ? 'sent' : 'waiting');
  }

  // ---- Sending

  #edit(element) {
    const { id, text, key } = this.#messages.get(element);
    edit(element, this.#latest.get(key)?.text ?? text, {
      save: changed => this.#send(element, { id: newId(), amends: id, text: changed, isDeleted: false }),
      remove: () => this.#send(element, { id: newId(), amends: id, text: DELETED, isDeleted: true }),
    });
  }

  #send(element, amendment) {
    this.#setSending([...this.#sending, amendment]);
    this.#refresh(element);
    announce(amendment.isDeleted ? 'Message deleted' : 'Message changed');
    this.#publish(amendment);
  }

  /** The id is also the key: after a lost connection or a reload the room takes it once. */
  async #publish(amendment) {
    const { id, amends, text, isDeleted } = amendment;
    try {
      const { offset } = await this.#room.publish({ id, name: this.#people.me, [isDeleted ? 'deletes' : 'edits']: amends, text }, { key: id });
      this.take({ offset, from: { user: this.#tutti.user } }, amendment); // the publication may come after the answer
    } catch (error) {
      this.dispatchEvent(Object.assign(new Event('failed'), { error }));
    }
    this.#setSending(this.#sending.filter(each => each !== amendment));
    this.#refreshOwn(amends);
  }

  #setSending(amendments) {
    this.#sending = amendments;
    this.#storage.set(amendments);
    this.dispatchEvent(new Event('change'));
  }
}
