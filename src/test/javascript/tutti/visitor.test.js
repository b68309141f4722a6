import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanName, colorOf, newRoom, renameMe, roomOf, secret } from '../../../../webapp/visitor.js';

test('names and links lead to a room', () => {
  for (const text of ['brave-otter-42', ' brave-otter-42 ', 'https://example.org/tutti/room.html#brave-otter-42', '#brave-otter-42']) {
    assert.equal(roomOf(text), 'brave-otter-42');
  }
  assert.equal(roomOf('My Room'), 'My-Room');
  assert.equal(roomOf('#My%20Room'), 'My-Room');
  assert.equal(roomOf('#gro%CC%88%C3%9Fe'), 'größe');
});

test('invalid rooms are refused', () => {
  for (const text of ['', ' ', '.hidden', 'a/b', 'a\u200bb', '%', '#%zz', 'a:board', 'x'.repeat(101)]) assert.equal(roomOf(text), undefined, text);
});

test('generated names are valid on the server', () => {
  for (let i = 0; i < 100; i++) {
    const name = newRoom();
    assert.match(name, /^[a-z]+-[a-z]+-[1-9][0-9]$/);
    assert.equal(roomOf(name), name);
  }
});

test('a name becomes one short line', () => {
  assert.equal(cleanName('  Ada\n\t Lovelace '), 'Ada Lovelace');
  assert.equal(cleanName('\u202eevil\u0000\u200b'), 'evil');
  assert.equal(cleanName('🎻'.repeat(50)), '🎻'.repeat(32));
  for (const none of [undefined, null, 7, {}, '', '\u2028']) assert.equal(cleanName(none), '');
});

test('an empty name changes nothing', () => {
  assert.notEqual(renameMe('   '), '');
});

test('a user has the same colour everywhere', () => {
  assert.equal(colorOf('u1'), colorOf('u1'));
  const taken = new Set();
  for (let i = 0; i < 9; i++) taken.add(colorOf('u1', taken));
  assert.equal(taken.size, 9, 'and others get others');
  assert.equal(colorOf('u1', taken), colorOf('u1'));
  assert.match(colorOf(undefined), /^#[0-9a-f]{6}$/);
  assert.match(secret, /^[A-Za-z0-9_-]{16,64}$/);
});
