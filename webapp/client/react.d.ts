import type { Tutti } from './tutti.js';
import type { Connection, DocumentFields, Openable, Publish, RoomMessages, RoomMessagesOptions, RoomPresence } from './views.js';

export type { Connection, DocumentFields, Publish, RoomMessages, RoomMessagesOptions, RoomPresence } from './views.js';

/** The state of a connection. */
export function useConnection(tutti: Tutti): Connection;

/** Joins a room while the component is mounted, with its latest messages. The room is left with the last component that uses it. */
export function useRoom<Data = any>(
  tutti: Tutti, name: string, options?: RoomMessagesOptions): RoomMessages<Data> & { publish: Publish<Data> };

/**
 * Joins a room while the component is mounted, with its members. `state` is the presence of this client: the hook sets it when it changes as JSON. For
 * frequent changes, such as those of a cursor, use `setState`, which renders nothing by itself.
 */
export function usePresence<State = any>(
  tutti: Tutti, name: string, state?: State | null): RoomPresence<State> & { setState(state: State | null): void };

/**
 * Opens a document while the component is mounted, and again when `name` changes. Returns undefined until it is open.
 *
 * @param open for example `name => openYWebsocket(WebsocketProvider, server, name)`, of `tutti-client/yjs`
 */
export function useDocument<Opened extends Openable>(open: (name: string) => Opened, name: string): DocumentFields<Opened> | undefined;
