import { isName, nameIn } from '../names.js';
import { newRoom, roomOf } from '../visitor.js';

/* Names of documents, and links to them. */

/** 32 letters and digits, without look-alikes. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Returns a pronounceable name that nobody can guess: it ends with 60 random bits. */
export function newDocument() {
  const letters = [...crypto.getRandomValues(new Uint8Array(12))].map(byte => LETTERS[byte % LETTERS.length]).join('');
  return newRoom().replace(/[0-9]+$/, letters);
}

/** Returns the document name in a name or link, or undefined if it is invalid. */
export function documentOf(text) {
  const name = nameIn(text);
  return isName(name) ? name : undefined;
}

const BOARD = ':board';

/** Returns the name of the document that holds the board of a room. */
export const boardOf = room => `${room}${BOARD}`;

/** Returns the room whose board a document is, or undefined. */
export const roomOfBoard = name => (name.endsWith(BOARD) ? roomOf(name.slice(0, -BOARD.length)) : undefined);

export const linkTo = name => `document.html#${name}`;
