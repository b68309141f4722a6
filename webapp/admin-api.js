import { headers, renew, whoAmI } from './account.js';

/* Requests of the administration page to the HTTP API. Addresses are relative: a WAR is not always at the root. */

const TIMEOUT_MILLIS = 10_000;

/** The API key of this page; never stored. */
let key = '';

/** Why a request failed, for people; `status` is 0 without an answer. */
export class RequestError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the server wants a sign-in, or the user lacks a right. */
  get isRefusal() {
    return this.status === 401 || this.status === 403;
  }
}

const credentials = () => (key ? { Accept: 'application/json', Authorization: `Bearer ${key}` } : headers());

async function send(method, path) {
  await renew();
  try {
    return await fetch(path, { method, headers: credentials(), cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
  } catch {
    throw new RequestError(0, 'The server cannot be reached.');
  }
}

/** Returns the JSON of an answer; undefined without content. Rejects with a {@link RequestError}. */
export async function request(method, path) {
  const answer = await send(method, path);
  const body = answer.status === 204 ? undefined : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new RequestError(answer.status, body.message || `The server answered with ${answer.status}.`);
  return body;
}

/** Returns whether the server is ready, and its checks, each with its reason. */
export async function health() {
  const answer = await send('GET', 'health/ready');
  if (answer.status !== 200 && answer.status !== 503) throw new RequestError(answer.status, `The server answered with ${answer.status}.`);
  return answer.json().catch(() => ({ status: 'DOWN', checks: [] }));
}

/** Returns the user of this page, as {@link whoAmI}; undefined if the server gives no answer. */
export async function user() {
  if (!key) return whoAmI();
  try {
    return await request('GET', 'api/me');
  } catch (error) {
    if (!error.isRefusal) return undefined;
    key = '';
    return whoAmI();
  }
}

/** Uses an API key for all further requests, if it has the right to administer. Returns why it is not used; empty if it is. */
export async function useKey(text) {
  if (!/^[!-~]+$/.test(text)) return 'This is no key.'; // no header holds it
  key = text;
  try {
    const { may } = await request('GET', 'api/me');
    if (may.includes('admin')) return '';
    key = '';
    return 'This key lacks the right admin.';
  } catch (error) {
    key = '';
    return error.status === 401 ? 'The server does not know this key.' : error.message;
  }
}

export const roomPath = (name, rest = '') => `api/rooms/${encodeURIComponent(name)}${rest}`;
