import * as Y from 'yjs';
import { $ } from '../dom.js';
import { sizeOf } from './size.js';

/* A document that another editor wrote. Editors keep their content in parts of a document, each under names of its own. */

/** The usual names of parts, and the editors that use them. */
const EDITORS = {
  default: 'TipTap', prosemirror: 'ProseMirror', quill: 'Quill', root: 'Lexical', 'document-store': 'BlockNote', monaco: 'Monaco',
  codemirror: 'CodeMirror', items: 'a board',
};
const MAX_NAMES = 5;
const MAX_NAME_LENGTH = 40;

/** Returns the names of all parts with content but the text of this page. */
const otherParts = (doc, text) => [...doc.share].filter(([, part]) => part !== text && (part._start || part._map.size)).map(([name]) => name);

function describe(parts, bytes) {
  const names = parts.slice(0, MAX_NAMES).map(name => `“${name.slice(0, MAX_NAME_LENGTH)}”`);
  if (parts.length > MAX_NAMES) names.push('others');
  const editor = parts.map(name => EDITORS[name]).find(Boolean);
  $('other-parts').textContent = `${sizeOf(bytes)} in ${names.join(', ')}${editor ? `, a usual name for ${editor}` : ''}`;
}

/**
 * Shows a notice in place of an empty editor while another editor has written the document, and there is no text.
 *
 * @param save offers bytes to the user as a file
 * @returns a function that looks at the document again
 */
export function watchOtherEditor(doc, text, save) {
  let view;
  const look = () => {
    const parts = text.length ? [] : otherParts(doc, text);
    if (parts.length) describe(parts, Y.encodeStateAsUpdate(doc).length);
    if ($('other').hidden !== parts.length > 0) return;
    $('other').hidden = parts.length === 0;
    if (parts.length) view = document.body.dataset.view;
    document.body.dataset.view = parts.length ? 'other' : view;
  };
  text.observe(look);
  $('other-download').onclick = () => save(Y.encodeStateAsUpdate(doc));
  return look;
}
