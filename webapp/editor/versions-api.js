import { headers } from '../account.js';
import { reasonOf } from './api.js';

/* The HTTP API for versions of documents. Each function rejects with a message for the user. */

const MOST = 200;

async function ask(path, options = {}) {
  const answer = await fetch(`api/documents/${path}`, { ...options, headers: { ...headers(), ...options.headers } });
  if (answer.ok) return answer;
  if (answer.status === 404) throw new Error('There is nothing to keep, or the version was removed.');
  if (answer.status === 409) throw new Error('This document has as many versions as it may have. Remove one first.');
  throw new Error(await reasonOf(answer));
}

/** Returns the latest versions: [{id, made, automatic, title, users, guests, bytes}]. */
export const listVersions = async name => (await (await ask(`${name}/versions?limit=${MOST}`)).json()).versions;

/** Makes a version of the document as it is now. */
export const makeVersion = (name, title) => ask(`${name}/versions`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ title }),
});

/** Returns the content of a version, as an update of Yjs. */
export const contentOf = async (name, { id }) => new Uint8Array(await (await ask(`${name}/versions/${id}`)).arrayBuffer());

/** Removes a version for ever. */
export const removeVersion = (name, { id }) => ask(`${name}/versions/${id}`, { method: 'DELETE' });
