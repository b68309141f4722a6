import { askWhom } from '../../account.js';
import { $, setText } from '../../dom.js';
import { failureToStore, sentence } from '../api.js';
import { deleteLocalCopy } from '../device.js';
import { MOST_ITEMS } from './item.js';

/* Shows where the board's changes are stored, and why it cannot be changed. */

const ASK_AGAIN_MILLIS = 15_000;

const SAVED = { saved: 'Board saved', saving: 'Saving the board …', late: 'Board not saved yet' };
const LOCAL = { kept: 'Board kept on this device', failed: 'Board only in this window', writing: 'Saving the board …', opening: '' };

/** Events: `change`. */
export class BoardStatus extends EventTarget {
  #name;
  #items;
  #saving;
  #localCopy;
  #deletedCopy;
  #synced = false;
  /** Why the server ended the last connection: a sentence, or empty. */
  #closeReason = '';
  /** Why the server has not stored everything: a sentence, or empty. */
  #failure = '';
  #asking;
  /** The server's answer about the user; undefined until it comes. */
  #user;

  constructor({ name, items, provider, saving, localCopy, deletedCopy }) {
    super();
    this.#name = name;
    this.#items = items;
    this.#saving = saving;
    this.#localCopy = localCopy;
    this.#deletedCopy = deletedCopy;
    provider.on('sync', synced => {
      this.#synced = synced;
      if (synced) this.#closeReason = '';
      this.#show();
    });
    provider.on('connection-close', event => {
      this.#closeReason = event?.reason ? `The server says: ${sentence(event.reason)}` : '';
      this.#show();
    });
    for (const each of [saving, localCopy, deletedCopy, items]) each.addEventListener('change', () => this.#show());
    $('board-discard').onclick = async () => {
      await deleteLocalCopy(name);
      location.reload();
    };
    addEventListener('beforeunload', event => {
      if (saving.hasUnsaved && !['kept', 'opening'].includes(localCopy.state)) event.preventDefault();
    });
    this.#show();
  }

  /** Whether the content is known: the server's, or that of this device. */
  get isReady() { return this.#synced || this.#localCopy.isLoaded; }

  get isReadOnly() { return this.#user?.may.includes('write') === false; }

  /** Shows what the user may do here: the server's answer. */
  showRights(user) {
    this.#user = user;
    this.#show();
  }

  #show() {
    const isReader = this.isReadOnly && !this.#saving.hasUnsaved;
    const where = isReader ? '' : this.#synced ? this.#saving.state : this.#localCopy.state;
    $('saved').dataset.saved = where;
    setText($('saved-label'), (this.#synced ? SAVED : LOCAL)[where] ?? '');
    if (where === 'late') this.#askForFailure();
    else this.#clearFailure();
    this.#notify(where);
    this.dispatchEvent(new Event('change'));
  }

  #notify(where) {
    const { isDeleted } = this.#deletedCopy;
    $('board-discard').hidden = !isDeleted;
    setText($('board-discard'), isDeleted ? 'Discard' : ''); // a hidden label would be a part of the notice
    const text = isDeleted ? 'This board was deleted. You see the copy that this device has.' : this.#denial() ?? (where === 'late' ? `The board is not saved yet. ${this.#failure} Keep this page open.`
      : where === 'failed' && !this.#synced ? `${this.#closeReason} The board's changes are only in this window. Keep it open.`
      : !this.#synced && this.#closeReason ? `${this.#closeReason} Changes of the board are kept on this device.`
      : this.#items.isFull ? `The board is full: ${MOST_ITEMS.toLocaleString('en')} notes and strokes. Remove some to add others.`
      : '');
    $('board-notice').hidden = !text;
    setText($('board-notice-text'), text.replace(/\s+/g, ' ').trim());
  }

  /** Returns what the user may not do; undefined if the user may read and write, or has to sign in, which the room says. */
  #denial() {
    const may = this.#user?.may;
    if (!may || may.includes('write') || this.#user.way === 'none') return undefined;
    const unsent = this.#saving.hasUnsaved ? 'Your last changes were not sent.' : '';
    return `${may.includes('read') ? 'You can look at this board, but not change it.' : 'You have no access to the board of this room.'} ${unsent} ${askWhom(this.#user)}`;
  }

  #clearFailure() {
    clearTimeout(this.#asking);
    this.#asking = undefined;
    this.#failure = '';
  }

  /** Asks the server for the reason, again and again until it has stored everything. */
  async #askForFailure() {
    if (this.#asking) return;
    const asking = this.#asking = setTimeout(() => {
      this.#asking = undefined;
      this.#show();
    }, ASK_AGAIN_MILLIS);
    const failure = await failureToStore(this.#name);
    if (asking !== this.#asking) return;
    this.#failure = failure;
    this.#show();
  }
}
