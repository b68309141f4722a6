/* A line over the last quarter of an hour, as SVG. */

const SVG = 'http://www.w3.org/2000/svg';
const SECONDS = 900;
const HEIGHT = 220;
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 8, 14, 28];
const MINUTES = 15;
/** Pixels: below, labels are short. */
const NARROW = 480;

function svg(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Returns a round number that is not less: 1, 2 or 5 times a power of ten, at least `least`. */
function roundUp(value, least) {
  if (value <= least) return least;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map(step => step * power).find(round => round >= value);
}

/**
 * Draws points, and describes them for screen readers.
 *
 * @param points {secondsAgo, value}, the earliest first
 * @param format returns the text of a value
 * @param least the top of the scale is not below this
 */
export function drawChart(chart, title, points, format, least) {
  const width = chart.clientWidth; // so letters have their size on every screen
  chart.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
  const top = roundUp(Math.max(...points.map(({ value }) => value)), least);
  const x = secondsAgo => LEFT + (width - LEFT - RIGHT) * (1 - secondsAgo / SECONDS);
  const y = value => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const place = ({ secondsAgo, value }) => `${x(secondsAgo).toFixed(1)} ${y(value).toFixed(1)}`;
  const parts = [0, .5, 1].flatMap(part => [
    svg('path', { class: 'grid', d: `M${LEFT} ${y(part * top).toFixed(1)}H${width - RIGHT}` }),
    svg('text', { x: LEFT - 8, y: y(part * top) + 4, 'text-anchor': 'end' }, format(part * top)),
  ]);
  for (const minutes of [15, 10, 5, 0]) {
    parts.push(svg('text', { x: x(minutes * 60), y: HEIGHT - 6, 'text-anchor': minutes ? minutes === 15 ? 'start' : 'middle' : 'end' },
      minutes ? `${minutes} ${width < NARROW ? 'min' : 'min ago'}` : 'now'));
  }
  const line = points.map(place).join('L');
  parts.push(svg('path', { class: 'area', d: `M${x(points[0].secondsAgo).toFixed(1)} ${y(0)}L${line}V${y(0)}Z` }));
  parts.push(svg('path', { class: 'line', d: `M${line}` }));
  const last = points.at(-1);
  parts.push(svg('circle', { cx: x(last.secondsAgo), cy: y(last.value), r: 4 }));
  chart.replaceChildren(...parts);
  const values = points.map(({ value }) => value);
  chart.setAttribute('aria-label', `${title}, last 15 minutes: now ${format(last.value)}, `
    + `at least ${format(Math.min(...values))}, at most ${format(Math.max(...values))}`);
}

/** Returns the average of each minute that has points, the latest first: {minutesAgo, value}. */
export function byMinute(points) {
  return Array.from({ length: MINUTES }, (_, minutesAgo) => {
    const values = points.filter(({ secondsAgo }) => Math.floor(secondsAgo / 60) === minutesAgo).map(({ value }) => value);
    return { minutesAgo, value: values.length ? values.reduce((a, b) => a + b) / values.length : undefined };
  }).filter(({ value }) => value !== undefined);
}
