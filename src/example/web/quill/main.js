import Quill from 'quill';
import QuillCursors from 'quill-cursors';
import 'quill/dist/quill.snow.css';
import { QuillBinding } from 'y-quill';
import { openDocument } from '../document.js';

const { doc, awareness } = openDocument('quill');

Quill.register('modules/cursors', QuillCursors);
const quill = new Quill('#editor', { theme: 'snow', modules: { cursors: true, history: { userOnly: true } } });
new QuillBinding(doc.getText('quill'), quill, awareness);
