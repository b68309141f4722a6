import { openYWebsocket } from 'tutti-client/yjs';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const opened = openYWebsocket(WebsocketProvider, 'http://localhost:8000/', 'shopping');
const items = opened.doc.getArray('items');
const find = id => document.getElementById(id);

function show() {
  find('items').replaceChildren(...items.map((item, index) => {
    const done = Object.assign(document.createElement('input'), { type: 'checkbox', checked: item.get('done') });
    done.addEventListener('change', () => item.set('done', done.checked));
    const label = document.createElement('label');
    label.append(done, item.get('text'));
    const remove = Object.assign(document.createElement('button'), { textContent: 'Remove' });
    remove.addEventListener('click', () => items.delete(index));
    const line = document.createElement('li');
    line.append(label, remove);
    return line;
  }));
}

items.observeDeep(show); // an item, or a field of one, has changed: here or elsewhere

opened.addEventListener('change', () => {
  find('state').textContent = opened.saved ? 'Saved' : opened.status === 'connected' ? 'Saving …' : `Not connected. ${opened.reason}`;
});

find('form').addEventListener('submit', event => {
  event.preventDefault();
  items.push([new Y.Map([['text', find('text').value], ['done', false]])]);
  find('text').value = '';
});
