import { CollaborationPlugin } from '@lexical/react/LexicalCollaborationPlugin';
import { LexicalCollaboration } from '@lexical/react/LexicalCollaborationContext';
import { LexicalComposer } from '@lexical/react/LexicalComposer';
import { ContentEditable } from '@lexical/react/LexicalContentEditable';
import { LexicalErrorBoundary } from '@lexical/react/LexicalErrorBoundary';
import { RichTextPlugin } from '@lexical/react/LexicalRichTextPlugin';
import { createRoot } from 'react-dom/client';
import { openDocument } from '../document.js';

/** Returns a provider for Lexical. It connects after Lexical listens: Lexical writes into an empty document as soon as the content has arrived. */
function providerOf(id, documents) {
  const opened = openDocument(id);
  opened.disconnect();
  documents.set(id, opened.doc);
  const { awareness, provider } = opened;
  return {
    awareness,
    connect: () => opened.connect(),
    disconnect: () => opened.disconnect(),
    on: (type, listener) => provider.on(type, listener),
    off: (type, listener) => provider.off(type, listener),
  };
}

createRoot(document.getElementById('editor')).render(
  <LexicalCollaboration>
    <LexicalComposer initialConfig={{ namespace: 'lexical', editorState: null, onError: error => { throw error; } }}>
      <RichTextPlugin contentEditable={<ContentEditable aria-label="Text" />} ErrorBoundary={LexicalErrorBoundary} />
      <CollaborationPlugin id="lexical" providerFactory={providerOf} shouldBootstrap />
    </LexicalComposer>
  </LexicalCollaboration>,
);
