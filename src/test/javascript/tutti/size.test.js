import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const webapp = new URL('../../../../webapp/', import.meta.url);
const read = name => readFileSync(new URL(name, webapp));

test('the client is below 10 kB gzipped', t => {
  const { length } = gzipSync(read('tutti.js'), { level: 9 });
  t.diagnostic(`${length} bytes gzipped`);
  assert.ok(length < 10_000, `${length} bytes`);
});

test('the client has no dependencies', () => {
  assert.doesNotMatch(String(read('tutti.js')), /\bimport\b/);
  const { dependencies, peerDependencies } = JSON.parse(read('package.json'));
  assert.equal(dependencies ?? peerDependencies, undefined);
});
