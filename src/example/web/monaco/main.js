import * as monaco from 'monaco-editor/esm/vs/editor/edcore.main.js'; // 'monaco-editor' has the languages too
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker.js?worker';
import { MonacoBinding } from 'y-monaco';
import { openDocument } from '../document.js';

const { doc, awareness } = openDocument('monaco');

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };
const editor = monaco.editor.create(document.getElementById('editor'), { language: 'plaintext', automaticLayout: true });
new MonacoBinding(doc.getText('monaco'), editor.getModel(), new Set([editor]), awareness);
