/* Who sits at this window, as far as a page without accounts can know, and how people and rooms are named and coloured. */

const ADJECTIVES = ['Amber', 'Bold', 'Brave', 'Bright', 'Brisk', 'Calm', 'Clever', 'Coral', 'Cosy', 'Eager', 'Fair', 'Gentle', 'Golden',
  'Happy', 'Jolly', 'Keen', 'Kind', 'Lively', 'Lucky', 'Mellow', 'Merry', 'Neat', 'Noble', 'Proud', 'Quick', 'Quiet', 'Silver', 'Sunny',
  'Swift', 'Warm', 'Wise', 'Witty'];
const ANIMALS = ['Badger', 'Beaver', 'Bison', 'Crane', 'Deer', 'Dolphin', 'Falcon', 'Finch', 'Fox', 'Gecko', 'Hare', 'Heron', 'Ibis',
  'Jay', 'Koala', 'Lark', 'Lemur', 'Lynx', 'Marten', 'Mole', 'Otter', 'Owl', 'Panda', 'Puffin', 'Raven', 'Robin', 'Seal', 'Stork', 'Swan',
  'Tapir', 'Wren', 'Yak'];
/** White text on each of them, in light and dark pages, can be read. */
const COLORS = ['#a62b3f', '#a14a00', '#6d6400', '#2c7a3d', '#0b7373', '#2263b5', '#5b4fc4', '#8a3fa8', '#b02a7a'];

const NAME_LENGTH = 32;
/** Two more rooms are named after it, and a name has 128 characters at most. */
const ROOM_NAME = /^[A-Za-z0-9_~@-][A-Za-z0-9._~@-]{0,99}$/;

const any = list => list[crypto.getRandomValues(new Uint32Array(1))[0] % list.length];
const secretLetters = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll('+', '-').replaceAll('/', '_');

/** Kept in this browser, and where that is forbidden, until the page is left. */
function kept(name, otherwise) {
  try {
    const value = localStorage.getItem(name) ?? otherwise();
    localStorage.setItem(name, value);
    return value;
  } catch {
    return otherwise();
  }
}

/** Tells the server, and nobody else, that two windows are one person's. */
export const secret = kept('tutti:guest', secretLetters);

export const myName = () => cleanName(kept('tutti:name', () => `${any(ADJECTIVES)} ${any(ANIMALS)}`)) || 'Somebody';

/** Returns the name as it is from now on. */
export function renameMe(name) {
  const clean = cleanName(name);
  try {
    if (clean) localStorage.setItem('tutti:name', clean);
  } catch { /* then it is another one after the next visit */ }
  return clean || myName();
}

/** Returns what can be shown in one line among others: without control characters and tricks with the direction of writing. */
export function cleanName(name) {
  if (typeof name !== 'string') return '';
  const clean = name.slice(0, 4 * NAME_LENGTH).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').replace(/\s+/g, ' ').trim();
  return [...clean].slice(0, NAME_LENGTH).join('');
}

/** The same for the same user in every window, and the next one that is free where it is taken. */
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

/** Returns the room that somebody means who wrote its name or gave its link, or undefined if there can be none. */
export function roomOf(text) {
  const link = text.trim().match(/#(.*)$/);
  let name = link ? link[1] : text.trim();
  try {
    name = decodeURIComponent(name);
  } catch { /* a name with a % is none, but not for this */ }
  name = name.replace(/\s+/g, '-');
  return ROOM_NAME.test(name) ? name : undefined;
}
