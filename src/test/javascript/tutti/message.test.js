import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf, read } from '../../../../webapp/message.js';

test('the key of a message belongs to one author', () => {
  const key = keyOf({ user: 'Ann Lee' }, 'k3');
  assert.equal(keyOf({ user: 'Ann Lee' }, 'k3'), key);
  for (const [user, id] of [['Ann', 'Lee k3'], ['Ann Lee', 'k'], ['Ann Lee k3', ''], ['Ann","Lee', 'k3']]) assert.notEqual(keyOf({ user }, id), key);
});

test('a message without an author has no key', () => {
  for (const from of [undefined, {}, { user: '' }, { user: 'http' }]) assert.equal(keyOf(from, 'k3'), undefined);
});

test('a malformed edit or deletion is no message', () => {
  for (const amends of [null, '', 7, {}, 'x'.repeat(65)]) {
    assert.equal(read({ id: 'a', text: 'b', edits: amends }), undefined);
    assert.equal(read({ id: 'a', text: 'b', deletes: amends }), undefined);
  }
  assert.deepEqual(read({ id: 'a', text: 'b', deletes: 'c' }), { id: 'a', name: '', text: 'b', amends: 'c', isDeleted: true });
});
