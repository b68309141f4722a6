/* Links in the texts of others, which may be hostile. */

/** No address has control or format characters, which could make it look like another one. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\p{C}]+/giu;
/** They end a sentence more often than an address. */
const TRAILING = '.,;:!?…\'"*_~';
const OPENING = { ')': '(', ']': '[', '}': '{' };

const count = (text, letter) => text.split(letter).length - 1;

/** Returns an address without the end of the sentence around it: marks, and brackets that it does not open. The time grows with the length alone. */
function trimmed(address) {
  const unopened = Object.fromEntries(Object.entries(OPENING).map(([closing, opening]) => [closing, count(address, closing) - count(address, opening)]));
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1];
    if (unopened[last] > 0) unopened[last]--;
    else if (!TRAILING.includes(last)) break;
  }
  return address.slice(0, end);
}

/** Returns the URL of an address, or undefined if it is malformed, or holds a user name, behind which another host could hide. */
function read(address) {
  try {
    const url = new URL(address);
    return ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Shows a text in an element. Its addresses of the Web become links; everything else, such as HTML, stays text. */
export function showText(element, text) {
  const parts = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = trimmed(found);
    const url = read(address);
    if (!url) continue;
    const link = Object.assign(document.createElement('a'), { href: url.href, textContent: address, target: '_blank', rel: 'noopener noreferrer nofollow' });
    parts.push(text.slice(end, index), link);
    end = index + address.length;
  }
  element.replaceChildren(...parts, text.slice(end));
}
