import { askWhom, showAccount, tokenSource, whoAmI } from './account.js';
import { BoardView } from './board-view.js';
import { Board } from './board.js';
import { Connection } from './connection.js';
import { announce, copyLink } from './copy.js';
import { $ } from './dom.js';
import { People } from './people.js';
import { Chat } from './chat.js';
import { Tutti } from './tutti.js';
import { device, myName, newRoom, roomOf, secret } from './visitor.js';

/*
 * One connection joins two rooms: `name` for the chat and the people, `name:board` for the board and its pointers. Each room has
 * its own history, so a busy board does not push chat messages out.
 */

const name = roomOf(location.hash);

if (name) enter(name);
else location.replace(`#${newRoom()}`);
addEventListener('hashchange', () => location.reload());

function enter(name) {
  const tutti = new Tutti('connect', { guest: secret, token: tokenSource() });
  const me = { name: myName(), device: device() };
  const room = tutti.room(name, { state: me });
  const boardRoom = tutti.room(`${name}:board`, { state: null });
  const people = new People(tutti, room, me);
  const board = new Board(boardRoom, () => tutti.client);
  const chat = new Chat(tutti, room, people);
  const connection = new Connection(tutti, [room, boardRoom], () => chat.waiting + board.waiting);
  const boardView = new BoardView(board, boardRoom, tutti, people, announce);
  const rights = async () => {
    const [user, onBoard] = await Promise.all([whoAmI({ room: name }), whoAmI({ room: `${name}:board` })]);
    showAccount(user);
    chat.readOnly = mayNot('write', user) && `You can read here, but not write. ${askWhom(user)}`.trim();
    boardView.readOnly = mayNot('write', onBoard);
  };

  for (const each of [room, boardRoom]) {
    each.addEventListener('joined', rights);
    each.addEventListener('error', ({ error }) => error.code === 'forbidden' && rights());
  }
  chat.addEventListener('forbidden', rights);
  board.addEventListener('refused', rights);
  board.addEventListener('change', () => connection.show());
  chat.addEventListener('change', () => {
    connection.show();
    showUnseen(chat.unseen);
  });

  $('room-name').textContent = name;
  document.title = `${name} · Tutti`;
  copyLink($('copy-link'));
  views(chat);
  if (matchMedia('(pointer: fine) and (min-width: 60rem)').matches) $('input').focus();

  function showUnseen(unseen) {
    document.title = unseen ? `(${unseen}) ${name} · Tutti` : `${name} · Tutti`;
    $('unseen').textContent = unseen || '';
    $('view-chat').setAttribute('aria-label', unseen ? `Chat, ${unseen} new` : 'Chat');
  }
}

/** Returns whether the server's answer denies an action; without an answer it does not. */
const mayNot = (action, user) => user?.may?.includes(action) === false;

/** A narrow screen shows either the board or the chat. */
function views(chat) {
  for (const view of ['board', 'chat']) {
    $(`view-${view}`).onclick = () => {
      document.body.dataset.view = view;
      for (const each of ['board', 'chat']) $(`view-${each}`).setAttribute('aria-pressed', each === view);
      chat.seen();
    };
  }
}
