import { newRoom } from '../visitor.js';

/* How documents are called: as the server wants it, and so that no name has to be encoded in an address. */

const NAME = /^[A-Za-z0-9_~:@-][A-Za-z0-9._~:@-]{0,127}$/;
/** 32 of them, without those that look like others. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Returns a name that can be read aloud, and that nobody guesses: it ends with 60 random bits. */
export function newDocument() {
  const letters = [...crypto.getRandomValues(new Uint8Array(12))].map(byte => LETTERS[byte % LETTERS.length]).join('');
  return newRoom().replace(/[0-9]+$/, letters);
}

/** Returns the document that somebody means who wrote its name or gave its link, or undefined if there can be none. */
export function documentOf(text) {
  let name = text.trim().replace(/^.*#/, '');
  try {
    name = decodeURIComponent(name);
  } catch { /* a name with a % is none, but not for this */ }
  name = name.replace(/\s+/g, '-');
  return NAME.test(name) ? name : undefined;
}

export const linkTo = name => `document.html#${name}`;
