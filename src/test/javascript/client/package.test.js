import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

/** The package as `npm pack` makes and npm installs it. */
const folder = new URL('./', import.meta.resolve('tutti-client/package.json'));
const description = JSON.parse(readFileSync(new URL('package.json', folder)));

test('the package holds each entry point with its types, and no more', () => {
  const names = ['tutti', 'react', 'views', 'vue', 'yjs'];
  const expected = ['README.md', 'package.json', 'tutti.js.map', ...names.flatMap(name => [`${name}.d.ts`, `${name}.js`])];
  assert.deepEqual(readdirSync(folder).sort(), expected.sort());
  const named = Object.values(description.exports).flatMap(entry => (typeof entry === 'string' ? [entry] : Object.values(entry)));
  assert.deepEqual(named.filter(name => !expected.includes(name.slice(2))), []);
});

test('every entry point loads', async () => {
  const exported = async entry => Object.keys(await import(entry)).sort();
  assert.deepEqual(await exported('tutti-client'), ['Room', 'Tutti', 'TuttiError', 'explainOrigin']);
  for (const hooks of ['react', 'vue']) {
    assert.deepEqual(await exported(`tutti-client/${hooks}`), ['useConnection', 'useDocument', 'usePresence', 'useRoom']);
  }
  assert.deepEqual(await exported('tutti-client/yjs'), ['openHocuspocus', 'openYWebsocket']);
});

test('the description says what npm shows', () => {
  for (const field of ['description', 'license', 'keywords', 'engines']) assert.ok(description[field], field);
  assert.equal(description.dependencies, undefined);
  assert.deepEqual(Object.keys(description.peerDependenciesMeta), Object.keys(description.peerDependencies));
});
