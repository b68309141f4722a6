/*
 * Replaces the package `entities`, from which markdown-it takes one function. The browser knows the names of characters; the package's table
 * of them was a third of the preview's code.
 */

const field = document.createElement('textarea');

/** Decodes one character reference, such as `&copy;` or `&#169;`. Returns unknown ones as they are. */
export function decodeHTMLStrict(reference) {
  field.innerHTML = reference;
  return field.value;
}
