import type { ComputedRef, MaybeRefOrGetter } from 'vue';
import type { Tutti } from './tutti.js';
import type { Connection, DocumentFields, Openable, Publish, RoomMessages, RoomMessagesOptions, RoomPresence } from './views.js';

export type { Connection, DocumentFields, Publish, RoomMessages, RoomMessagesOptions, RoomPresence } from './views.js';

/** A ref for each field. */
export type Refs<Fields> = { [Name in keyof Fields]-?: ComputedRef<Fields[Name]> };

/** The state of a connection. */
export function useConnection(tutti: Tutti): Refs<Connection>;

/** Joins a room while the component is mounted, with its latest messages. The room is left with the last component that uses it. */
export function useRoom<Data = any>(
  tutti: Tutti, name: MaybeRefOrGetter<string>, options?: RoomMessagesOptions): Refs<RoomMessages<Data>> & { publish: Publish<Data> };

/**
 * Joins a room while the component is mounted, with its members. `state` is the presence of this client: the composable sets it when it changes as JSON. For
 * frequent changes, such as those of a cursor, use `setState`.
 */
export function usePresence<State = any>(
  tutti: Tutti, name: MaybeRefOrGetter<string>, state?: MaybeRefOrGetter<State | null>): Refs<RoomPresence<State>> & { setState(state: State | null): void };

/**
 * Opens a document while the component is mounted, and again when `name` changes. Until it is open, the refs hold undefined.
 *
 * @param open for example `name => openYWebsocket(WebsocketProvider, server, name)`, of `tutti-client/yjs`
 */
export function useDocument<Opened extends Openable>(
  open: (name: string) => Opened, name: MaybeRefOrGetter<string>): Refs<Partial<DocumentFields<Opened>>>;
