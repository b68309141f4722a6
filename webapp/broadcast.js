import { askWhom, renew, showAccount, signIn, subprotocols, whoAmI } from './account.js';
import { announce, offerCopies } from './copy.js';
import { $, setText } from './dom.js';
import { Socket } from './socket.js';

/*
 * How this page tracks its own messages
 *
 * The plain protocol has no message ids and no senders, but one order for all clients, the sender included. The server echoes
 * a sender's messages in the order of sending, so only the oldest message in flight can match the next echo; the echo confirms
 * delivery. (If somebody else sends the same text at that moment, the page confuses the two. The texts are equal, so nobody
 * sees a difference.)
 *
 * Until then a message is in the outbox, in one of three phases:
 *   waiting  not yet sent: goes out, in order, as soon as there is a connection;
 *   sent     sent on the present connection, no echo yet;
 *   doubt    sent on a connection that ended before the echo. The page cannot know whether others received it: sending it
 *            again could duplicate it, dropping it could lose it. The user decides.
 *
 * The session storage holds the outbox and the draft: they survive a reload and belong to this window only. A duplicated
 * window gets a copy of that storage, so the page sends waiting messages by itself only after a reload.
 */

const MESSAGES_SHOWN = 500;
const MESSAGE_BYTES = 64 * 1024;
/** Messages in flight at most, so that a long outbox stays below the server's rate limit. */
const SENT_AT_ONCE = 8;
/** Milliseconds without an echo after which the connection is dead, even if the browser has not noticed. */
const ECHO_TIMEOUT = 15_000;
/** The log counts as scrolled to its end within this many pixels. */
const NEAR_END = 48;

const STATES = {
  connecting: { label: 'Connecting', reason: 'Connecting to the server.' },
  open: { label: 'Connected', reason: 'Your messages reach everybody here.' },
  waiting: { label: 'Reconnecting', retry: 'Try now' },
  offline: { label: 'Offline', retry: 'Try now' },
  closed: { label: 'Connection closed', retry: 'Try again' },
  signedOut: { label: 'Please sign in', retry: 'Sign in' },
};
/** Close code: the token has ended or was revoked. */
const UNAUTHENTICATED = 4401;
/** Milliseconds between looks at the end of the token. This protocol cannot renew it on an open connection, so the page reconnects with the next one. */
const RENEWAL_CHECK = 5_000;
const PHASES = { waiting: 'Waiting to send', sent: 'Sending', doubt: 'May not have arrived', delivered: 'Delivered' };
const DOUBT = 'The connection ended before the server confirmed this message. Others may or may not have received it.';

const TITLE = document.title;
const log = $('log');
const input = $('input');
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

const address = new URL('ws', document.baseURI);
address.protocol = address.protocol.replace('http', 'ws');

const socket = new Socket(address, () => subprotocols('tutti.plain'));
/** @type {{ text: string, at: number, phase: 'waiting' | 'sent' | 'doubt', element: HTMLElement }[]} */
const outbox = [];

// ---- Storage -------------------------------------------------------------------------------------------------

/** The context path in the key separates two deployments on one host. */
const key = name => `tutti:${address.pathname}:${name}`;

function remember(name, value) {
  try {
    sessionStorage.setItem(key(name), JSON.stringify(value));
  } catch { /* Storage is full or forbidden: the page still works until it is reloaded. */ }
}

function recall(name, otherwise) {
  try {
    return JSON.parse(sessionStorage.getItem(key(name))) ?? otherwise;
  } catch {
    return otherwise;
  }
}

// ---- Sending -------------------------------------------------------------------------------------------------

let echoTimer;

const onTheirWay = () => outbox.filter(message => message.phase === 'sent');

function rememberOutbox() {
  remember('outbox', outbox.map(({ text, at, phase }) => ({ text, at, phase })));
}

function enqueue(message) {
  message.element = createMessage(message, true);
  message.element.querySelector('.again').onclick = () => sendAgain(message);
  message.element.querySelector('.discard').onclick = () => discard(message);
  atEnd(() => putLast(message, message.phase));
}

/** The outbox, and the log below the delivered messages, are both in the order of sending. */
function putLast(message, phase) {
  outbox.push(message);
  log.append(message.element);
  setPhase(message, phase);
}

function take(message) {
  outbox.splice(outbox.indexOf(message), 1);
  rememberOutbox();
}

function sendAgain(message) {
  input.focus(); // The button disappears; the focus must not disappear with it.
  showArrived();
  take(message);
  atEnd(() => putLast(message, 'waiting'));
  sendWaiting();
}

function discard(message) {
  input.focus();
  take(message);
  atEnd(() => message.element.remove());
}

function setPhase(message, phase) {
  message.phase = phase;
  showStatus(message.element, phase);
  rememberOutbox();
}

function sendWaiting() {
  if (socket.state !== 'open') return;
  const room = SENT_AT_ONCE - onTheirWay().length;
  for (const message of outbox.filter(message => message.phase === 'waiting').slice(0, room)) {
    // Saved first: if the page dies now, the message returns as `doubt`, not as `waiting`.
    setPhase(message, 'sent');
    if (!socket.send(JSON.stringify(message.text))) return setPhase(message, 'waiting');
  }
  watchEchoes();
}

function watchEchoes() {
  clearTimeout(echoTimer);
  if (onTheirWay().length) echoTimer = setTimeout(() => socket.restart('The server went silent.'), ECHO_TIMEOUT);
}

function doubtSent() {
  clearTimeout(echoTimer);
  atEnd(() => onTheirWay().forEach(message => setPhase(message, 'doubt')));
}

// ---- Receiving -----------------------------------------------------------------------------------------------

let arrived = [];

/** Under load many frames arrive between two paints; they are shown together, with one layout. */
function receive({ data }) {
  if (typeof data !== 'string') return;
  if (!arrived.length) setTimeout(showArrived, 16);
  arrived.push({ text: decode(data), at: Date.now() });
}

function decode(frame) {
  try {
    const value = JSON.parse(frame);
    return typeof value === 'string' ? value : frame;
  } catch {
    return frame;
  }
}

/** Also called before each send: a frame that arrived earlier cannot be the echo. */
function showArrived() {
  const batch = arrived;
  arrived = [];
  let others = 0;
  atEnd(() => {
    for (const message of batch) others += showEcho(message) ? 0 : showOther(message);
    trim();
  });
  countUnseen(others);
  sendWaiting();
}

function showEcho({ text, at }) {
  const [message] = onTheirWay();
  if (message?.text !== text) return false;
  take(message);
  showTime(message.element, at);
  showStatus(message.element, 'delivered');
  insert(message.element);
  return true;
}

function showOther(message) {
  insert(createMessage(message, false));
  return 1;
}

// ---- The log -------------------------------------------------------------------------------------------------

let reading = false;
let unseen = 0;

function createMessage({ text, at }, mine) {
  const element = $('message').content.firstElementChild.cloneNode(true);
  element.dataset.mine = mine;
  element.querySelector('.text').textContent = text;
  showTime(element, at);
  if (!mine) {
    element.dataset.status = 'delivered';
    element.querySelectorAll('.meta > :not(time)').forEach(part => part.remove());
  }
  return element;
}

function showTime(element, at) {
  const time = element.querySelector('time');
  time.dateTime = new Date(at).toISOString();
  time.textContent = clock.format(at);
  time.title = calendar.format(at);
}

function showStatus(element, phase) {
  element.dataset.status = phase === 'delivered' ? 'delivered' : 'pending';
  element.dataset.phase = phase;
  const status = element.querySelector('.status');
  status.textContent = PHASES[phase];
  status.title = phase === 'doubt' ? DOUBT : '';
}

/** The server's order comes first; messages in the outbox stand below it. */
function insert(element) {
  const next = outbox[0]?.element ?? null;
  // Moving an element to its own place would announce and animate it again.
  if (!element.isConnected || element.nextElementSibling !== next) log.insertBefore(element, next);
}

function insertNote(text) {
  const note = document.createElement('p');
  note.className = 'note';
  note.textContent = text;
  atEnd(() => insert(note));
}

/** Never trims the outbox: its messages are still to be sent. */
function trim() {
  while (log.childElementCount - outbox.length > MESSAGES_SHOWN) log.firstElementChild.remove();
}

/** Changes the log. A log scrolled to its end stays there; otherwise the scroll position stays. */
function atEnd(change) {
  change();
  if (!reading) log.scrollTop = log.scrollHeight;
}

function scrollToEnd() {
  reading = false;
  log.scrollTop = log.scrollHeight;
  countUnseen(0);
}

function countUnseen(more) {
  unseen = reading || document.hidden ? unseen + more : 0;
  $('latest').hidden = !reading || !unseen;
  $('latest').textContent = unseen === 1 ? '1 new message' : `${unseen} new messages`;
  document.title = unseen ? `(${unseen}) ${TITLE}` : TITLE;
}

log.addEventListener('scroll', () => {
  reading = log.scrollHeight - log.scrollTop - log.clientHeight > NEAR_END;
  countUnseen(0);
}, { passive: true });
// The on-screen keyboard and a growing draft shrink the log.
new ResizeObserver(() => atEnd(() => {})).observe(log);
document.addEventListener('visibilitychange', () => countUnseen(0));
$('latest').onclick = () => {
  scrollToEnd();
  input.focus();
};

// ---- The connection ------------------------------------------------------------------------------------------

/** The user of this window; undefined while it is unknown. */
let user;
const isSignedOut = () => user?.way === 'none';

/** Connects as the user of this window. Without one the server refuses each connection, so this waits for the sign-in. */
async function connect() {
  await renew();
  user = await whoAmI();
  showAccount(user);
  if (isSignedOut()) socket.close(`This server is for its users. ${askWhom(user)}`.trim());
  else socket.connect();
}

/** When the last connection ended; 0 before that. */
let away = 0;
let wasOpen = false;
let countdown;

function showState() {
  const { state, reason } = socket;
  // A retry looks like the pause before it, so that nothing is announced again and no button flickers.
  const shown = isSignedOut() ? { ...STATES.signedOut, ...!user.signIn && { retry: STATES.closed.retry } }
    : state === 'connecting' && reason ? STATES.waiting : STATES[state];
  $('state').dataset.state = state;
  setText($('state-label'), shown.label);
  setText($('state-reason'), reason || shown.reason);
  setText($('retry'), shown.retry ?? '');
  if (document.activeElement === $('retry') && !shown.retry) input.focus();
  $('retry').hidden = !shown.retry;
  showCountdown();
  showHint();
}

function showCountdown() {
  clearTimeout(countdown);
  const seconds = Math.ceil((socket.retryAt - Date.now()) / 1000);
  const waiting = socket.state === 'waiting' && seconds > 0;
  setText($('state-countdown'), waiting ? `in ${seconds} s` : '');
  if (waiting) countdown = setTimeout(showCountdown, 250);
}

/** The plain protocol has no recovery, so the page shows where messages are missing. */
function noteGap() {
  const open = socket.state === 'open';
  if (wasOpen && !open) away = Date.now();
  if (!wasOpen && open && away && log.childElementCount > outbox.length) {
    insertNote(`Reconnected. Messages that others sent since ${clock.format(away)} are missing here.`);
  }
  wasOpen = open;
}

socket.addEventListener('message', receive);
socket.addEventListener('state', () => {
  // Frames that arrived before the connection ended may be echoes.
  showArrived();
  if (socket.state !== 'open') doubtSent();
  noteGap();
  sendWaiting();
  showState();
  if (socket.state === 'closed' && socket.code === UNAUTHENTICATED && !isSignedOut()) connect();
});
$('retry').onclick = () => (isSignedOut() && user.signIn ? signIn(user.signIn) : connect());

// ---- Writing -------------------------------------------------------------------------------------------------

const bytes = text => new TextEncoder().encode(JSON.stringify(text)).length;
const kib = size => (size / 1024).toFixed(1);

function showHint() {
  const size = bytes(input.value);
  const tooLong = size > MESSAGE_BYTES;
  input.setAttribute('aria-invalid', tooLong);
  setText($('hint'),
    tooLong ? `Too long to send: ${kib(size)} of 64 KiB.`
    : size > MESSAGE_BYTES * 0.8 ? `${kib(size)} of 64 KiB used.`
    : socket.reason ? 'Not connected. Your messages are sent when the connection is back.'
    : 'Enter sends, Shift+Enter starts a new line.');
}

function fitInput() {
  input.style.height = 'auto';
  input.style.height = `${input.scrollHeight + input.offsetHeight - input.clientHeight}px`;
}

function showDraft() {
  fitInput();
  showHint();
}

function submit() {
  const text = input.value.toWellFormed?.() ?? input.value;
  if (!text.trim()) return;
  if (bytes(text) > MESSAGE_BYTES) return announce($('hint').textContent);
  showArrived();
  scrollToEnd();
  enqueue({ text, at: Date.now(), phase: 'waiting' });
  sendWaiting();
  input.value = '';
  remember('draft', '');
  showDraft();
}

input.addEventListener('input', () => {
  remember('draft', input.value);
  showDraft();
});
input.addEventListener('keydown', event => {
  // During IME composition (Japanese, Chinese, …) Enter chooses a word; Safari reports key code 229.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
$('composer').addEventListener('submit', event => {
  event.preventDefault();
  submit();
  input.focus();
});
addEventListener('resize', fitInput);

// ---- For developers ------------------------------------------------------------------------------------------

offerCopies();

// ---- Start ---------------------------------------------------------------------------------------------------

$('address').textContent = $('example-address').textContent = address;
input.value = recall('draft', '');
const reloaded = performance.getEntriesByType('navigation')[0]?.type === 'reload';
for (const { text, at, phase } of recall('outbox', [])) {
  enqueue({ text, at, phase: phase === 'waiting' && reloaded ? 'waiting' : 'doubt' });
}
showDraft();
// On a touch screen, focus would open the keyboard over the page.
if (matchMedia('(pointer: fine)').matches) input.focus();
connect();
setInterval(renew, RENEWAL_CHECK);
