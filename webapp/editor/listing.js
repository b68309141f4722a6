import { roomOfBoard } from './names.js';

/* Texts of the lists of documents. */

/** Returns the name of a document for people. */
export const titleOf = name => (roomOfBoard(name) ? `${roomOfBoard(name)} (board)` : name);

const UNITS = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60]];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** Returns how long ago a time was, or how far it is away, in milliseconds since 1970. */
export function ago(time) {
  const seconds = Math.max(0, (Date.now() - time) / 1000);
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? [];
  return unit ? relative.format(-Math.floor(seconds / length), unit) : 'just now';
}
