/*
 * The user of this window. Your sign-in page returns to signed-in.html with a token. The session storage holds it, so it ends with the
 * window. The server says who the user is and what the user may do: GET api/me.
 */

const TOKEN = 'tutti:token';
const PENDING = 'tutti:sign-in';

const read = name => {
  try {
    return sessionStorage.getItem(name) ?? '';
  } catch {
    return '';
  }
};

function write(name, text) {
  try {
    if (text) sessionStorage.setItem(name, text);
    else sessionStorage.removeItem(name);
  } catch { /* Without storage there is no sign-in. */ }
}

/** Returns when a token ends, in milliseconds since 1970; 0 if it cannot be read. The server alone verifies it. */
function endOf(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).exp * 1000 || 0;
  } catch {
    return 0;
  }
}

/** A token is renewed when it ends within this time; the server asks for a new one 25 s before. */
const RENEWAL_MILLIS = 60_000;
let renewing;

/** Returns the milliseconds until the token is to be renewed, 0 or less if it should have been; Infinity if it has no end, or nobody has signed in. */
export const untilRenewal = () => (endOf(read(TOKEN)) || Infinity) - Date.now() - RENEWAL_MILLIS;

/** Renews a token that ends soon, where the server's settings say how; returns when that is done, or has failed. */
export const renew = async () => {
  if (untilRenewal() > 0) return;
  renewing ??= fetchToken().finally(() => { renewing = undefined; });
  await renewing;
};

async function fetchToken() {
  const user = await whoAmI();
  if (!user?.renewal) return;
  try {
    const answer = await fetch(user.renewal, { headers: { Accept: 'application/json' }, cache: 'no-store' });
    const { token } = await answer.json();
    if (answer.ok && endOf(token) > endOf(read(TOKEN))) write(TOKEN, token);
  } catch { /* The old token may be good for another try. */ }
}

/** Returns the token of this window, renewed if need be; throws if it has ended. Undefined instead of a function if nobody has signed in. */
export const tokenSource = () => (read(TOKEN) ? async () => {
  await renew();
  if (hasEnded()) throw new Error('Your sign-in has ended.');
  return read(TOKEN);
} : undefined);

/** Returns whether the user has signed in, and the token has ended. */
export const hasEnded = () => Boolean(read(TOKEN)) && endOf(read(TOKEN)) <= Date.now();

/** Returns the subprotocols that carry the token beside a fixed one; none if nobody has signed in. */
export const subprotocols = fixed => (read(TOKEN) ? [fixed, `bearer.${read(TOKEN)}`] : []);

/** Returns the headers of a request to the HTTP API. */
export const headers = () => ({ Accept: 'application/json', ...read(TOKEN) && { Authorization: `Bearer ${read(TOKEN)}` } });

/**
 * Asks the server for the user, and for the rights in a room or on a document.
 *
 * @param query {room} or {document}; nothing for the user alone
 * @returns {way, user, roles, expires, may, signIn, renewal, contact, history}; undefined if the server gives no answer
 */
export async function whoAmI(query = {}) {
  try {
    const answer = await fetch(`api/me?${new URLSearchParams(query)}`, { headers: headers() });
    if (answer.ok) return await answer.json();
    if (answer.status === 401 && read(TOKEN)) {
      write(TOKEN, '');
      return await whoAmI(query);
    }
  } catch { /* no network: the page says so elsewhere */ }
  return undefined;
}

/** Goes to the sign-in page, which returns to this one. */
export function signIn(address) {
  // A token that comes back without this state is not accepted: a link of somebody else could sign this window in as another user.
  const state = crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint32Array(4))].join('-');
  write(PENDING, JSON.stringify({ state, page: location.href }));
  const back = new URL(`signed-in.html?state=${state}`, document.baseURI);
  location.href = address.replace('{return}', encodeURIComponent(back));
}

/**
 * Takes the token of the sign-in page.
 *
 * @param state that the page returned
 * @returns the address of the page that began the sign-in; undefined if this window began none
 */
export function signedIn(state, token) {
  let pending;
  try {
    pending = JSON.parse(read(PENDING));
  } catch {
    return undefined;
  }
  if (!state || pending?.state !== state) return undefined;
  write(PENDING, '');
  write(TOKEN, token);
  return pending.page;
}

/** Returns a sentence that says whom to ask; empty if the server names nobody. */
export const askWhom = user => (user?.contact ? `Ask ${user.contact}.` : '');

/** Shows in the page's header who is signed in, or where to sign in. */
export function showAccount(user) {
  document.getElementById('account')?.remove();
  const isUser = user && ['container', 'token'].includes(user.way);
  if (!isUser && !user?.signIn) return;
  const line = Object.assign(document.createElement('p'), { id: 'account' });
  line.dataset.testid = 'account';
  if (isUser) line.append(Object.assign(document.createElement('span'), { textContent: user.user, title: `Signed in as ${user.user}` }));
  if (user.way === 'token') line.append(button('Sign out', () => {
    write(TOKEN, '');
    location.reload();
  }));
  if (!isUser) line.append(button('Sign in', () => signIn(user.signIn)));
  // A narrow header has no place for it.
  (matchMedia('(max-width: 40rem)').matches && document.getElementById('people') || document.querySelector('header')).append(line);
}

function button(text, onclick) {
  return Object.assign(document.createElement('button'), { type: 'button', className: 'quiet', textContent: text, onclick });
}
