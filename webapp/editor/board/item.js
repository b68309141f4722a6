/* The notes and strokes of a board: their bounds, and how to read them from a document that any client may write. */

export const WIDTH = 9_600;
export const HEIGHT = 6_400;
export const NOTE_WIDTH = 184;
export const NOTE_HEIGHT = 144;
export const COLORS = ['yellow', 'coral', 'green', 'blue', 'violet'];
/** UTF-16 units of a note's text. */
export const TEXT_LENGTH = 280;
/** Points of a stroke. */
export const POINTS = 120;
/** A board with so many notes and strokes takes no further ones. With the longest of them its document has about 10 MB. */
export const MOST_ITEMS = 10_000;

/** Half the width of a drawn line, in the board's units. */
const LINE = 2;
const ID_LENGTH = 24;

const clamp = (value, least, most) => Math.round(Math.min(Math.max(value, least), most));
const within = (value, most) => (Number.isFinite(value) ? clamp(value, 0, most) : undefined);

/** Returns the nearest position at which a note lies on the board. */
export const bounded = ({ x, y }) => ({ x: clamp(x, 0, WIDTH - NOTE_WIDTH), y: clamp(y, 0, HEIGHT - NOTE_HEIGHT) });

/** Returns a text as a note may have it: not too long, and without half characters. */
export const readText = text => text.slice(0, TEXT_LENGTH).toWellFormed?.() ?? text.slice(0, TEXT_LENGTH);

const readColor = color => (COLORS.includes(color) ? color : COLORS[0]);
const readPair = pair => (Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite) ? pair : [0, 0]);

/**
 * Reads a map of the document.
 *
 * @param map has get(name)
 * @returns {id, kind: 'note', x, y, color, text, height, box}, or {id, kind: 'stroke', x, y, color, points, box} with the displacement
 *     x, y of its points; `box` is {left, top, right, bottom} on the board. Undefined for malformed content
 */
export function readItem(map) {
  const [id, kind] = [map.get('id'), map.get('kind')];
  if (typeof id !== 'string' || !id || id.length > ID_LENGTH) return undefined;
  return kind === 'note' ? readNote(id, map) : kind === 'stroke' ? readStroke(id, map) : undefined;
}

function readNote(id, map) {
  const [left, top] = readPair(map.get('at'));
  const { x, y } = bounded({ x: left, y: top });
  return {
    id, kind: 'note', x, y, color: readColor(map.get('color')), text: readText(String(map.get('text') ?? '')), height: within(map.get('height'), 1e9) ?? 0,
    box: { left: x, top: y, right: x + NOTE_WIDTH, bottom: y + NOTE_HEIGHT },
  };
}

function readStroke(id, map) {
  const points = map.get('points');
  if (!Array.isArray(points) || points.length < 4 || points.length > 2 * POINTS || points.length % 2) return undefined;
  const read = points.map((value, i) => within(value, i % 2 ? HEIGHT : WIDTH));
  if (read.includes(undefined)) return undefined;
  const stroke = { id, kind: 'stroke', x: 0, y: 0, color: readColor(map.get('color')), points: read };
  const [dx, dy] = readPair(map.get('at'));
  return { ...stroke, ...placed(stroke, { x: dx, y: dy }) };
}

/** Returns {x, y, box} of an item at the nearest position at which all of it lies on the board. */
export function placed({ kind, points }, at) {
  if (kind === 'note') {
    const { x, y } = bounded(at);
    return { x, y, box: { left: x, top: y, right: x + NOTE_WIDTH, bottom: y + NOTE_HEIGHT } };
  }
  let [left, top, right, bottom] = [WIDTH, HEIGHT, 0, 0];
  for (let i = 0; i < points.length; i += 2) {
    left = Math.min(left, points[i]);
    right = Math.max(right, points[i]);
    top = Math.min(top, points[i + 1]);
    bottom = Math.max(bottom, points[i + 1]);
  }
  const [x, y] = [clamp(at.x, -left, WIDTH - right), clamp(at.y, -top, HEIGHT - bottom)];
  return { x, y, box: { left: left + x - LINE, top: top + y - LINE, right: right + x + LINE, bottom: bottom + y + LINE } };
}

/**
 * Returns a stroke with fewer points: it keeps those that lie farthest from the line between their kept neighbours
 * (Ramer, Douglas and Peucker).
 *
 * @param points x and y in turn
 */
export function simplified(points, tolerance = 1.5) {
  const count = points.length / 2;
  const keep = new Set([0, count - 1]);
  const parts = [[0, count - 1]];
  while (parts.length) {
    const [from, to] = parts.pop();
    const farthest = farthestBetween(points, from, to, tolerance);
    if (!farthest) continue;
    keep.add(farthest);
    parts.push([from, farthest], [farthest, to]);
  }
  if (keep.size > POINTS) return simplified(points, tolerance * 1.5);
  return [...keep].sort((a, b) => a - b).flatMap(i => [Math.round(points[2 * i]), Math.round(points[2 * i + 1])]);
}

/** Returns the point that lies farthest from the line between two others; 0 if none is farther than the tolerance. */
function farthestBetween(points, from, to, tolerance) {
  const [x, y] = [points[2 * from], points[2 * from + 1]];
  const [dx, dy] = [points[2 * to] - x, points[2 * to + 1] - y];
  const length = Math.hypot(dx, dy);
  let farthest = 0;
  let distance = tolerance;
  for (let i = from + 1; i < to; i++) {
    const [px, py] = [points[2 * i] - x, points[2 * i + 1] - y];
    const off = length ? Math.abs(dx * py - dy * px) / length : Math.hypot(px, py);
    if (off > distance) [farthest, distance] = [i, off];
  }
  return farthest;
}
