import { askWhom, showAccount, signIn } from './account.js';
import { request, useKey, user } from './admin-api.js';
import { drawBudget, drawFigures, drawHealth, drawSeries } from './admin-figures.js';
import { closeRoom, openRoom } from './admin-room.js';
import { drawServers, isCluster } from './admin-servers.js';
import { element, focusOn, linkButton, showClients, showNumbers } from './admin-tables.js';
import { ask } from './ask.js';
import { $, setText } from './dom.js';
import { bytes, chosen, count, text, whole } from './figures.js';
import { isName, NAME_RULE } from './names.js';
import { documents } from './pages.js';
import { StatisticsFeed } from './statistics-feed.js';

const STATES = { connecting: 'Connecting', open: 'Up to date', waiting: 'No answer, trying again', closed: 'No access' };
const RESULT_MILLIS = 8_000;
const RETRY_MILLIS = 3_000;

const feed = new StatisticsFeed();
let hiding;
let entering;

function setState(state, reason = '') {
  document.body.dataset.state = $('state').dataset.state = state;
  text('state-label', reason || STATES[state]);
}

/** Says what an action has done. */
function say(result) {
  text('result', result);
  clearTimeout(hiding);
  hiding = setTimeout(() => text('result', ''), RESULT_MILLIS);
}

// ---- Access --------------------------------------------------------------------------------------------------

/** Shows the data to administrators, and to others the ways in. */
async function enter() {
  const me = await user();
  showAccount(me);
  if (!me) {
    setState('waiting');
    clearTimeout(entering);
    entering = setTimeout(enter, RETRY_MILLIS);
    return;
  }
  if (me.may.includes('admin')) {
    $('denied').hidden = true;
    feed.start();
    return;
  }
  leave();
  setState('closed');
  const isGuest = me.user === null || ['local', 'open'].includes(me.way);
  text('denied-title', me.way === 'none' ? 'Please sign in' : 'This page is for administrators');
  text('denied-text', [
    me.way === 'none' ? 'This page is for administrators.'
      : `${isGuest ? 'You are a guest' : `You are signed in as ${me.user}`}, without the right admin.`,
    askWhom(me),
  ].join(' ').trim());
  $('sign-in').hidden = !me.signIn;
  $('sign-in').onclick = () => signIn(me.signIn);
  const own = new URL('admin.html', document.baseURI);
  own.hostname = 'localhost';
  text('denied-address', String(own));
  text('denied-rule', JSON.stringify({ user: isGuest ? 'ann' : me.user, may: ['admin'] }));
  $('denied').hidden = false;
}

/** Forgets all data: a user who has lost the right sees none. */
function leave() {
  feed.stop();
  closeRoom();
  $('ask').close();
  $('data').hidden = $('found').hidden = true;
  for (const part of document.querySelectorAll('#data tbody, #checks, #budget, #chart')) part.replaceChildren();
  for (const value of document.querySelectorAll('#data dd')) setText(value, '');
  for (const id of ['find-hint', 'slow-sum', 'phase', 'servers-missing']) text(id, '');
}

$('key-form').onsubmit = async event => {
  event.preventDefault();
  const input = $('key');
  const refusal = input.value.trim() ? await useKey(input.value.trim()) : 'Type or paste a key.';
  text('key-hint', refusal);
  if (refusal) return input.focus();
  input.value = '';
  await enter();
  focusOn(document.querySelector('h1'));
};

// ---- Figures -------------------------------------------------------------------------------------------------

feed.addEventListener('change', () => {
  setState('open');
  $('data').hidden = false;
  drawServers(feed, name => feed.choose(name));
  drawFigures(feed);
  drawSeries(feed);
  drawHealth(feed);
  drawBudget(feed);
  drawRooms();
  drawDocuments();
  drawSlow();
  drawRefused();
});

feed.addEventListener('failed', ({ error }) => {
  if (error.status === 404 && feed.server) {
    say(`The server ${feed.server} is gone.`);
    feed.choose('');
    return;
  }
  setState('waiting', error.status ? error.message : '');
  if (error.isRefusal) enter();
});

// ---- Lists ---------------------------------------------------------------------------------------------------

/** Returns the number of rooms or documents; 0 for those of several servers, which have some in common. */
const totalOf = name => (isCluster(feed) && !feed.server ? 0 : feed.answer.server[name]);

/** Returns a list of the answer; of the busiest only those in which something happens. */
const ranking = (lists, order) => lists[order].filter(({ perMinute }) => order === 'largest' || perMinute > 0);

function drawRooms() {
  const list = ranking(feed.answer.rooms, chosen('room-order'));
  showNumbers($('room-rows'), list, ({ room }) => `room ${room}`,
    ({ room }) => (room ? linkButton(room, () => look(room)) : element('span', { textContent: 'everybody on /ws' })),
    ({ clients, retained, perMinute }) => [whole(clients), whole(retained), whole(perMinute)]);
  text('room-empty', list.length === 0 ? (feed.answer.rooms.largest.length ? 'No room has had messages in the last seconds.' : 'There are no rooms.')
    : list.length < totalOf('rooms') ? `${whole(list.length)} of ${count(totalOf('rooms'), 'room')}.` : '');
}

function drawDocuments() {
  const list = ranking(feed.answer.documents, chosen('document-order'));
  showNumbers($('document-rows'), list, one => `document ${one.document}`,
    one => (documents ? element('a', { href: `document.html#${encodeURIComponent(one.document)}`, textContent: one.document })
      : element('span', { textContent: one.document })),
    one => [whole(one.clients), bytes(one.bytes), whole(one.perMinute)]);
  text('document-empty', list.length === 0 ? (feed.answer.documents.largest.length ? 'No document has changed in the last seconds.' : 'No document is open.')
    : list.length < totalOf('documents') ? `${whole(list.length)} of ${count(totalOf('documents'), 'document')}.` : '');
}

function drawSlow() {
  const { slowest, clients } = feed.answer.slow;
  showClients($('slow-rows'), slowest, ({ waitingBytes }) => bytes(waitingBytes), one => endFrom('slow-title', one));
  text('slow-empty', clients === 0 ? 'All clients keep up.'
    : slowest.length < clients ? `${whole(slowest.length)} of ${count(clients, 'client')}.` : '');
}

function drawRefused() {
  const { budget, refusals: { limits, tokens } } = feed.answer;
  const refused = [
    ...limits.map(({ limit, reason, count: times }) => ({ key: limit, reason, times })),
    ...budget.filter(({ refusals }) => refusals).map(({ share, refusals }) => ({ key: `share ${share}`, reason: `no memory left of ${share}`, times: refusals })),
    ...tokens.filter(({ result, count: times }) => times && result !== 'accepted')
      .map(({ result, count: times }) => ({ key: `token ${result}`, reason: `tokens: ${result}`, times })),
  ].sort((a, b) => b.times - a.times);
  showNumbers($('refused-rows'), refused, ({ key }) => key, ({ reason }) => element('span', { textContent: reason }), ({ times }) => [whole(times)]);
  text('refused-empty', refused.length ? '' : 'Nothing was refused.');
}

// ---- Actions -------------------------------------------------------------------------------------------------

/** Asks, and ends a connection. Returns what it has done; undefined if nothing. */
async function end({ client, user: name }) {
  let said;
  const done = await ask({
    title: `End the connection of ${name}?`,
    text: `The connection ${client} is closed, and its client does not come back by itself. The user may.`,
    confirm: 'End connection',
  }, async () => {
    try {
      await request('DELETE', `api/clients/${encodeURIComponent(client)}`);
      said = `The connection ${client} of ${name} is closed.`;
    } catch (error) {
      if (error.status !== 404) throw error;
      said = `The connection ${client} of ${name} had ended already.`;
    }
  });
  return done ? said : undefined;
}

/** Ends a connection of a list; the focus goes to the list's title, because its row goes away. */
async function endFrom(title, one) {
  const said = await end(one);
  if (!said) return;
  say(said);
  focusOn($(title));
  feed.refresh();
  if (!$('found').hidden) await find();
}

const look = room => openRoom(room, end);

$('look').onsubmit = event => {
  event.preventDefault();
  const input = $('look-name');
  const name = input.value.trim();
  text('look-hint', isName(name) ? '' : NAME_RULE);
  if (isName(name)) look(name);
  else input.focus();
};

async function find() {
  const name = $('find-user').value.trim();
  try {
    const { clients, more } = await request('GET', `api/clients?${new URLSearchParams({ limit: 100, ...name && { user: name } })}`);
    showClients($('find-rows'), clients, ({ rooms }) => whole(rooms), one => endFrom('find-title', one));
    $('found').hidden = clients.length === 0;
    text('find-hint', clients.length === 0 ? (name ? `${name} has no connection.` : 'There are no connections.')
      : more ? `The first ${whole(clients.length)}.` : `${count(clients.length, 'connection')}.`);
  } catch (error) {
    text('find-hint', error.message);
  }
}

$('find').onsubmit = event => {
  event.preventDefault();
  find();
};

/** Begins the drain of a server. Returns the error if it is refused while another one drains, or might. */
async function drain(server, options) {
  try {
    await request('POST', `api/drain?${new URLSearchParams({ server, ...options })}`);
    return undefined;
  } catch (error) {
    if (options.force || ![409, 503].includes(error.status)) throw error;
    return error;
  }
}

$('drain').onclick = async () => {
  const { name, clients } = feed.answer.server;
  const which = isCluster(feed) ? `the server ${name}` : 'this server';
  let refusal;
  const done = await ask({
    title: `Drain ${which}?`,
    text: `${count(clients, 'client')} must move to another server. This one then serves nobody until it is started again; it cannot be undone.`,
    confirm: 'Drain',
  }, async () => { refusal = await drain(name, {}); });
  if (!done) return;
  if (refusal && !await ask({
    title: `Drain ${which} all the same?`,
    text: `It does not drain: ${refusal.message.replace(/: force=.*/, '')}. If it drains too, the other servers must take the clients of both.`,
    confirm: 'Drain all the same',
  }, () => drain(name, { force: true }))) return;
  say('The drain has begun.');
  focusOn($('health-title'));
  feed.refresh();
};

for (const [name, draw] of [['series', () => drawSeries(feed)], ['room-order', drawRooms], ['document-order', drawDocuments]]) {
  for (const input of document.querySelectorAll(`input[name="${name}"]`)) input.onchange = draw;
}

enter();
