/** A room's publication number `offset`, within `epoch`: docs/protocol.md, "Positions and recovery". */
export interface Position {
  epoch: string;
  offset: number;
}

/** What somebody published in a room. */
export interface Message<Data = any> {
  room: string;
  offset: number;
  /** Milliseconds since 1970, by the server's clock. */
  time: number;
  /** Who published it; absent when the server's own application did. */
  from?: { client: string; user: string };
  data: Data;
}

/** One client in a room; two devices of a user are two. */
export interface Member<State = any> {
  client: string;
  user: string;
  state?: State;
}

/** Some of a room's history, in the room's order. */
export interface Page<Data = any> {
  messages: Message<Data>[];
  /** Whether more are held in the direction that was asked for. */
  more: boolean;
  /** Whether `messages` goes on exactly where it was asked to, with nothing left out between. */
  recovered: boolean;
  /** Of the room's last publication. */
  position: Position;
  /** The offset of the earliest publication that is held. */
  earliest: number;
}

export interface Options {
  /** Tells two visits of one person from two people: 16 to 64 of `A–Z a–z 0–9 _ -`; a secret, to be kept. */
  guest?: string;
  /** Called before each connection, and again when the server says that the last token is no longer good (4401). */
  token?: () => string | Promise<string>;
  /** The constructor to use where there is no global one, as in Node 20: that of the package `ws`. */
  WebSocket?: unknown;
}

/**
 * - `connecting`: an attempt is under way
 * - `open`
 * - `waiting`: for the next attempt, until `retryAt`
 * - `offline`: this device has no network, or `pause` was called
 * - `closed`: for good, unless `connect` is called; `reason` says why
 */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'offline' | 'closed';

/** Why a request was refused: an `error` of docs/protocol.md, or `closed`, `left`, `overflow` from the client itself. */
export class TuttiError extends Error {
  code: string;
}

/**
 * A connection that comes back, with its rooms.
 *
 * Events: `state`, at each change of `state`; `error` (with `error`: TuttiError), for what no promise can tell.
 */
export class Tutti extends EventTarget {
  /** Connects; `url` is that of `/connect`, relative to the page or absolute, http(s) or ws(s). */
  constructor(url?: string | URL, options?: Options);
  readonly state: ConnectionState;
  /** Why there is no connection, as a sentence; empty when there is one. */
  readonly reason: string;
  /** When the next attempt starts, as of `Date.now()`, while `waiting`. */
  readonly retryAt: number;
  /** This connection's id and its user's; empty before the first welcome. The id is another after each reconnection. */
  readonly client: string;
  readonly user: string;
  /** What the server said in its welcome: `messageBytes`, `stateBytes`, `messagesPerSecond`, `rooms`; 0 is none. */
  readonly limits: Record<string, number>;
  /** Enters a room, now and after each reconnection, until `leave`. The same name gives the same room. */
  room<Data = any, State = any>(name: string, options?: RoomOptions<State>): Room<Data, State>;
  /** Connects now, whatever pause is running, also after `pause` or when `closed`. */
  connect(): void;
  /** Gives up the connection until `connect`, as without network. */
  pause(): void;
  /** Ends it; what waits is rejected. */
  close(): void;
}

export interface RoomOptions<State = any> {
  /** This client's presence from the start. */
  state?: State;
  /** To continue after an earlier visit: the last position that was seen. */
  since?: Position;
}

/**
 * One room of a connection.
 *
 * Events, each an Event with the fields named:
 * - `joined` {recovered, missed, first}: in the room, for the first time or again. `missed` is how many messages were recovered;
 *   they come as `message` events after this. `recovered` false, unless `first` without `since`: some may be lost, so read
 *   what is held with `history`, or load your state anew.
 * - `message` {message}: in the room's order, each once.
 * - `members`: `members` or `count` changed.
 * - `error` {error}: the server refused to let this client in; it is not tried again before the next connection.
 */
export class Room<Data = any, State = any> extends EventTarget {
  readonly name: string;
  /** `joining` until the server has answered, also after a lost connection. */
  readonly state: 'joining' | 'joined' | 'refused' | 'left';
  /** Of the last message seen; undefined before the first answer. */
  readonly position?: Position;
  /** Who is here, by client id; empty in rooms so large that members are only counted. */
  readonly members: ReadonlyMap<string, Member<State>>;
  /** How many are here. */
  readonly count: number;
  /**
   * Publishes; resolves when the server has it. While there is no connection it waits, and what may have been sent already is
   * sent again: once is enough, because it carries a key. Rejects with the server's refusal, when the room is left or the connection
   * closed, and with `overflow` when 1,000 messages or 1 MiB wait.
   */
  publish(data: Data, options?: { key?: string }): Promise<Position>;
  /** Sets this client's presence; kept, and told again after a reconnection. At most one is sent in 16 ms. */
  setState(state: State | null): void;
  /** Reads the history: after `since`, or before `before`, or the latest. */
  history(options?: { since?: Position; before?: Position; limit?: number }): Promise<Page<Data>>;
  /** Leaves for good. */
  leave(): Promise<void>;
}
