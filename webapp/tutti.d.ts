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
  /**
   * Tells two visits of one person from two people: 16 to 64 of `A–Z a–z 0–9 _ -`; a secret, to be kept. Without one this client is
   * somebody new, and stays that over its reconnections.
   */
  guest?: string;
  /** Called before each connection, so also after the server said that the last token is no longer good (4401). */
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

/**
 * Why something was not done: an error code of docs/protocol.md, or from the client itself `closed` (there will be no
 * connection), `left` (the room) or `overflow` (too much waits).
 */
export class TuttiError extends Error {
  readonly code: string;
}

export interface TuttiEvents {
  /** `state` changed, or `reason` did. */
  state: Event;
  /** The server refused something that no promise and no room stands for. */
  error: Event & { readonly error: TuttiError };
}

/** A connection that comes back, with its rooms. */
export class Tutti extends EventTarget {
  /** Connects; `url` is that of `/connect`, relative to the page or absolute, http(s) or ws(s). */
  constructor(url?: string | URL, options?: Options);
  readonly state: ConnectionState;
  /** Why there is no connection, as a sentence; empty when there is one, and before the first. */
  readonly reason: string;
  /** When the next attempt starts, as of `Date.now()`, while `waiting`. */
  readonly retryAt: number;
  /** This connection's id and its user's; empty before the first welcome. The id is another after each reconnection. */
  readonly client: string;
  readonly user: string;
  /** The server's name and version; empty before the first welcome. */
  readonly server: string;
  /** What the server said in its welcome: `messageBytes`, `stateBytes`, `messagesPerSecond`, `rooms`; 0 is none. */
  readonly limits: Readonly<Record<string, number>>;
  /** Enters a room, now and after each reconnection, until `leave`. The same name gives the same room. */
  room<Data = any, State = any>(name: string, options?: RoomOptions<State>): Room<Data, State>;
  /** Connects now, whatever pause is running, also after `pause` or when `closed`. */
  connect(): void;
  /** Gives up the connection until `connect`, as without network. What waits goes on waiting. */
  pause(): void;
  /** Ends it; what waits is rejected. */
  close(): void;

  addEventListener<T extends keyof TuttiEvents>(
    type: T, listener: (event: TuttiEvents[T]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

export interface RoomOptions<State = any> {
  /** This client's presence from the start. */
  state?: State;
  /** To continue after an earlier visit: the last position that was seen. */
  since?: Position;
}

export interface RoomEvents<Data = any> {
  /**
   * In the room, for the first time or again, the last message seen being that at `since`. `missed` is how many were recovered;
   * they come as `message` events after this. When `recovered` is false, unless this is the first time and there is no `since`, some
   * may be lost: read what is held with `history`, or load your state anew.
   */
  joined: Event & { readonly first: boolean; readonly recovered: boolean; readonly missed: number; readonly since?: Position };
  /** In the room's order, each once, one's own too. */
  message: Event & { readonly message: Message<Data> };
  /** `members` or `count` changed: by this client, or in many ways where there is none. */
  members: Event & { readonly client?: string };
  /**
   * The server refused this client's state, or to let it in. In that case `state` says how it goes on: `joining`, it is tried
   * again after a pause (`limit_exceeded`), or `refused`, it is tried again with the next connection only.
   */
  error: Event & { readonly error: TuttiError };
}

/** One room of a connection. */
export class Room<Data = any, State = any> extends EventTarget {
  private constructor();
  readonly name: string;
  /** `joining` until the server has answered, also after a lost connection. */
  readonly state: 'joining' | 'joined' | 'refused' | 'left';
  /** Of the last message seen; undefined before the first answer, unless `since` was given. */
  readonly position?: Position;
  /**
   * Who is here, by client id: exact while `joined`, and as it last was while `joining`. Empty in rooms so large that members
   * are only counted.
   */
  readonly members: ReadonlyMap<string, Member<State>>;
  /** How many are here. */
  readonly count: number;
  /**
   * Publishes; resolves when the server has it. While there is no connection it waits, and what may have been sent already is
   * sent again: once is enough, because it carries a key. A message that is too soon for the server's rate waits, too. Rejects with
   * the server's refusal, when the room is left or the connection closed, and with `overflow` when 1,000 requests or 1 MiB wait on
   * this connection. Who does not look at the promise gets no unhandled rejection.
   *
   * With a `key` of one's own, a message can be published again after the program itself was started anew.
   */
  publish(data: Data, options?: { key?: string }): Promise<Position>;
  /** Sets this client's presence; kept, and told again after a reconnection. At most one is sent in 16 ms. */
  setState(state: State | null): void;
  /** Reads the history: after `since`, or before `before`, or the latest. Waits for the room, and rejects, as `publish` does. */
  history(options?: { since?: Position; before?: Position; limit?: number }): Promise<Page<Data>>;
  /** Leaves for good. The same name then gives another room. */
  leave(): Promise<void>;

  addEventListener<T extends keyof RoomEvents>(
    type: T, listener: (event: RoomEvents<Data>[T]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}
