import { announce } from './copy.js';
import { $ } from './dom.js';
import { clearRecent, linkOf, recent } from './recent.js';

/* Lists on the start page the rooms and documents that were last opened on this device. The first frame of the page waits for it, so that nothing moves. */

const KINDS = { room: 'Room', document: 'Document' };

const show = () => {
  const entries = recent();
  $('recent').hidden = !entries.length;
  $('recent-list').replaceChildren(...entries.map(entry => {
    const item = document.createElement('li');
    const link = Object.assign(document.createElement('a'), { href: linkOf(entry) });
    const name = Object.assign(document.createElement('span'), { className: 'name', dir: 'auto', textContent: entry.name });
    link.append(name, Object.assign(document.createElement('span'), { className: 'kind', textContent: KINDS[entry.kind] }));
    item.append(link);
    return item;
  }));
};

$('recent-clear').onclick = () => {
  clearRecent();
  show();
  $('room').focus();
  announce('The list is empty.');
};
addEventListener('pageshow', ({ persisted }) => persisted && show());
show();
