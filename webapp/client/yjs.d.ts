import type { Doc } from 'yjs';
import type { Emitter, AnyEvent } from './tutti.js';

export interface DocumentOptions {
  /** The document to fill. Without one, a new document is made, and ends with `destroy`. */
  doc?: Doc;
  /** A token, or a function that gets one. It is called before each connection, also after the server refused the last token or that token has ended. */
  token?: string | (() => string | Promise<string>);
  /** The WebSocket constructor where there is no global one, as in Node 20: that of the package `ws`. */
  WebSocket?: unknown;
  /** Everything else goes to the provider. */
  [option: string]: unknown;
}

/** `connecting` until the server has answered, `disconnected` until the next attempt, `refused` until `connect` is called or a new token passes. */
export type DocumentStatus = 'connecting' | 'connected' | 'disconnected' | 'refused';

export interface DocumentEvents {
  /** `status`, `reason`, `synced` or `saved` changed. */
  change: AnyEvent;
}

/** A Yjs document that a provider keeps up to date. */
export interface OpenDocument<Provider = any> extends Emitter<DocumentEvents> {
  readonly doc: Doc;
  readonly provider: Provider;
  readonly awareness: Provider extends { awareness: infer Awareness } ? NonNullable<Awareness> : any;
  readonly status: DocumentStatus;
  /** Why there is no connection, as a sentence; empty while connected. */
  readonly reason: string;
  /** Whether the content of the server has arrived on this connection. */
  readonly synced: boolean;
  /** Whether the server has stored all changes of this client. */
  readonly saved: boolean;
  /** Connects now; by default it is connected. */
  connect(): void;
  /** Disconnects until `connect`. Changes stay in the document. */
  disconnect(): void;
  /** Ends the provider, and the document and the awareness if this object has made them. */
  destroy(): void;
}

/**
 * Opens a document with `WebsocketProvider` of y-websocket, version 2 or 3.
 *
 * @param server the server's address: relative to the page or absolute
 */
export function openYWebsocket<Provider>(
  WebsocketProvider: new (server: string, name: string, doc: any, options?: any) => Provider,
  server: string, name: string, options?: DocumentOptions): OpenDocument<Provider>;

/**
 * Opens a document with `HocuspocusProvider` of @hocuspocus/provider, version 4.
 *
 * @param server the server's address: relative to the page or absolute
 */
export function openHocuspocus<Provider>(
  HocuspocusProvider: new (configuration: any) => Provider, server: string, name: string, options?: DocumentOptions): OpenDocument<Provider>;
