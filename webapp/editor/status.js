import { announce } from '../copy.js';

/* Shows the state of the connection, and where this window's changes are stored. */

const $ = id => document.getElementById(id);
const ASK_AGAIN_MILLIS = 15_000;

const CONNECTION = { connecting: 'Connecting', open: 'Connected', offline: 'Offline', closed: 'Connection closed' };
const SAVED = { saved: 'Saved', saving: 'Saving …', late: 'Not saved yet' };
const LOCAL = { kept: 'Kept on this device', failed: 'Only in this window', writing: 'Saving …', opening: 'Saving …' };

export class Status {
  #name;
  #saving;
  #localCopy;
  #connection = 'connecting';
  /** The reason of the last close, and of a failure to store; sentences, or empty. */
  #closeReason = '';
  #failure = '';
  #askTimer;

  constructor(name, provider, saving, localCopy) {
    this.#name = name;
    this.#saving = saving;
    this.#localCopy = localCopy;
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
    addEventListener('beforeunload', event => {
      if (saving.state !== 'saved' && !['kept', 'opening'].includes(localCopy.state)) event.preventDefault();
    });
    $('retry').onclick = () => {
      provider.disconnect();
      provider.connect();
    };
    this.#show();
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
    setText($('state-label'), CONNECTION[connection]);
    const where = connection === 'open' ? this.#saving.state : connection === 'connecting' ? '' : this.#localCopy.state;
    $('saved').dataset.saved = where;
    setText($('saved-label'), (connection === 'open' ? SAVED : LOCAL)[where] ?? '');
    this.#notify(where);
  }

  #notify(where) {
    const late = where === 'late';
    if (!late) this.#clearFailure();
    else if (!this.#askTimer) this.#askForFailure();
    const content = late ? { title: 'Not saved yet', text: `${this.#failure} Keep this page open, or download a copy.` }
      : where === 'failed' ? { title: CONNECTION[this.#connection], text: `${this.#closeReason} Your changes are only in this window. Keep it open, or download a copy.` }
      : this.#connection === 'offline' || this.#connection === 'closed'
        ? { title: CONNECTION[this.#connection], text: `${this.#closeReason} Your changes are kept on this device. They are sent when the connection is back.` }
      : undefined;
    $('notice').hidden = !content;
    if (!content) return;
    $('notice').dataset.kind = late || where === 'failed' ? 'loss' : 'lost';
    setText($('notice-title'), content.title);
    setText($('notice-text'), content.text.trim());
    $('retry').hidden = late;
    $('notice-download').hidden = !late && where !== 'failed';
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
    let why = 'The server gives no reason.';
    try {
      const answer = await fetch(`api/documents/${this.#name}/stored`, { headers: { Accept: 'application/json' } });
      if (answer.ok) {
        const { failure } = await answer.json();
        why = failure ? `The server says: ${sentence(failure)}` : 'The server is still storing it.';
      }
    } catch { /* no answer: the text above stays */ }
    if (timer !== this.#askTimer) return;
    this.#failure = why;
    this.#show();
  }
}

const sentence = text => (/[.!?]$/.test(text) ? text : `${text}.`);

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
