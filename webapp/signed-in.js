import { signedIn } from './account.js';

/*
 * The page to which a sign-in page returns: signed-in.html?state=…#token=…, or with access_token, its name in OAuth 2.0 (RFC 6749 section
 * 4.2.2); without a token if a cookie carries the sign-in.
 */

const state = new URLSearchParams(location.search).get('state');
const answer = new URLSearchParams(location.hash.slice(1));
const token = answer.get('token') ?? answer.get('access_token') ?? '';
history.replaceState(null, '', location.pathname); // the token must not stay in the address

const page = signedIn(state, token);
if (page) location.replace(page);
else document.getElementById('result').textContent = 'This sign-in does not belong to this window. Open the page again and sign in there.';
