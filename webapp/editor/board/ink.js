const SVG = 'http://www.w3.org/2000/svg';

/** The strokes in view, and the one being drawn. */
export class Ink {
  #svg;
  /** Paths by id. */
  #strokes = new Map();
  /** {path, points} of the stroke being drawn, or undefined. */
  #drawing;

  constructor(svg) {
    this.#svg = svg;
  }

  has(id) { return this.#strokes.has(id); }
  element(id) { return this.#strokes.get(id); }

  /** Shows a stroke, or shows it anew. New ones lie on top. */
  show({ id, color, points, x, y }) {
    let path = this.#strokes.get(id);
    if (!path) {
      path = document.createElementNS(SVG, 'path');
      path.dataset.id = id;
      path.setAttribute('d', shapeOf(points));
      this.#strokes.set(id, path);
      this.#svg.append(path);
    }
    if (path.dataset.color !== color) path.dataset.color = color;
    this.place(id, { x, y });
  }

  /** @param at the displacement of its points */
  place(id, { x, y }) {
    const path = this.#strokes.get(id);
    if (path && (x || y || path.hasAttribute('transform'))) path.setAttribute('transform', `translate(${x} ${y})`);
  }

  hide(id) {
    this.#strokes.get(id)?.remove();
    this.#strokes.delete(id);
  }

  /** Puts the paths into an order of ids; those that are in it stay where they are. */
  sort(ids) {
    let next = this.#svg.firstChild;
    for (const id of ids) {
      const path = this.#strokes.get(id);
      if (!path) continue;
      if (path === next) next = next.nextSibling;
      else this.#svg.insertBefore(path, next);
    }
  }

  get isDrawing() { return Boolean(this.#drawing); }

  begin(color, { x, y }) {
    const path = document.createElementNS(SVG, 'path');
    path.dataset.color = color;
    this.#svg.append(path);
    this.#drawing = { points: [x, y], path };
    this.extend([]);
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
}

/** Returns a smooth path: curves through the midpoints, with the points as control points. */
export function shapeOf(points) {
  let path = `M${points[0]} ${points[1]}`;
  for (let i = 2; i < points.length - 2; i += 2) {
    const [x, y, nextX, nextY] = points.slice(i, i + 4);
    path += `Q${x} ${y} ${(x + nextX) / 2} ${(y + nextY) / 2}`;
  }
  return `${path}L${points.at(-2)} ${points.at(-1)}`;
}
