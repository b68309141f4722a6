const SVG = 'http://www.w3.org/2000/svg';

/** Shows the strokes on the board, and the one being drawn. */
export class Ink {
  #svg;
  /** By id. */
  #strokes = new Map();
  /** {path, points} of the stroke being drawn, or undefined. */
  #drawing;

  constructor(svg) {
    this.#svg = svg;
  }

  /** Shows exactly these strokes. */
  show(strokes) {
    const here = new Set(strokes.map(({ id }) => id));
    for (const [id, path] of this.#strokes) {
      if (here.has(id)) continue;
      path.remove();
      this.#strokes.delete(id);
    }
    for (const { id, color, points } of strokes) {
      if (this.#strokes.has(id)) continue;
      const path = this.#path(color, points);
      path.dataset.id = id;
      this.#strokes.set(id, path);
    }
  }

  get isDrawing() { return Boolean(this.#drawing); }

  begin(color, { x, y }) {
    const points = [x, y];
    this.#drawing = { points, path: this.#path(color, points) };
  }

  extend(places) {
    const { points, path } = this.#drawing;
    for (const { x, y } of places) points.push(x, y);
    path.setAttribute('d', shapeOf(points));
  }

  /** Removes the drawn path, and returns its points: at least two, so that a tap is a dot. */
  end() {
    const { points, path } = this.#drawing;
    this.#drawing = undefined;
    path.remove();
    return points.length > 2 ? points : [...points, points[0] + 1, points[1]];
  }

  /** Returns the ids of the strokes at a point of the window. */
  at({ clientX, clientY }) {
    return document.elementsFromPoint(clientX, clientY)
      .filter(element => element.parentNode === this.#svg && element.dataset.id)
      .map(element => element.dataset.id);
  }

  #path(color, points) {
    const path = document.createElementNS(SVG, 'path');
    path.dataset.color = color;
    path.setAttribute('d', shapeOf(points));
    this.#svg.append(path);
    return path;
  }
}

/** Returns a smooth path: curves through the midpoints, with the points as control points. */
function shapeOf(points) {
  let path = `M${points[0]} ${points[1]}`;
  for (let i = 2; i < points.length - 2; i += 2) {
    const [x, y, nextX, nextY] = points.slice(i, i + 4);
    path += `Q${x} ${y} ${(x + nextX) / 2} ${(y + nextY) / 2}`;
  }
  return `${path}L${points.at(-2)} ${points.at(-1)}`;
}
