/*
 * These types need no DOM library: where a program has Event, AbortSignal and URL, from the DOM library or from @types/node, the types below are compatible
 * with them.
 */

/** An Event; where the program has no such type, the part that each of them has. */
export type AnyEvent = typeof globalThis extends { Event: { prototype: infer Known } } ? Known : { readonly type: string };

/** Like AddEventListenerOptions. */
export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: any;
}

/** Like EventTarget, with typed events. */
export interface Emitter<Events> {
  addEventListener<T extends keyof Events>(type: T, listener: (event: Events[T]) => void, options?: boolean | ListenerOptions): void;
  addEventListener(type: string, listener: Listener | null, options?: boolean | ListenerOptions): void;
  removeEventListener<T extends keyof Events>(type: T, listener: (event: Events[T]) => void, options?: boolean | ListenerOptions): void;
  removeEventListener(type: string, listener: Listener | null, options?: boolean | ListenerOptions): void;
  dispatchEvent(event: any): boolean;
}

/** Any listener, like EventListenerOrEventListenerObject. */
export type Listener = ((event: any) => void) | { handleEvent(event: any): void };

/** The place of a publication in a room: its number `offset` within `epoch`. See docs/protocol.md, "Positions and recovery". */
export interface Position {
  epoch: string;
  offset: number;
}

/** A publication in a room. */
export interface Message<Data = any> {
  room: string;
  offset: number;
  /** Milliseconds since 1970, by the server's clock. */
  time: number;
  /** The publisher; absent for the server's own application. */
  from?: { client: string; user: string };
  data: Data;
}

/** A client in a room; each device of a user is one. */
export interface Member<State = any> {
  client: string;
  user: string;
  state?: State;
}

/** A part of a room's history, in the room's order. */
export interface Page<Data = any> {
  messages: Message<Data>[];
  /** Whether the history holds more in the requested direction. */
  more: boolean;
  /** Whether `messages` follow the requested position without a gap. */
  recovered: boolean;
  /** The position of the room's last publication. */
  position: Position;
  /** The offset of the earliest publication that the history holds. */
  earliest: number;
}

export interface Options {
  /**
   * A secret that identifies a person over several visits: 16 to 64 of `A–Z a–z 0–9 _ -`. Store it. Without one this client is a
   * new user, and stays that user when it reconnects.
   */
  guest?: string;
  /** Called before each connection, also after the server refused the last token (4401), and again 25 seconds before a token ends. */
  token?: () => string | Promise<string>;
  /** The WebSocket constructor where there is no global one, as in Node 20: that of the package `ws`. */
  WebSocket?: unknown;
}

/**
 * - `connecting`: an attempt is running
 * - `open`: connected
 * - `waiting`: the next attempt starts at `retryAt`
 * - `offline`: this device has no network, or `pause` was called
 * - `closed`: until `connect` is called; `reason` says why
 */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'offline' | 'closed';

/**
 * Why a request failed: an error code of docs/protocol.md, or a code of this client: `closed` (there is no connection), `left`
 * (this client has left the room) or `overflow` (too many requests wait).
 */
export class TuttiError extends Error {
  readonly code: string;
}

export interface TuttiEvents {
  /** `state` or `reason` changed. */
  state: AnyEvent;
  /** The server has joined a room for this client; it sends the messages that come from now on. Add your listeners to it. */
  subscribed: AnyEvent & { readonly room: Room };
  /** A refusal that belongs to no promise and no room. */
  error: AnyEvent & { readonly error: TuttiError };
}

/** A connection that reconnects, and joins its rooms again. While the server drains, it moves to another one and stays `open`. */
export interface Tutti extends Emitter<TuttiEvents> {}
export class Tutti {
  /** Connects to the `url` of `/connect`: relative to the page or absolute, http(s) or ws(s). */
  constructor(url?: string | { readonly href: string }, options?: Options);
  readonly state: ConnectionState;
  /** Why there is no connection, as a sentence; empty while connected and before the first connection. */
  readonly reason: string;
  /** When the next attempt starts while `waiting`, in milliseconds like `Date.now()`. */
  readonly retryAt: number;
  /** The ids of this connection and its user; empty before the first welcome. `client` changes with each connection. */
  readonly client: string;
  readonly user: string;
  /** The server's name and version; empty before the first welcome. */
  readonly server: string;
  /** The limits in the welcome: `messageBytes`, `stateBytes`, `messagesPerSecond`, `rooms`; 0 is none. */
  readonly limits: Readonly<Record<string, number>>;
  /** Joins a room, now and after each reconnection, until `leave`. The same name returns the same object. */
  room<Data = any, State = any>(name: string, options?: RoomOptions<State>): Room<Data, State>;
  /** Connects now: ends a wait, a `pause` or `closed`. */
  connect(): void;
  /** Disconnects until `connect`, as without network. Waiting requests keep waiting. */
  pause(): void;
  /** Disconnects, and rejects waiting requests. */
  close(): void;
}

export interface RoomOptions<State = any> {
  /** This client's presence from the join on. */
  state?: State;
  /** The last position seen in an earlier visit, to continue after it. */
  since?: Position;
}

export interface RoomEvents<Data = any> {
  /**
   * This client has joined the room, for the first time or again. `since` is the position of the last message seen before. `missed`
   * counts the recovered messages, which follow as `message` events. If `recovered` is false, and this is not the first join without
   * `since`, messages may be lost: read the `history`, or load your state again.
   */
  joined: AnyEvent & { readonly first: boolean; readonly recovered: boolean; readonly missed: number; readonly since?: Position };
  /** Each publication once, in the room's order, this client's own included. */
  message: AnyEvent & { readonly message: Message<Data> };
  /** `members` or `count` changed: because of `client`, or of several clients if it is absent. */
  members: AnyEvent & { readonly client?: string };
  /**
   * The server refused this client's presence or its join. After a refused join, `state` is `joining` if the client tries again after
   * a pause (`limit_exceeded`, `unavailable`), or `refused` if it tries again only with the next connection. Or it has removed this
   * client from the room: `forbidden` ends in `refused`, `unsubscribed` in `left`; after `rejoin` this client joins again by itself, without its presence,
   * which you may set again.
   */
  error: AnyEvent & { readonly error: TuttiError };
}

/** A room of a connection. */
export interface Room<Data = any, State = any> extends Emitter<RoomEvents<Data>> {}
export class Room<Data = any, State = any> {
  private constructor();
  readonly name: string;
  /** `joining` until the server has answered, also after a reconnection. */
  readonly state: 'joining' | 'joined' | 'refused' | 'left';
  /** The position of the last message seen; undefined before the first answer, unless `since` was given. */
  readonly position?: Position;
  /**
   * The members by client id: exact while `joined`, the last known ones while `joining`. Empty in rooms so large that the server
   * only counts members.
   */
  readonly members: ReadonlyMap<string, Member<State>>;
  /** The number of members. */
  readonly count: number;
  /**
   * Publishes. Resolves when the room has the publication. The request waits for a connection and for the server's rate limit. After
   * a lost connection the client sends it again; its key ensures that it is published once. Rejects with the server's refusal, when
   * the room is left, when the connection is closed, and with `overflow` when 1,000 requests or 1 MiB wait on this connection. You may
   * ignore the promise: it causes no unhandled rejection.
   *
   * With your own `key`, your program can publish the same message again after a restart.
   */
  publish(data: Data, options?: { key?: string }): Promise<Position>;
  /** Sets this client's presence, also for later reconnections. The client sends at most one state in 16 ms. */
  setState(state: State | null): void;
  /** Reads the history: after `since`, before `before`, or the latest part. Waits and rejects like `publish`. */
  history(options?: { since?: Position; before?: Position; limit?: number }): Promise<Page<Data>>;
  /** Leaves the room. `room` then creates a new object for its name. */
  leave(): Promise<void>;
}

/**
 * Prints, once for each server, the setting that lets pages of this origin connect to the WebSocket address `url`, if that server has another origin. `Tutti`
 * calls it when the first connection fails.
 */
export function explainOrigin(url: string | { readonly href: string }): void;
