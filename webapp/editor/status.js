import { askWhom, signIn } from '../account.js';
import { announce } from '../copy.js';
import { $, setText } from '../dom.js';
import { failureToStore, sentence } from './api.js';

/* Shows the state of the connection, and where this window's changes are stored. */

const ASK_AGAIN_MILLIS = 15_000;

const CONNECTION = { connecting: 'Connecting', open: 'Connected', offline: 'Offline', closed: 'Connection closed' };
const SAVED = { saved: 'Saved', saving: 'Saving …', late: 'Not saved yet' };
const LOCAL = { kept: 'Kept on this device', failed: 'Only in this window', writing: 'Saving …', opening: 'Saving …' };

export class Status {
  #name;
  #saving;
  #localCopy;
  #deletedCopy;
  #connection = 'connecting';
  /** The reason of the last close, and of a failure to store; sentences, or empty. */
  #closeReason = '';
  #failure = '';
  #askTimer;
  /** The server's answer about the user; undefined until it comes. */
  #user;

  constructor(name, provider, saving, localCopy, deletedCopy) {
    this.#name = name;
    this.#saving = saving;
    this.#localCopy = localCopy;
    this.#deletedCopy = deletedCopy;
    provider.on('sync', synced => {
      if (synced) this.#closeReason = '';
      this.#become(synced ? 'open' : 'offline');
    });
    provider.on('connection-close', event => {
      this.#closeReason = event?.reason ? `The server says: ${sentence(event.reason)}` : '';
      this.#become('offline');
    });
    provider.on('closed', () => this.#become('closed'));
    // A dead connection is detected late, but the device may know. Other windows of this browser stay connected.
    addEventListener('offline', () => {
      provider.disconnect();
      provider.connectBc();
    });
    addEventListener('online', () => provider.connect());
    saving.addEventListener('change', () => this.#show());
    localCopy.addEventListener('change', () => this.#show());
    deletedCopy.addEventListener('change', () => this.#show());
    addEventListener('beforeunload', event => {
      if (saving.hasUnsaved && !['kept', 'opening'].includes(localCopy.state)) event.preventDefault();
    });
    $('retry').onclick = () => {
      if (this.#mustSignIn) return signIn(this.#user.signIn);
      provider.disconnect();
      provider.connect();
    };
    this.#show();
  }

  /** Shows what the user may do here: the server's answer. */
  showRights(user) {
    this.#user = user;
    this.#show();
  }

  get #mustSignIn() { return Boolean(this.#user?.way === 'none' && this.#user.signIn); }

  /** Returns what the user may not do, as a title and a text; undefined if the user may read and write. */
  #denial(isKept) {
    const may = this.#user?.may;
    if (!may || may.includes('write')) return undefined;
    const unsent = !this.#saving.hasUnsaved ? '' : isKept ? 'Your last changes are kept on this device, and were not sent.' : 'Your last changes were not sent. Download a copy.';
    const whom = askWhom(this.#user);
    if (this.#user.way === 'none') return { title: 'Please sign in', text: `This server is for its users. ${unsent} ${whom}` };
    if (may.includes('read')) return { title: 'You can read this document, but not write', text: `${unsent} ${whom}`, calm: !unsent };
    return { title: 'You have no access to this document', text: `${unsent} ${whom}` };
  }

  #become(connection) {
    if (this.#connection === connection) return;
    if (connection === 'open' && this.#connection !== 'connecting') announce('Connected');
    this.#connection = connection;
    this.#show();
  }

  #show() {
    const connection = this.#connection;
    $('state').dataset.state = document.body.dataset.state = connection;
    setText($('state-label'), this.#deletedCopy.isDeleted ? 'Copy of a deleted document' : CONNECTION[connection]);
    const isReader = this.#user?.may?.includes('write') === false && !this.#saving.hasUnsaved;
    const where = isReader ? '' : connection === 'open' ? this.#saving.state : connection === 'connecting' ? '' : this.#localCopy.state;
    $('saved').dataset.saved = where;
    setText($('saved-label'), (connection === 'open' ? SAVED : LOCAL)[where] ?? '');
    this.#notify(where);
  }

  #notify(where) {
    const late = where === 'late';
    if (!late) this.#clearFailure();
    else if (!this.#askTimer) this.#askForFailure();
    const isDeleted = this.#deletedCopy.isDeleted;
    $('notice-save').hidden = $('notice-discard').hidden = !isDeleted;
    const denial = isDeleted
      ? { title: 'This document was deleted', text: `You see a copy that is ${where === 'failed' ? 'only in this window' : 'kept on this device'}. Save it under a new name, or discard it.` }
      : this.#denial(this.#localCopy.state === 'kept');
    const content = denial ??
      (late ? { title: 'Not saved yet', text: `${this.#failure} Keep this page open, or download a copy.` }
      : where === 'failed' ? { title: CONNECTION[this.#connection], text: `${this.#closeReason} Your changes are only in this window. Keep it open, or download a copy.` }
      : this.#connection === 'offline' || this.#connection === 'closed'
        ? { title: CONNECTION[this.#connection], text: `${this.#closeReason} Your changes are kept on this device. They are sent when the connection is back.` }
      : undefined);
    $('notice').hidden = !content;
    if (!content) return;
    $('notice').dataset.kind = denial ? (denial.calm ? 'lost' : 'loss') : late || where === 'failed' ? 'loss' : 'lost';
    setText($('notice-title'), content.title);
    setText($('notice-text'), content.text.replace(/\s+/g, ' ').trim());
    setText($('retry'), this.#mustSignIn ? 'Sign in' : 'Try now');
    $('retry').hidden = denial ? !this.#mustSignIn : late;
    $('notice-download').hidden = !denial && !late && where !== 'failed';
  }

  #clearFailure() {
    clearTimeout(this.#askTimer);
    this.#askTimer = undefined;
    this.#failure = '';
  }

  /** Asks the server for the reason, again and again until it has stored everything. */
  async #askForFailure() {
    this.#askTimer = setTimeout(() => this.#askForFailure(), ASK_AGAIN_MILLIS);
    const timer = this.#askTimer;
    const why = await failureToStore(this.#name);
    if (timer !== this.#askTimer) return;
    this.#failure = why;
    this.#show();
  }
}
