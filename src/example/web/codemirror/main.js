import { EditorView, basicSetup } from 'codemirror';
import { yCollab } from 'y-codemirror.next';
import { openDocument } from '../document.js';

const { doc, awareness } = openDocument('codemirror');
const text = doc.getText('codemirror');

new EditorView({
  doc: text.toString(),
  extensions: [basicSetup, yCollab(text, awareness)],
  parent: document.getElementById('editor'),
});
