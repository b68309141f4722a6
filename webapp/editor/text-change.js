import { simpleDiffString } from 'lib0/diff';
import { diffSplitBy } from 'lib0/diff/patience';

/** Lines up to which a change is found line by line; its time grows with their square. */
const MAX_LINES = 4_000;

/** An object of another editor in a text, such as a picture: no letter. */
const OBJECT = /\ufffc/g;

/** Returns the text of a Y.Text, in which each object takes one place, as in a Y.Text. */
export const lettersOf = text => text.toDelta().map(({ insert }) => (typeof insert === 'string' ? insert : '\ufffc')).join('');

/** Returns small changes, in order, that make one text of another: [{index, remove, insert}], with places in the first text. */
export function changesOf(before, after) {
  const { index, remove, insert } = simpleDiffString(before, after);
  const removed = before.slice(index, index + remove);
  if (lines(removed) + lines(insert) > MAX_LINES) return [{ index, remove, insert }];
  return diffSplitBy(removed, insert, /\n/g).map(part => {
    const inner = simpleDiffString(part.remove, part.insert);
    return { index: index + part.index + inner.index, remove: inner.remove, insert: inner.insert };
  });
}

const lines = text => text.split('\n', MAX_LINES + 1).length;

/** Replaces the letters of a Y.Text that differ, in one transaction; others may write the rest at the same time. */
export function changeTo(text, letters) {
  text.doc.transact(() => {
    for (const { index, remove, insert } of changesOf(lettersOf(text), letters).reverse()) {
      text.delete(index, remove);
      text.insert(index, insert.replace(OBJECT, ''));
    }
  });
}
