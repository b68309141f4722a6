import { health, request } from './admin-api.js';

/* Asks for the statistics of all servers, or of a chosen one, while the page is visible, and finds the rates between two answers. */

const PAUSE_MILLIS = 2_000;
const MAX_PAUSE_MILLIS = 15_000;
/** The server tries itself for each answer about its health, so the page asks less often. */
const HEALTH_EVERY = 3;
const WINDOW_MILLIS = 900_000;
/** Samples that are asked for again: a point needs the sample before it. */
const OVERLAP_MILLIS = 6_000;
/** Two counts that are closer give no good rate. */
const LEAST_MILLIS = 900;

const RATES = ['received', 'publications', 'deliveries', 'bytes'];
const sum = (list, member) => list.reduce((all, one) => all + one[member], 0);

/** Returns the counts of an answer in the form of a sample. */
const sampleOf = ({ server, endpoints, protocols, counts }) => ({
  uptimeMillis: server.uptimeMillis,
  clients: sum(endpoints, 'open'),
  received: sum(protocols, 'received'),
  publications: counts.publications,
  deliveries: sum(protocols, 'deliveries'),
  bytes: counts.bytes,
});

/** Returns what happened a second between two counts of one server. */
const ratesBetween = (before, now) =>
  Object.fromEntries(RATES.map(name => [name, Math.max(0, now[name] - before[name]) * 1000 / (now.uptimeMillis - before.uptimeMillis)]));

const NO_RATES = Object.fromEntries(RATES.map(name => [name, 0]));
/** A server that has restarted is another one. */
const runOf = ({ name, started }) => `${name} ${started}`;

/** Fires `change` after each answer, and `failed` with the error if there is none. */
export class StatisticsFeed extends EventTarget {
  /** The name of the chosen server; empty for all. */
  server = '';
  /** The last answer, the health of the server that gave it, the counts since the start, and the rates now; undefined before the first. */
  answer;
  health;
  totals;
  now;
  /** The rates of each server that was in the last two answers, by name. */
  rates = new Map();

  /** Of the last quarter of an hour, by the clock of this page: any server answers, and their clocks differ. */
  #points = [];
  /** The figures of each run of a server, of the last answer or, if that is too fresh, the one before. */
  #previous = new Map();
  #at = 0;
  /** The server of the points. */
  #shown = '';
  #asked = 0;
  #pause = PAUSE_MILLIS;
  #timer;
  #running = false;
  #polling = false;

  constructor() {
    super();
    document.addEventListener('visibilitychange', () => this.#again(0));
    addEventListener('online', () => this.#again(0));
  }

  /** Begins; does nothing if it has begun. */
  start() {
    if (this.#running) return;
    this.#running = true;
    this.#again(0);
  }

  /** Stops, and forgets all answers. */
  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    this.server = '';
    this.answer = this.health = this.totals = this.now = undefined;
    this.rates = new Map();
    this.#previous = new Map();
    this.#points = [];
    this.#asked = 0;
  }

  /** Shows one server from the next answer on; all of them for an empty name. */
  choose(server) {
    this.server = server;
    this.refresh();
  }

  /** Asks at once, such as after an action. */
  refresh() {
    this.#asked = 0;
    this.#again(0);
  }

  #again(millis) {
    clearTimeout(this.#timer);
    if (this.#running && !document.hidden) this.#timer = setTimeout(() => this.#poll(), millis);
  }

  async #poll() {
    if (this.#polling) return;
    this.#polling = true;
    const { server } = this;
    let pause = () => this.#pause;
    try {
      const isDue = this.#asked++ % HEALTH_EVERY === 0 && (this.answer?.servers.length ?? 1) === 1; // of several, any might answer
      const [answer, state] = await Promise.all([this.#statistics(), isDue ? health() : this.health]);
      if (!this.#running) return;
      if (server !== this.server) {
        pause = () => 0;
        return;
      }
      this.health = state;
      this.#take(answer);
      this.#pause = PAUSE_MILLIS;
      this.dispatchEvent(new Event('change'));
    } catch (error) {
      if (!this.#running) return;
      this.#asked = 0;
      this.#pause = Math.min(MAX_PAUSE_MILLIS, 2 * this.#pause);
      this.dispatchEvent(Object.assign(new Event('failed'), { error }));
    } finally {
      this.#polling = false;
      this.#again(pause());
    }
  }

  #statistics() {
    const last = this.#shown === this.server && this.#points.at(-1);
    const query = new URLSearchParams({
      ...this.server && { server: this.server },
      ...last && { last: Math.ceil(performance.now() - last.at) + OVERLAP_MILLIS },
    });
    return request('GET', `api/statistics${query.size ? `?${query}` : ''}`);
  }

  #take(answer) {
    if (this.#shown !== this.server) this.#points = [];
    this.#shown = this.server;
    this.#at = performance.now();
    const now = sampleOf(answer);
    this.#addPoints(answer.samples, now);
    this.#findRates(answer.servers);
    const known = answer.servers.filter(({ name }) => !this.server || name === this.server)
      .map(({ name }) => this.rates.get(name)).filter(Boolean);
    const before = answer.samples.findLast(({ uptimeMillis }) => now.uptimeMillis - uptimeMillis >= LEAST_MILLIS);
    this.now = {
      clients: now.clients,
      ...known.length ? Object.fromEntries(RATES.map(name => [name, sum(known, name)])) : before ? ratesBetween(before, now) : NO_RATES,
    };
    this.answer = answer;
    this.totals = now;
  }

  #addPoints(samples, now) {
    const at = ({ uptimeMillis }) => this.#at - (now.uptimeMillis - uptimeMillis);
    const points = samples.slice(1).map((sample, i) => ({ at: at(sample), clients: sample.clients, ...ratesBetween(samples[i], sample) }));
    if (!this.#points.length && samples.length) points.unshift({ at: at(samples[0]), clients: samples[0].clients });
    const last = this.#points.at(-1)?.at ?? -Infinity;
    this.#points.push(...points.filter(point => point.at > last + LEAST_MILLIS));
    this.#points = this.#points.filter(point => point.at >= this.#at - WINDOW_MILLIS - OVERLAP_MILLIS);
  }

  #findRates(servers) {
    const rates = new Map();
    const previous = new Map();
    for (const server of servers) {
      const before = this.#previous.get(runOf(server));
      const isFresh = before && server.uptimeMillis - before.uptimeMillis < LEAST_MILLIS;
      previous.set(runOf(server), isFresh ? before : server);
      const found = isFresh ? this.rates.get(server.name) : before && ratesBetween(before, server);
      if (found) rates.set(server.name, found);
    }
    this.rates = rates;
    this.#previous = previous;
  }

  /** Returns points of the last quarter of an hour, the earliest first: {secondsAgo, value}. */
  series(name) {
    return this.#points
      .map(point => ({ secondsAgo: (this.#at - point.at) / 1000, value: point[name] }))
      .filter(({ secondsAgo, value }) => value !== undefined && secondsAgo <= WINDOW_MILLIS / 1000)
      .concat({ secondsAgo: 0, value: this.now[name] });
  }
}
