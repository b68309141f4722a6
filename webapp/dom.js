/** Returns the element with an id. */
export const $ = id => document.getElementById(id);

/** Sets the text of an element, unless it has that text: a screen reader would read it again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
