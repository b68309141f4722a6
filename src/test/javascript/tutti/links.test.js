import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showText } from '../../../../webapp/links.js';

globalThis.document = { createElement: () => ({}) };

/** Returns the texts of the links that a text gets. */
function linksOf(text) {
  let shown;
  showText({ replaceChildren: (...parts) => { shown = parts; } }, text);
  return shown.filter(part => part.href).map(link => link.textContent);
}

test('a link ends before the end of its sentence', () => {
  const cases = {
    'see https://a.org/b.': 'https://a.org/b',
    '(https://a.org/b_(c)?d=e#f).': 'https://a.org/b_(c)?d=e#f',
    '[https://a.org/b], {https://a.org}': 'https://a.org/b',
    'https://a.org/(b)).)': 'https://a.org/(b)',
    'https://a.org/(b': 'https://a.org/(b',
    '"https://a.org/b"!?': 'https://a.org/b',
  };
  for (const [text, address] of Object.entries(cases)) assert.equal(linksOf(text)[0], address, text);
});

test('no link without a host or with a user name', () => {
  for (const text of ['http://...', 'https://)))', 'http://ann@a.org/', 'javascript:alert(1)']) assert.deepEqual(linksOf(text), []);
});

test('a hostile text does not block the page', { timeout: 20_000 }, () => {
  for (const letter of ')].') assert.deepEqual(linksOf(`http://a.org/${letter.repeat(30_000)}`), ['http://a.org/']);
});
