import { shapeOf } from './ink.js';
import { COLORS, NOTE_HEIGHT, NOTE_WIDTH } from './item.js';

const MARGIN = 40;
/** Pixels of a picture, and of its longer side: browsers draw no larger ones. */
const MOST_PIXELS = 32e6;
const LONGEST = 12_000;
const SHARP = 2;

const PADDING = 14;

/** Downloads a picture of all items, as PNG. */
export async function exportPicture(name, items, say) {
  const all = [...items.all];
  if (!all.length) return say('The board is empty: there is nothing to export.');
  const canvas = draw(all, items);
  const blob = await new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
  if (!blob) return say('This browser cannot draw a picture of so large a board.');
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: `${name}.png` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return say('Exported as PNG.');
}

function draw(all, items) {
  const edge = (side, most) => most(...all.map(({ box }) => box[side]));
  const least = (...values) => values.reduce((a, b) => Math.min(a, b));
  const most = (...values) => values.reduce((a, b) => Math.max(a, b));
  const [left, top] = [edge('left', least) - MARGIN, edge('top', least) - MARGIN];
  const [width, height] = [edge('right', most) + MARGIN - left, edge('bottom', most) + MARGIN - top];
  const scale = Math.min(SHARP, Math.sqrt(MOST_PIXELS / (width * height)), LONGEST / Math.max(width, height));
  const canvas = Object.assign(document.createElement('canvas'), { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
  const context = canvas.getContext('2d');
  const style = getComputedStyle(document.documentElement);
  context.fillStyle = style.getPropertyValue('--surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.translate(-left, -top);
  paint(context, items, true);
  return canvas;
}

/** Paints all items of a board, with or without the texts of notes. */
export function paint(context, items, hasText) {
  const style = getComputedStyle(document.documentElement);
  const colors = Object.fromEntries(COLORS.map(color => [color, { fill: style.getPropertyValue(`--${color}`), stroke: style.getPropertyValue(`--${color}-ink`) }]));
  Object.assign(context, { lineWidth: 4, lineCap: 'round', lineJoin: 'round', textBaseline: 'top' });
  for (const { points, x, y, color } of items.strokes) {
    context.save();
    context.translate(x, y);
    context.strokeStyle = colors[color].stroke;
    context.stroke(new Path2D(shapeOf(points)));
    context.restore();
  }
  const notes = [...items.all].filter(({ kind }) => kind === 'note').sort((a, b) => a.height - b.height);
  const ink = style.getPropertyValue('--note-ink');
  for (const note of notes) {
    context.save();
    drawNote(context, note, colors[note.color].fill);
    if (hasText) drawText(context, note, ink);
    context.restore();
  }
}

function drawNote(context, { x, y }, fill) {
  context.beginPath();
  context.roundRect(x, y, NOTE_WIDTH, NOTE_HEIGHT, [6, 6, 20, 6]);
  context.fillStyle = fill;
  context.fill();
}

/** Writes a text inside the note that was drawn last. */
function drawText(context, { x, y, text }, ink) {
  context.clip();
  const size = text.length > 70 ? 15 : 19;
  context.font = `${size}px system-ui, sans-serif`;
  context.fillStyle = ink;
  lines(context, text).forEach((line, i) => context.fillText(line, x + PADDING, y + PADDING + i * size * 1.3));
}

/** Breaks a text into the lines of a note, at spaces where that is possible. */
function lines(context, text) {
  const width = NOTE_WIDTH - 2 * PADDING;
  const fits = line => context.measureText(line).width <= width;
  return text.split('\n').flatMap(paragraph => {
    const broken = [''];
    for (const word of paragraph.split(/(?<=\s)/)) {
      const longer = broken.at(-1) + word;
      if (fits(longer.trimEnd())) {
        broken[broken.length - 1] = longer;
        continue;
      }
      if (broken.at(-1)) broken.push('');
      for (const letter of word) {
        if (!fits(broken.at(-1) + letter)) broken.push('');
        broken[broken.length - 1] += letter;
      }
    }
    return broken;
  });
}
