import { BlockNoteEditor } from '@blocknote/core';
import '@blocknote/core/style.css';
import { openDocument } from '../document.js';

const { doc, provider, awareness } = openDocument('blocknote');

const editor = BlockNoteEditor.create({
  collaboration: { provider, fragment: doc.getXmlFragment('blocknote'), user: awareness.getLocalState().user },
});
editor.mount(document.getElementById('editor'));
