import { health, request } from './admin-api.js';

/* Asks the server for its statistics while the page is visible, and finds the rates between two answers. */

const PAUSE_MILLIS = 2_000;
const MAX_PAUSE_MILLIS = 15_000;
/** The server tries itself for each answer about its health, so the page asks less often. */
const HEALTH_EVERY = 3;
const WINDOW_MILLIS = 900_000;
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

/** Returns the connections, and what happened a second between two samples. */
const between = (before, now) => ({
  uptimeMillis: now.uptimeMillis,
  clients: now.clients,
  ...Object.fromEntries(RATES.map(name => [name, Math.max(0, now[name] - before[name]) * 1000 / (now.uptimeMillis - before.uptimeMillis)])),
});

/** Fires `change` after each answer, and `failed` with the error if there is none. */
export class StatisticsFeed extends EventTarget {
  /** The last answer, the server's health, the counts since its start, and the rates now; undefined before the first. */
  answer;
  health;
  totals;
  now;

  #samples = [];
  #previous;
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
    this.answer = this.health = this.totals = this.now = this.#previous = undefined;
    this.#samples = [];
    this.#asked = 0;
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
    try {
      const [answer, state] = await Promise.all([this.#statistics(), this.#asked++ % HEALTH_EVERY === 0 ? health() : this.health]);
      if (!this.#running) return;
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
      this.#again(this.#pause);
    }
  }

  async #statistics() {
    const last = this.#samples.at(-1);
    const answer = await request('GET', `api/statistics${last ? `?since=${last.uptimeMillis}` : ''}`);
    if (!this.answer || answer.server.started === this.answer.server.started) return answer;
    this.#samples = []; // the server has restarted
    this.#previous = this.now = undefined;
    return request('GET', 'api/statistics');
  }

  #take(answer) {
    this.#samples.push(...answer.samples);
    const sample = sampleOf(answer);
    this.#samples = this.#samples.filter(({ uptimeMillis }) => uptimeMillis >= sample.uptimeMillis - WINDOW_MILLIS - 5_000);
    const before = this.#previous ?? this.#samples.findLast(({ uptimeMillis }) => sample.uptimeMillis - uptimeMillis >= LEAST_MILLIS);
    if (before && sample.uptimeMillis - before.uptimeMillis >= LEAST_MILLIS) {
      this.now = between(before, sample);
      this.#previous = sample;
    } else {
      this.now = { ...sample, ...Object.fromEntries(RATES.map(name => [name, this.now?.[name] ?? 0])) };
      this.#previous ??= sample;
    }
    this.answer = answer;
    this.totals = sample;
  }

  /** Returns points of the last quarter of an hour, the earliest first: {secondsAgo, value}. */
  series(name) {
    const end = this.answer.server.uptimeMillis;
    const points = this.#samples.slice(1).map((sample, i) => between(this.#samples[i], sample));
    if (name === 'clients' && this.#samples.length) points.unshift(this.#samples[0]);
    return points
      .map(point => ({ secondsAgo: (end - point.uptimeMillis) / 1000, value: point[name] }))
      .filter(({ secondsAgo }) => secondsAgo <= WINDOW_MILLIS / 1000)
      .concat({ secondsAgo: 0, value: this.now[name] });
  }
}
