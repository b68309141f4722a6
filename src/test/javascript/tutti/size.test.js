import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as source from '../../../../webapp/tutti.js';

const webapp = new URL('../../../../webapp/', import.meta.url);
const pages = new URL('../../../../target/editor/', import.meta.url);
const client = new URL('../../../../target/tutti-client/', import.meta.url);
const read = (name, folder = webapp) => readFileSync(new URL(name, folder), 'utf8');

/** Of the files that the build of the document pages makes. */
const skip = existsSync(new URL('tutti.js', client)) ? false : 'the document pages are not built';

test('the delivered client is below 8 kB gzipped', { skip }, t => {
  const { length } = gzipSync(read('tutti.js', pages), { level: 9 });
  t.diagnostic(`${length} bytes gzipped`);
  assert.ok(length < 8_000, `${length} bytes`);
});

test('pages and the package get the same client, with its source in the map', { skip }, async () => {
  const delivered = await import(new URL('tutti.js', client));
  assert.deepEqual(Object.keys(delivered).sort(), Object.keys(source).sort());
  assert.equal(read('tutti.js', client), read('tutti.js', pages));
  const map = JSON.parse(read('tutti.js.map', client));
  assert.deepEqual(map.sourcesContent, [read('tutti.js')]);
});

test('the client has no dependencies', () => {
  assert.doesNotMatch(read('tutti.js'), /\bimport\b/);
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(read('client/package.json'));
  assert.equal(dependencies, undefined);
  assert.ok(Object.keys(peerDependencies).every(name => peerDependenciesMeta[name].optional));
});
