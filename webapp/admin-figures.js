import { isCluster } from './admin-servers.js';
import { element, show, showNumbers } from './admin-tables.js';
import { $, setText } from './dom.js';
import { bytes, chosen, count, rate, span, text, whole } from './figures.js';
import { byMinute, drawChart } from './line-chart.js';

/* The figures of the server as a whole. */

const SERIES = {
  clients: { title: 'Connections', format: number => whole(Math.round(number)), least: 10 },
  received: { title: 'Messages a second', format: rate, least: 10 },
  deliveries: { title: 'Deliveries a second', format: rate, least: 10 },
  bytes: { title: 'Sent a second', format: bytes, least: 1_000 },
};
const PHASES = {
  serving: 'Serves', grace: 'Drains: clients leave soon', leaving: 'Drains: clients leave', done: 'Drained: serves nobody',
};
const NAMES_OF_SHARES = {
  input: 'Input', output: 'Output', documents: 'Documents', receipts: 'Receipts', history: 'History',
};

/** Returns the servers that the figures are of: the chosen one, or all. */
const shownServers = ({ answer, server }) => answer.servers.filter(({ name }) => !server || name === server);

export function drawFigures(feed) {
  const { endpoints, budget, slow } = feed.answer;
  const servers = shownServers(feed);
  const total = member => servers.reduce((all, one) => all + one[member], 0);
  text('clients', whole(feed.now.clients));
  text('clients-more', endpoints.filter(({ open }) => open).map(({ endpoint, open }) => `${endpoint} ${whole(open)}`).join(' · ') || 'none');
  for (const [name, format] of [['received', rate], ['deliveries', rate], ['bytes', bytes]]) {
    text(name, format(feed.now[name]));
    text(`${name}-more`, `a second · ${name === 'bytes' ? bytes(feed.totals[name]) : whole(feed.totals[name])} so far`);
  }
  text('rooms', whole(total('rooms')));
  text('rooms-more', count(total('memberships'), 'membership') + (servers.length > 1 ? ', a room counts at each server' : ''));
  text('documents', whole(total('documents')));
  text('documents-more', `${bytes(budget.find(({ share }) => share === 'documents').usedBytes)} in memory`);
  text('slow-sum', slow.clients ? `${count(slow.clients, 'client')}, ${bytes(slow.waitingBytes)}` : '');
}

export function drawSeries(feed) {
  const { title, format, least } = SERIES[chosen('series')];
  const points = feed.series(chosen('series'));
  drawChart($('chart'), title, points, format, least);
  text('chart-unit', title);
  showNumbers($('chart-rows'), byMinute(points), ({ minutesAgo }) => String(minutesAgo), ({ minutesAgo }) => whole(minutesAgo),
    ({ value }) => [format(value)]);
}

const when = date => (date.toDateString() === new Date().toDateString() ? date.toLocaleTimeString('en-GB') : date.toLocaleString('en-GB'));

/** Returns the checks of the server; of several, the state of each. */
function checksOf(feed) {
  if (!isCluster(feed)) return feed.health?.checks ?? [];
  return shownServers(feed).map(({ name, problem }) => ({ name, status: problem === null ? 'UP' : 'DOWN', data: { reason: problem } }));
}

export function drawHealth(feed) {
  const { server, store, webhooks } = feed.answer;
  const servers = shownServers(feed);
  const isOne = servers.length === 1;
  text('phase', isOne ? PHASES[servers[0].phase] : count(servers.length, 'server'));
  $('phase').dataset.phase = isOne ? servers[0].phase : 'serving';
  show($('checks'), checksOf(feed), ({ name }) => name, ({ name }) => element('li', {},
    element('span', { className: 'mark' }), element('span', { className: 'name', textContent: name }), element('span', { className: 'small' })),
  (row, { status, data }) => {
    row.dataset.status = status;
    const [mark, , detail] = row.children;
    setText(mark, status === 'UP' ? 'Good' : 'Fault');
    const since = data.since && `since ${when(new Date(data.since))}`;
    setText(detail, [status !== 'UP' && data.reason, since].filter(Boolean).join(', '));
  });
  text('version', [...new Set(servers.map(({ version }) => version))].join(', '));
  $('running').hidden = !isOne;
  text('uptime', isOne ? span(servers[0].uptimeMillis / 1000) : '');
  text('store', `${store.kind}, ${count(store.commits, 'commit')}`);
  text('store-lag', bytes(store.lagBytes));
  text('store-failures', whole(store.failures));
  text('webhooks', webhooks ? `${bytes(webhooks.queuedBytes)} wait, ${whole(webhooks.delivered)} delivered, ${whole(webhooks.failed)} failed, ${whole(webhooks.dropped)} dropped`
    : 'no receiver');
  $('drain').hidden = isCluster(feed) && !feed.server; // choose one first
  $('drain').disabled = server.phase !== 'serving';
}

export function drawBudget(feed) {
  show($('budget'), feed.answer.budget, ({ share }) => share, ({ share }) => element('li', {},
    element('span', { className: 'name', textContent: NAMES_OF_SHARES[share] ?? share }), element('span', { className: 'small' }),
    element('span', { className: 'bar' }, element('span'))),
  (row, { usedBytes, limitBytes, refusals }) => {
    const used = Math.min(1, usedBytes / limitBytes);
    row.dataset.full = used >= .9 ? 'full' : used >= .75 ? 'nearly' : '';
    setText(row.children[1], `${bytes(usedBytes)} of ${bytes(limitBytes)}, ${Math.round(used * 100)} %`
      + (refusals ? `, ${whole(refusals)} refused` : ''));
    row.children[2].firstChild.style.setProperty('--used', used);
  });
}
