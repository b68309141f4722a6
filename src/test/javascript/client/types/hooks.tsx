import { HocuspocusProvider } from '@hocuspocus/provider';
import { Tutti } from 'tutti-client';
import * as react from 'tutti-client/react';
import * as vue from 'tutti-client/vue';
import { openHocuspocus, openYWebsocket } from 'tutti-client/yjs';
import { ref } from 'vue';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const tutti = new Tutti('connect');

export function Component() {
  const { messages, publish } = react.useRoom<{ text: string }>(tutti, 'garden', { history: 10 });
  const { others, setState } = react.usePresence(tutti, 'garden', { name: 'Ada' });
  const opened = react.useDocument(name => openYWebsocket(WebsocketProvider, '/', name, { doc: new Y.Doc(), token: async () => 'token' }), 'minutes');
  const connected: boolean | undefined = opened?.provider.wsconnected;
  setState({ name: String(connected) });
  publish({ text: opened?.doc.getText('text').toString() ?? '' });
  return <p>{react.useConnection(tutti).reason}{messages.map(({ data }) => data.text)}{others.map(({ state }) => state?.name)}</p>;
}

export function setup() {
  const name = ref('garden');
  const { messages, state } = vue.useRoom<{ text: string }>(tutti, name);
  const { count } = vue.usePresence(tutti, () => name.value, () => ({ name: 'Vera' }));
  const { doc, provider, saved } = vue.useDocument(each => openHocuspocus(HocuspocusProvider, '/', each), name);
  const unsynced: boolean | undefined = provider.value?.hasUnsyncedChanges;
  doc.value?.getText('text').insert(0, messages.value[0]?.data.text ?? state.value);
  return [count.value + 1, unsynced, saved.value];
}

// @ts-expect-error a document needs a name
react.useDocument(name => openYWebsocket(WebsocketProvider, '/', name));
