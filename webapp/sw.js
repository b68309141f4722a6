/*
 * Opens the pages without a network. A cache holds the files of one version of the pages; it is named by their content. A page comes from
 * the server if that answers, and so do its files; else both come from the cache, so that they fit together. Nothing but these files passes
 * through here: no API, no connection, no sign-in, no administration.
 */

/** The build fills in both: a hash of this and all other files, and {path: integrity}. Without it the worker keeps nothing. */
const VERSION = '';
const FILES = {};

/** Without an answer within this time, a page opens from the cache. */
const ANSWER_MILLIS = 5_000;
/** Answers of a proxy while the server is away. */
const NO_SERVER = [502, 503, 504];
/** Files whose names change with their content. */
const HASHED = /^editor\//;
const MAX_PAGES = 100;

const SCOPE = registration.scope;
/** The path distinguishes the caches of several servers on one site. */
const PREFIX = `tutti:${new URL(SCOPE).pathname}:`;
const CACHE = PREFIX + VERSION;

/** Ids of the pages that came from the cache. The browser may end this worker and lose them: their files then come from the server first. */
const pagesFromCache = new Set();

addEventListener('install', event => event.waitUntil(keepFiles()));
addEventListener('activate', event => event.waitUntil(takeOver()));
addEventListener('fetch', event => {
  const file = fileOf(event.request);
  if (file) event.respondWith(event.request.mode === 'navigate' ? page(event, file) : part(event, file));
});

/** Keeps all files, or none. Their integrity refuses those of another version, which another server of a cluster may still send. */
async function keepFiles() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(Object.entries(FILES).map(async ([file, integrity]) => {
      const address = new URL(file, SCOPE);
      const answer = await fetch(address, { integrity, cache: 'no-cache', redirect: 'error' });
      if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
      await cache.put(address, answer);
    }));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
  await skipWaiting();
}

/** Deletes old versions but the latest one: open pages may still load parts of it. */
async function takeOver() {
  const others = (await caches.keys()).filter(name => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.slice(0, -1).map(name => caches.delete(name)));
  await clients.claim();
}

/** Returns the path of the requested file within this server's pages; undefined for everything else. */
function fileOf({ method, url }) {
  const { origin, pathname } = new URL(url);
  const address = origin + pathname;
  if (method !== 'GET' || !address.startsWith(SCOPE)) return undefined;
  const file = address.slice(SCOPE.length) || 'index.html';
  return Object.hasOwn(FILES, file) || HASHED.test(file) ? file : undefined;
}

const kept = async file => {
  const address = new URL(file, SCOPE);
  return await (await caches.open(CACHE)).match(address) ?? (HASHED.test(file) ? caches.match(address) : undefined);
};

async function page({ request, resultingClientId }, file) {
  const copy = await kept(file);
  if (!copy) return fetch(request);
  const late = new Promise(resolve => { setTimeout(resolve, ANSWER_MILLIS); });
  const answer = await Promise.race([fetch(request, { cache: 'no-cache' }).catch(() => undefined), late]);
  if (answer && !NO_SERVER.includes(answer.status)) return answer;
  if (pagesFromCache.size >= MAX_PAGES) pagesFromCache.clear();
  pagesFromCache.add(resultingClientId);
  return copy;
}

async function part({ request, clientId }, file) {
  const copy = await kept(file);
  if (copy && (HASHED.test(file) || pagesFromCache.has(clientId))) return copy;
  try {
    const answer = await fetch(request);
    if (answer.ok || !copy) return answer;
  } catch (error) {
    if (!copy) throw error;
  }
  return copy;
}
