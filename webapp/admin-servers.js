import { element, linkButton, show } from './admin-tables.js';
import { $, setText } from './dom.js';
import { bytes, count, rate, span, text, whole } from './figures.js';

/* The table of the servers that share their rooms. A lone server has none. */

const STATES = { serving: 'serves', grace: 'drains', leaving: 'drains', done: 'drained' };
const ALL = { name: '' };

/** Whether the answer is of several servers, or may be. */
export const isCluster = ({ answer: { servers, missing } }) => servers.length + missing > 1;

const state = ({ phase, problem }) => (phase === 'serving' && problem ? problem : STATES[phase]);
const sum = (list, member) => list.reduce((all, one) => all + (one?.[member] ?? 0), 0);

function figuresOf(feed, server) {
  const { servers } = feed.answer;
  const listed = server === ALL ? servers : [server];
  const rates = listed.map(({ name }) => feed.rates.get(name));
  const known = rates.some(Boolean);
  return [
    whole(sum(listed, 'clients')),
    ...[['received', rate], ['deliveries', rate], ['bytes', bytes]].map(([member, format]) => (known ? format(sum(rates, member)) : '–')),
    server === ALL ? '' : `${Math.max(1, Math.round(server.lagMicros / 1000))} ms`,
  ];
}

/** @param choose is called with the name of a server, or with nothing for all */
export function drawServers(feed, choose) {
  const { servers, missing } = feed.answer;
  $('servers').hidden = !isCluster(feed);
  if ($('servers').hidden) return;
  text('servers-missing', missing ? `${count(missing, 'server')} did not answer: the figures lack ${missing === 1 ? 'it' : 'them'}.` : '');
  show($('server-rows'), [ALL, ...servers], ({ name, started }) => `server ${name} ${started ?? ''}`, server => rowOf(server, choose), (row, server) => {
    const [first, ...numbers] = row.children;
    const [button, small] = first.children;
    if (server.name === feed.server) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
    row.dataset.phase = server === ALL ? '' : server.problem ? 'problem' : server.phase;
    setText(small, server === ALL ? count(servers.length, 'server')
      : [state(server), server.version, `for ${span(server.uptimeMillis / 1000)}`].join(' · '));
    figuresOf(feed, server).forEach((figure, i) => setText(numbers[i], figure));
  });
}

function rowOf(server, choose) {
  const button = linkButton(server.name || 'All servers', () => choose(server.name));
  return element('tr', {},
    element('td', { className: 'name' }, button, element('span', { className: 'small' })),
    ...Array.from({ length: 5 }, () => element('td', { className: 'number' })));
}
