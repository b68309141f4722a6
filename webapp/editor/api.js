import { headers } from '../account.js';

/* The HTTP API for documents. Addresses are relative: a WAR is not always at the root. */

const PAGE = 200;
const MOST = 1_000;

/**
 * Returns the server's documents whose names start with `prefix`, 1,000 at most.
 *
 * @returns {documents: [{name, bytes, changed, open}], more}, and `listed: false` where the server lists none
 */
export async function listDocuments(prefix, signal) {
  const documents = [];
  let more = true;
  while (more && documents.length < MOST) {
    const query = new URLSearchParams({ limit: PAGE, prefix, after: documents.at(-1)?.name ?? '' });
    for (const key of ['prefix', 'after']) if (!query.get(key)) query.delete(key);
    const answer = await fetch(`api/documents?${query}`, { headers: headers(), signal });
    if ([401, 403, 404].includes(answer.status)) return { documents: [], more: false, listed: false };
    if (!answer.ok) throw new Error(await reasonOf(answer));
    const page = await answer.json();
    documents.push(...page.documents);
    more = page.more && page.documents.length > 0;
  }
  return { documents, more, listed: true };
}

/** Resolves also if there is no such document. Rejects with a message for the user. */
export async function deleteDocument(name) {
  const answer = await fetch(`api/documents/${name}`, { method: 'DELETE', headers: headers() });
  if (!answer.ok && answer.status !== 404) throw new Error(await reasonOf(answer));
}

/** Returns the incarnation of a document, which changes when it is deleted; undefined without an answer of the server. */
export async function incarnationOf(name) {
  try {
    const answer = await fetch(`api/documents/${name}/stored`, { headers: headers() });
    return answer.ok ? (await answer.json()).incarnation : undefined;
  } catch {
    return undefined;
  }
}

/** The state vector of an empty document. */
const EMPTY = 'AA==';

/** Stores a new document. Rejects with a message for the user, also if there is a document of this name. */
export async function createDocument(name, update) {
  const present = await fetch(`api/documents/${name}/stored`, { headers: headers() });
  if (!present.ok) throw new Error(await reasonOf(present));
  if ((await present.json()).stateVector !== EMPTY) throw new Error('There is a document of this name. Choose another one.');
  const answer = await fetch(`api/documents/${name}`, {
    method: 'POST', headers: { ...headers(), 'Content-Type': 'application/octet-stream' }, body: update,
  });
  if (!answer.ok) throw new Error(await reasonOf(answer));
}

/** Returns deleted documents, 200 at most: [{name, bytes, deleted, expires}]; none where the server lists none. */
export async function listTrash(signal) {
  const answer = await fetch(`api/trash?limit=${PAGE}`, { headers: headers(), signal });
  return answer.ok ? (await answer.json()).documents : [];
}

/** Restores a deleted document. Rejects with a message for the user. */
export async function restoreDocument({ name, deleted }) {
  const answer = await fetch(`api/trash/${name}/restore?deleted=${deleted}`, { method: 'POST', headers: headers() });
  if (answer.status === 409) throw new Error(`There is a document ${name}. Delete it first.`);
  if (!answer.ok) throw new Error(await reasonOf(answer));
}

/** Removes a deleted document for ever. Rejects with a message for the user. */
export async function removeFromTrash({ name, deleted }) {
  const answer = await fetch(`api/trash/${name}?deleted=${deleted}`, { method: 'DELETE', headers: headers() });
  if (!answer.ok && answer.status !== 404) throw new Error(await reasonOf(answer));
}

/** Returns a sentence about why the server has not stored all changes of a document. */
export async function failureToStore(name) {
  try {
    const answer = await fetch(`api/documents/${name}/stored`, { headers: headers() });
    if (answer.ok) {
      const { failure } = await answer.json();
      return failure ? `The server says: ${sentence(failure)}` : 'The server is still storing it.';
    }
  } catch { /* no answer */ }
  return 'The server gives no reason.';
}

export const sentence = text => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Returns a sentence about why the server refuses. */
export async function reasonOf(answer) {
  if (answer.status === 409) return 'Somebody has it open. Try again when it is closed.';
  try {
    const { message } = await answer.json();
    if (typeof message === 'string' && message) return message;
  } catch { /* not JSON */ }
  return `The server answered with ${answer.status}.`;
}
