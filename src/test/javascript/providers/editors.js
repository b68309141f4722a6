import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebSocket as Socket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

/** Creates editors with a provider of y-websocket, of any version. */
export const yWebsocketOf = Provider => (server, name, document, { readOnly } = {}) => {
  const doc = new Y.Doc();
  const provider = new Provider(`${server}/yjs`, document, doc, {
    disableBc: true,
    WebSocketPolyfill: Socket,
    params: readOnly ? { access: 'read' } : {},
  });
  return {
    name,
    doc,
    text: doc.getText('text'),
    awareness: provider.awareness,
    isSynced: () => provider.synced,
    isConnected: () => provider.wsconnected,
    connect: () => provider.connect(),
    disconnect: () => provider.disconnect(),
    terminate: () => provider.ws?.terminate(),
    stayAway: () => { provider.shouldConnect = false; },
    onLost: listener => provider.on('connection-close', listener),
    destroy: () => provider.destroy(),
  };
};

export const yWebsocket = yWebsocketOf(WebsocketProvider);

/** Creates an editor with Hocuspocus's provider, which knows what the server has stored. */
export function hocuspocus(server, name, document) {
  const doc = new Y.Doc();
  const websocketProvider = new HocuspocusProviderWebsocket({ url: `${server}/hocuspocus`, WebSocketPolyfill: Socket });
  const provider = new HocuspocusProvider({ websocketProvider, name: document, document: doc, token: 'any' });
  provider.attach();
  return {
    name,
    text: doc.getText('text'),
    awareness: provider.awareness,
    isConfirmed: () => provider.synced && !provider.hasUnsyncedChanges,
    destroy: () => {
      provider.destroy();
      websocketProvider.destroy();
    },
  };
}
