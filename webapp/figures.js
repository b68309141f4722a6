import { $, setText } from './dom.js';

/* Numbers for people, and where they stand. */

const WHOLE = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
const SPANS = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];

export const whole = number => WHOLE.format(number);

/** Returns a rate with a digit behind the point if it is small. */
export const rate = number => (number < 100 ? SHORT : WHOLE).format(number < 100 ? number : Math.round(number));

export function bytes(number) {
  let [value, unit] = [number, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 100 ? WHOLE.format(Math.round(value)) : SHORT.format(value)} ${UNITS[unit]}`;
}

/** Returns a number of things: `1 client`, `2 clients`. */
export const count = (number, noun) => `${whole(number)} ${noun}${number === 1 ? '' : 's'}`;

/** Returns a time in its two greatest units: `2 hours 5 minutes`. */
export function span(seconds) {
  const first = SPANS.findIndex(([, length]) => seconds >= length);
  if (first < 0) return 'less than a second';
  const [unit, length] = SPANS[first];
  const [smaller, part] = SPANS[first + 1] ?? [];
  const rest = part ? Math.floor(seconds % length / part) : 0;
  return [count(Math.floor(seconds / length), unit), ...rest ? [count(rest, smaller)] : []].join(' ');
}

/** Sets the text of the element with an id. */
export const text = (id, value) => setText($(id), value);

/** Returns the value of the checked radio button of a group. */
export const chosen = name => document.querySelector(`input[name="${name}"]:checked`).value;
