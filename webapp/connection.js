import { askWhom, hasEnded, showAccount, signIn, whoAmI } from './account.js';
import { $, setText } from './dom.js';

/* Shows the state of the connection and the result of recovery, and switches the connection off and on. */

const RESULT_MILLIS = 12_000;

const STATES = {
  connecting: { label: 'Connecting', title: 'Connecting' },
  open: { label: 'Connected' },
  waiting: { label: 'Reconnecting', title: 'Reconnecting', retry: 'Try now' },
  offline: { label: 'Offline', title: 'No network', retry: 'Try now' },
  closed: { label: 'Connection closed', title: 'Connection closed', retry: 'Try again' },
};
const NOTHING = { missed: 0, recovered: 0, restarted: false };
const messages = count => (count === 1 ? '1 message' : `${count} messages`);

export class Connection {
  #tutti;
  #rooms;
  /** Returns how many changes wait to be sent. */
  #waiting;
  #paused = false;
  #wasOpen = false;
  /** The result of recovery so far: {missed, recovered, restarted}, and the number of rooms still being asked. */
  #sum = NOTHING;
  #counting = 0;
  /** The result on display, until it is dismissed. */
  #result;
  #countdown;
  #hiding;
  /** The server's answer about a user who has to sign in; else undefined. */
  #signIn;

  /** @param waiting returns how many changes wait to be sent */
  constructor(tutti, rooms, waiting) {
    this.#tutti = tutti;
    this.#rooms = rooms;
    this.#waiting = waiting;
    tutti.addEventListener('state', () => this.#changed());
    for (const room of rooms) {
      room.addEventListener('joined', joined => this.#joined(room, joined));
      room.addEventListener('error', ({ error }) => this.#refused(room, error));
    }
    $('offline').onclick = () => this.#toggle();
    $('retry').onclick = () => (this.#signIn?.signIn ? signIn(this.#signIn.signIn) : tutti.connect());
    $('notice-close').onclick = () => this.#dismiss();
    this.show();
  }

  #toggle() {
    this.#paused = !this.#paused;
    this.#result = undefined;
    if (this.#paused) this.#tutti.pause();
    else this.#tutti.connect();
    this.show();
  }

  #changed() {
    const open = this.#tutti.state === 'open';
    if (open) this.#paused = false;
    if (this.#wasOpen && !open) this.#result = undefined;
    this.#wasOpen ||= open;
    this.show();
    if (this.#tutti.state === 'closed' || (this.#tutti.state === 'waiting' && hasEnded())) this.#askForSignIn();
  }

  async #joined(room, joined) {
    this.#signIn = undefined;
    if (this.#result?.refused) this.#dismiss();
    if (joined.first) return;
    this.#counting++;
    const more = await count(room, joined);
    this.#counting--;
    const { missed, recovered, restarted } = this.#sum;
    this.#sum = {
      missed: missed + more.missed, recovered: recovered + more.recovered, restarted: restarted || more.restarted,
    };
    // Shown once, when all rooms are joined again.
    if (this.#counting > 0 || this.#rooms.some(({ state }) => state !== 'joined')) return;
    this.#result = this.#sum;
    this.#sum = NOTHING;
    this.show();
    clearTimeout(this.#hiding);
    if (!this.#result.restarted) this.#hiding = setTimeout(() => this.#dismiss(), RESULT_MILLIS);
  }

  async #refused(room, error) {
    if (room.state === 'joined') return;
    const user = await this.#askForSignIn();
    this.#result = { refused: `The server refused to let you in: ${error.message || error.code}. ${askWhom(user)}`.trim() };
    this.show();
  }

  /** Asks the server who the user is; nobody has to sign in. */
  async #askForSignIn() {
    const user = await whoAmI();
    this.#signIn = user?.way === 'none' ? user : undefined;
    showAccount(user);
    this.show();
    return user;
  }

  #dismiss() {
    this.#result = undefined;
    this.show();
  }

  /** Call it when the number of waiting changes has changed. */
  show() {
    const { state, reason } = this.#tutti;
    const open = state === 'open';
    // A retry looks like the pause before it, so that nothing is announced again and no button flickers.
    const shown = state === 'connecting' && this.#wasOpen ? STATES.waiting : STATES[state];
    $('state').dataset.state = document.body.dataset.state = state;
    setText($('state-label'), shown.label);
    $('offline').setAttribute('aria-checked', this.#paused);
    const waiting = this.#waiting();
    const content =
      this.#paused ? { kind: 'paused', title: 'You are offline', text: 'Others can go on. Your changes are sent when you switch back.', waiting }
      : this.#signIn ? { kind: 'loss', title: 'Please sign in', text: `This server is for its users. ${askWhom(this.#signIn)}`.trim(), waiting, retry: this.#signIn.signIn ? 'Sign in' : 'Try again' }
      : !open && this.#wasOpen ? { kind: 'lost', title: shown.title, text: `${reason}${state === 'closed' ? '' : ' Your changes are sent when the connection is back.'}`, waiting, retry: shown.retry }
      : state === 'closed' || state === 'waiting' || state === 'offline' ? { kind: 'lost', title: shown.title, text: reason, retry: shown.retry }
      : this.#result ? resultOf(this.#result)
      : undefined;
    this.#draw(content);
    this.#count();
  }

  #draw(content) {
    $('notice').dataset.kind = content?.kind ?? '';
    $('notice').hidden = !content;
    if (!content) return;
    setText($('notice-title'), content.title);
    setText($('notice-text'), content.text);
    setText($('notice-waiting'), content.waiting ? `${content.waiting} of your changes waiting` : '');
    const retry = $('retry');
    if (!content.retry && document.activeElement === retry) $('input').focus();
    retry.hidden = !content.retry;
    setText(retry, content.retry ?? '');
    $('notice-close').hidden = content.kind !== 'result' && content.kind !== 'loss';
  }

  #count() {
    clearTimeout(this.#countdown);
    const seconds = Math.ceil((this.#tutti.retryAt - Date.now()) / 1000);
    const counting = this.#tutti.state === 'waiting' && seconds > 0;
    setText($('state-countdown'), counting ? `in ${seconds} s` : '');
    if (counting) this.#countdown = setTimeout(() => this.#count(), 250);
  }
}

/** Counts the publications that this client missed in a room, and those that it recovered. */
async function count(room, { recovered, missed, since }) {
  if (recovered) return { missed, recovered: missed, restarted: false };
  const { epoch, offset } = room.position;
  if (since?.epoch !== epoch) return { missed: 0, recovered: 0, restarted: true };
  const all = offset - since.offset;
  try {
    const { earliest } = await room.history({ limit: 1 });
    return { missed: all, recovered: Math.max(0, Math.min(all, offset - earliest + 1)), restarted: false };
  } catch {
    return { missed: all, recovered: 0, restarted: false }; // left or closed meanwhile
  }
}

function resultOf({ missed, recovered, restarted, refused }) {
  if (refused) return { kind: 'loss', title: 'You are not in this room', text: refused };
  if (restarted) {
    return { kind: 'loss', title: 'The server has restarted', text: 'Some messages may be lost. The board is not.' };
  }
  if (recovered < missed) {
    return {
      kind: 'loss', title: `${messages(missed)} missed, ${recovered} recovered`,
      text: 'The server no longer holds the rest.',
    };
  }
  return {
    kind: 'result', title: `${messages(missed)} missed, ${recovered} recovered`,
    text: missed ? 'You have everything now, in the same order as everybody else.' : 'Nothing happened while you were away.',
  };
}
