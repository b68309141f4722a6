import { request, roomPath } from './admin-api.js';
import { element, endButton, focusOn, show } from './admin-tables.js';
import { ask } from './ask.js';
import { $, setText } from './dom.js';
import { count, whole } from './figures.js';

/* The dialog that shows a room: its members and its latest messages. */

const dialog = $('room');
const MAX_MEMBERS = 200;
const MESSAGES = 20;
const MAX_MESSAGES = 200;
const MAX_TEXT = 600;

let name = '';
/** Ends with the dialog: a late answer about another room is dropped. */
let visit = 0;
let messages = [];
let epoch = '';
let endClient;

/** @param end asks, and ends the connection of a member; returns a promise of what to say, or of nothing */
export function openRoom(room, end) {
  name = room;
  endClient = end;
  visit++;
  setText($('room-title'), room);
  for (const id of ['room-state', 'room-result', 'members-note', 'publications-note']) setText($(id), '');
  messages = [];
  $('members').replaceChildren();
  $('publications').replaceChildren();
  $('earlier').hidden = $('history-delete').hidden = true;
  if (!dialog.open) dialog.showModal();
  focusOn($('room-title'));
  return refresh();
}

export const closeRoom = () => dialog.close();

const cut = (text, length) => (text.length > length ? `${text.slice(0, length)}…` : text);
const textOf = value => cut(typeof value === 'string' ? value : JSON.stringify(value), MAX_TEXT);
const trouble = error => (error.isRefusal ? `You may not see them: ${error.message}.` : error.message);

async function refresh() {
  const mine = visit;
  const [rights] = await Promise.allSettled([
    request('GET', `api/me?${new URLSearchParams({ room: name })}`), showState(mine), showMembers(mine), showMessages(mine),
  ]);
  if (mine === visit) $('history-delete').hidden = !rights.value?.may.includes('manage');
}

async function showState(mine) {
  try {
    const { count: members, position } = await request('GET', roomPath(name));
    if (mine !== visit) return;
    setText($('room-state'), [
      members === null ? 'Members are not shown to you' : count(members, 'member'),
      position ? `${count(position.offset, 'message')} so far` : 'no messages yet',
    ].join(' · '));
  } catch (error) {
    if (mine === visit) setText($('room-state'), trouble(error));
  }
}

async function showMembers(mine) {
  try {
    const { count: members, members: list } = await request('GET', roomPath(name, '/members'));
    if (mine !== visit) return;
    const shown = list?.slice(0, MAX_MEMBERS) ?? [];
    show($('members'), shown, ({ client }) => client, memberRow, () => {});
    setText($('members-note'), list === null ? `${count(members, 'member')}: too many to list.`
      : shown.length < members ? `The first ${whole(shown.length)} of ${whole(members)}.`
      : members ? '' : 'Nobody is here.');
  } catch (error) {
    if (mine === visit) setText($('members-note'), trouble(error));
  }
}

function memberRow(member) {
  const state = member.state === null ? '' : textOf(member.state);
  return element('li', {},
    element('p', {}, element('bdi', { textContent: member.user }), ' ',
      element('span', { className: 'small', textContent: [member.client !== member.user && member.client, state].filter(Boolean).join(' · ') })),
    endButton(member, endMember));
}

async function endMember(member) {
  const said = await endClient(member);
  if (!said) return;
  setText($('room-result'), said);
  focusOn($('room-title'));
  await refresh();
}

async function showMessages(mine, before) {
  try {
    const query = new URLSearchParams({ limit: MESSAGES, ...before && { before } });
    const { publications, more, position } = await request('GET', roomPath(name, `/publications?${query}`));
    if (mine !== visit) return;
    messages = before ? [...publications, ...messages].slice(-MAX_MESSAGES) : publications;
    epoch = position?.epoch ?? '';
    show($('publications'), messages, ({ offset }) => String(offset), messageRow, () => {});
    $('earlier').hidden = !more || messages.length >= MAX_MESSAGES;
    setText($('publications-note'), messages.length ? '' : 'The room retains no messages.');
  } catch (error) {
    if (mine === visit) setText($('publications-note'), trouble(error));
  }
}

function messageRow({ offset, time, from, data }) {
  const when = element('time', { dateTime: new Date(time).toISOString(), textContent: new Date(time).toLocaleTimeString('en-GB') });
  when.title = new Date(time).toLocaleString('en-GB');
  return element('li', {},
    element('p', { className: 'small' }, `${whole(offset)} · `, when, ' · ', element('bdi', { textContent: from?.user ?? 'the application' })),
    element('p', { className: 'data', textContent: textOf(data) }));
}

async function deleteHistory() {
  const room = name;
  const done = await ask({
    title: `Delete the history of ${room}?`,
    text: 'The messages that the room retains are gone for everybody. Clients that are away learn that they have missed some.',
    confirm: 'Delete history',
  }, () => request('DELETE', roomPath(room, '/publications')));
  if (!done || room !== name) return;
  setText($('room-result'), 'The history is deleted.');
  focusOn($('room-title'));
  await refresh();
}

$('earlier').onclick = async () => {
  const first = messages[0].offset;
  await showMessages(visit, `${epoch}:${first}`);
  if ($('earlier').hidden) focusOn($('publications-title'));
};
$('room-close').onclick = closeRoom;
$('room-refresh').onclick = async () => {
  setText($('room-result'), '');
  await refresh();
  setText($('room-result'), 'Up to date.');
};
$('history-delete').onclick = deleteHistory;
dialog.onclose = () => { visit++; };
