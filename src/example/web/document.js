import { openYWebsocket } from 'tutti-client/yjs';
import { WebsocketProvider } from 'y-websocket';
import './document.css';

const colors = ['#c7391a', '#1a6fb8', '#2b7a3d', '#7d3cb5'];

/** Opens a document, shows whether it is saved, and gives this user a name and a colour. */
export function openDocument(name) {
  const opened = openYWebsocket(WebsocketProvider, 'http://localhost:8000/', name);
  opened.addEventListener('change', () => {
    document.getElementById('state').textContent = opened.saved ? 'Saved' : opened.status === 'connected' ? 'Saving …' : `Not connected. ${opened.reason}`;
  });
  const { clientID } = opened.doc;
  opened.awareness.setLocalStateField('user', { name: `Guest ${clientID % 100}`, color: colors[clientID % colors.length] });
  return opened;
}
