import { Editor } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import { StarterKit } from '@tiptap/starter-kit';
import { openDocument } from '../document.js';

const { doc, provider, awareness } = openDocument('tiptap');

new Editor({
  element: document.getElementById('editor'),
  extensions: [
    StarterKit.configure({ undoRedo: false }), // Yjs has its own history
    Collaboration.configure({ document: doc }),
    CollaborationCaret.configure({ provider, user: awareness.getLocalState().user }),
  ],
});
