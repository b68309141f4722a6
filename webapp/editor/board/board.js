import * as Y from 'yjs';
import { WebsocketProvider } from 'y-websocket';
import { subprotocols } from '../../account.js';
import { DeletedCopy } from '../deleted-copy.js';
import { LocalCopy } from '../local-copy.js';
import { boardOf } from '../names.js';
import { watchRights } from '../rights.js';
import { Saving } from '../saving.js';
import { BoardStatus } from './board-status.js';
import { BoardView } from './board-view.js';
import { Items } from './items.js';
import { Presence } from './presence.js';

/**
 * The board of a room: a Yjs document beside the conversation, with a copy on this device. Pointers and drags are awareness, which nobody stores.
 *
 * Events: `change` of `waiting`.
 */
export class Board extends EventTarget {
  #tutti;
  #provider;
  #saving;
  #ask;

  /**
   * @param tutti the connection of the room; the board pauses and connects with it
   * @param announce speaks a text
   */
  constructor({ room, tutti, people, announce }) {
    super();
    const name = boardOf(room);
    const doc = new Y.Doc();
    const items = new Items(doc);
    const localCopy = new LocalCopy(name, doc);
    const address = String(new URL('yjs', document.baseURI)).replace(/^http/, 'ws');
    this.#tutti = tutti;
    // Connects once the rights are known: a refused handshake is an error in the browser's console.
    this.#provider = new WebsocketProvider(address, name, doc, { protocols: subprotocols('yjs'), connect: false });
    this.#saving = new Saving(this.#provider, doc);
    const presence = new Presence(this.#provider.awareness, tutti, people);
    const view = new BoardView({ name: room, items, presence, announce });
    const deletedCopy = new DeletedCopy(name, this.#provider);
    const status = new BoardStatus({ name, items, provider: this.#provider, saving: this.#saving, localCopy, deletedCopy });
    for (const each of [items, status]) each.addEventListener('change', () => view.showLimits({ isReady: status.isReady, isReadOnly: status.isReadOnly }));
    localCopy.addEventListener('load', () => view.showContent(false));
    this.#provider.on('sync', synced => synced && view.showContent(true));
    this.#saving.addEventListener('change', () => this.dispatchEvent(new Event('change')));
    this.#ask = watchRights(name, this.#provider, this.#saving, user => status.showRights(user), () => tutti.state !== 'offline' && !deletedCopy.isDeleted);
    tutti.addEventListener('state', () => this.#follow());
  }

  /** The number of this window's changes that the server has not stored. */
  get waiting() { return this.#saving.waiting; }

  /** Asks for the rights again. */
  askForRights() { this.#ask(); }

  /** A window that is offline by its switch gets nothing from the other windows of this browser either. */
  #follow() {
    if (this.#tutti.state === 'offline') this.#provider.disconnect();
    else if (this.#tutti.state === 'open') this.#ask();
  }
}
