import { askWhom, showAccount, tokenSource, whoAmI } from './account.js';
import { Connection } from './connection.js';
import { announce, copyLink } from './copy.js';
import { $, setText } from './dom.js';
import { board as boardModule } from './pages.js';
import { People } from './people.js';
import { recordRecent } from './recent.js';
import { Chat } from './chat.js';
import { Tutti } from './tutti.js';
import { device, myName, newRoom, roomOf, secret } from './visitor.js';

/*
 * One connection joins the room, for the conversation and the people. The board is a document, which has a connection of its own. Its code loads
 * when it is first shown: a phone that opens `?view=chat` does without it.
 */

const CHAT_VIEW = '?view=chat';

const name = roomOf(location.hash);

if (name) enter(name);
else if (/^#?$/.test(location.hash)) location.replace(`#${newRoom()}`);
else refuse(location.hash);
addEventListener('hashchange', () => location.reload());

function enter(name) {
  const tutti = new Tutti('connect', { guest: secret, token: tokenSource() });
  const me = { name: myName(), device: device() };
  const room = tutti.room(name, { state: me });
  const people = new People(tutti, room, me);
  const chat = new Chat(tutti, room, people);
  let board;
  const connection = new Connection(tutti, [room], () => chat.waiting + (board?.waiting ?? 0));
  const rights = async () => {
    const user = await whoAmI({ room: name });
    showAccount(user);
    chat.showKept(user?.history);
    chat.readOnly = user?.may?.includes('write') === false && `You can read here, but not write. ${askWhom(user)}`.trim();
  };

  room.addEventListener('joined', rights);
  room.addEventListener('error', ({ error }) => error.code === 'forbidden' && rights());
  chat.addEventListener('forbidden', rights);
  chat.addEventListener('change', () => {
    connection.show();
    showUnseen(chat.unseen);
  });

  recordRecent('room', name);
  $('room-name').textContent = name;
  document.title = `${name} · Tutti`;
  copyLink($('copy-link'));
  views(chat);
  if (matchMedia('(pointer: fine) and (min-width: 60rem)').matches) $('input').focus();
  if (boardModule) whenShown($('board'), openBoard);
  else {
    document.body.dataset.view = 'chat';
    document.body.dataset.board = 'none';
  }

  async function openBoard() {
    const { Board } = await import(boardModule).catch(() => ({}));
    if (!Board) {
      $('board-notice').hidden = false;
      setText($('board-notice-text'), 'The board could not be loaded. Reload the page when you are connected.');
      return;
    }
    board = new Board({ room: name, tutti, people, announce });
    board.addEventListener('change', () => connection.show());
    room.addEventListener('joined', () => board.askForRights());
  }

  function showUnseen(unseen) {
    document.title = unseen ? `(${unseen}) ${name} · Tutti` : `${name} · Tutti`;
    $('unseen').textContent = unseen || '';
    $('view-chat').setAttribute('aria-label', unseen ? `Chat, ${unseen} new` : 'Chat');
  }
}

/** A narrow screen shows either the board or the chat. The address names the chat, so that a reload shows it again. */
function views(chat) {
  const show = view => {
    document.body.dataset.view = view;
    for (const each of ['board', 'chat']) $(`view-${each}`).setAttribute('aria-pressed', each === view);
    chat.seen();
  };
  for (const view of ['board', 'chat']) {
    $(`view-${view}`).onclick = () => {
      history.replaceState(null, '', `${location.pathname}${view === 'chat' ? CHAT_VIEW : ''}${location.hash}`);
      show(view);
    };
  }
  if (location.search === CHAT_VIEW) show('chat');
}

/** Calls back once: when an element is first visible. */
function whenShown(element, callback) {
  const observer = new IntersectionObserver(entries => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    callback();
  });
  observer.observe(element);
}

/** Shows that a link names no room, instead of another room. */
function refuse(hash) {
  document.body.dataset.view = 'none';
  $('invalid').hidden = false;
  $('room-name').textContent = 'No room';
  $('invalid-name').textContent = hash.slice(1, 101);
}
