import type { ConnectionState, Member, Message, Position, TuttiError } from './tutti.js';

/** The state of a connection, for a component. */
export interface Connection {
  state: ConnectionState;
  reason: string;
  retryAt: number;
}

/** The latest messages of a room, for a component. */
export interface RoomMessages<Data = any> {
  state: 'joining' | 'joined' | 'refused' | 'left';
  /** The latest messages, oldest first: the loaded history, and all messages since. After a gap the list begins anew. */
  messages: readonly Message<Data>[];
  /** The latest refusal since the room was joined. */
  error?: TuttiError;
}

export interface RoomMessagesOptions {
  /** The number of earlier messages to load; 0 by default. */
  history?: number;
  /** The number of messages to keep; 500 by default. */
  limit?: number;
}

/** Publishes like `Room.publish`. */
export type Publish<Data = any> = (data: Data, options?: { key?: string }) => Promise<Position>;

/** The members of a room, for a component. */
export interface RoomPresence<State = any> {
  state: 'joining' | 'joined' | 'refused' | 'left';
  members: readonly Member<State>[];
  /** The members without this client. */
  others: readonly Member<State>[];
  /** The number of members; in very large rooms, `members` is empty. */
  count: number;
  error?: TuttiError;
}

/** An open document, as `tutti-client/yjs` returns it; declared here, so that the hooks need no types of Yjs. */
export interface Openable {
  readonly doc: any;
  readonly provider: any;
  readonly awareness: any;
  readonly status: string;
  readonly reason: string;
  readonly synced: boolean;
  readonly saved: boolean;
  destroy(): void;
}

/** The fields of an open document, for a component. */
export type DocumentFields<Opened extends Openable> = Pick<Opened, 'doc' | 'provider' | 'awareness' | 'status' | 'reason' | 'synced' | 'saved'>;
