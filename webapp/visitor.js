import { isName, nameIn } from './names.js';

/* The identity of this browser, and the names and colours of people and rooms. */

const ADJECTIVES = ['Amber', 'Bold', 'Brave', 'Bright', 'Brisk', 'Calm', 'Clever', 'Coral', 'Cosy', 'Eager', 'Fair', 'Gentle', 'Golden',
  'Happy', 'Jolly', 'Keen', 'Kind', 'Lively', 'Lucky', 'Mellow', 'Merry', 'Neat', 'Noble', 'Proud', 'Quick', 'Quiet', 'Silver', 'Sunny',
  'Swift', 'Warm', 'Wise', 'Witty'];
const ANIMALS = ['Badger', 'Beaver', 'Bison', 'Crane', 'Deer', 'Dolphin', 'Falcon', 'Finch', 'Fox', 'Gecko', 'Hare', 'Heron', 'Ibis',
  'Jay', 'Koala', 'Lark', 'Lemur', 'Lynx', 'Marten', 'Mole', 'Otter', 'Owl', 'Panda', 'Puffin', 'Raven', 'Robin', 'Seal', 'Stork', 'Swan',
  'Tapir', 'Wren', 'Yak'];
/** White text is readable on each of them. */
const COLORS = ['#a62b3f', '#a14a00', '#6d6400', '#2c7a3d', '#0b7373', '#2263b5', '#5b4fc4', '#8a3fa8', '#b02a7a'];

const NAME_LENGTH = 32;
/** The name of the board adds a suffix, and the server allows 128. */
const ROOM_NAME_LENGTH = 100;

const any = list => list[crypto.getRandomValues(new Uint32Array(1))[0] % list.length];
const secretLetters = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll('+', '-').replaceAll('/', '_');

/** Reads a value from local storage, or creates and stores it. Without storage it lasts as long as the page. */
function kept(name, otherwise) {
  try {
    const value = localStorage.getItem(name) ?? otherwise();
    localStorage.setItem(name, value);
    return value;
  } catch {
    return otherwise();
  }
}

/** The guest secret: it shows the server, and only the server, that two windows belong to one person. */
export const secret = kept('tutti:guest', secretLetters);

export const myName = () => cleanName(kept('tutti:name', () => `${any(ADJECTIVES)} ${any(ANIMALS)}`)) || 'Somebody';

/** Stores a new name. Returns the name in use, which is the old one if the new one is blank. */
export function renameMe(name) {
  const clean = cleanName(name);
  try {
    if (clean) localStorage.setItem('tutti:name', clean);
  } catch { /* without storage the name lasts as long as the page */ }
  return clean || myName();
}

/** Returns a name that is safe to show in a line: without control characters and direction overrides. */
export function cleanName(name) {
  if (typeof name !== 'string') return '';
  const clean = name.slice(0, 4 * NAME_LENGTH).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').replace(/\s+/g, ' ').trim();
  return [...clean].slice(0, NAME_LENGTH).join('');
}

/** Returns the same colour for a user in every window, or the next free one if it is taken. */
export function colorOf(user, taken = new Set()) {
  let hash = 0;
  for (const letter of String(user)) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  const colors = COLORS.map((_, i) => COLORS[(hash + i) % COLORS.length]);
  return colors.find(color => !taken.has(color)) ?? colors[0];
}

export const initialOf = name => ([...name][0] ?? '?').toUpperCase();

export const device = () => (matchMedia('(pointer: coarse)').matches
  ? Math.min(screen.width, screen.height) < 600 ? 'phone' : 'tablet'
  : 'computer');

export const newRoom = () => `${any(ADJECTIVES)}-${any(ANIMALS)}-${crypto.getRandomValues(new Uint32Array(1))[0] % 90 + 10}`.toLowerCase();

/** Returns the room name in a name or link, or undefined if it is invalid. */
export function roomOf(text) {
  const name = nameIn(text);
  return isName(name, ROOM_NAME_LENGTH) && !name.includes(':') ? name : undefined;
}
