import { defaultKeymap } from '@codemirror/commands';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { markdownKeymap, markdownLanguage } from '@codemirror/lang-markdown';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, highlightSpecialChars, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import { announce } from '../copy.js';
import { toggleAt } from './format.js';
import { remoteCursors } from './remote-cursors.js';
import { formatKeymap } from './toolbar.js';
import { theme } from './theme.js';

const MARKS = HighlightStyle.define([
  { tag: [tags.heading1, tags.heading2], fontWeight: '700', fontSize: '1.2em' },
  { tag: tags.heading, fontWeight: '700' },
  { tag: tags.strong, fontWeight: '700' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.processingInstruction, tags.contentSeparator, tags.labelName, tags.meta], color: 'var(--muted)', fontWeight: '400' },
  { tag: [tags.link, tags.url], color: 'var(--accent-text)' },
  { tag: tags.monospace, color: 'var(--code)' },
  { tag: tags.quote, color: 'var(--muted)' },
  { tag: tags.atom, class: 'box' },
]);

/**
 * Creates an editor of a Y.Text in `host`. It lives in a shadow root, where style sheets can be objects; elsewhere CodeMirror adds
 * them as text, which the page's policy forbids.
 */
export function createEditor(host, text, { awareness, participants, undoManager, label }) {
  const hint = new Compartment();
  const access = new Compartment();
  // Registered before the binding's observer, which reads the same event.
  text.observe(event => { for (const change of event.delta) if ('insert' in change) change.insert = letters(change.insert); });
  const view = new EditorView({
    parent: host.attachShadow({ mode: 'open' }),
    state: EditorState.create({
      doc: text.toDelta().map(({ insert }) => letters(insert)).join(''),
      extensions: [
        EditorState.lineSeparator.of('\n'), // a position is the same number here and in the document
        EditorView.clipboardInputFilter.of(pasted => pasted.replace(/\r\n?/g, '\n')),
        searchOnDemand(),
        keymap.of([...formatKeymap, ...yUndoManagerKeymap, ...markdownKeymap, ...defaultKeymap]), // no Tab: it moves the focus, as in all fields
        markdownLanguage,
        syntaxHighlighting(MARKS),
        EditorView.domEventHandlers({ click: ({ target }, view) => target.matches?.('.box') && toggleAt(view, view.posAtDOM(target)) }),
        highlightSpecialChars(),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, 'data-testid': 'text', spellcheck: 'true', autocapitalize: 'sentences' }),
        EditorView.perLineTextDirection.of(true),
        hint.of([]),
        access.of([]),
        remoteCursors(text, awareness, participants),
        yCollab(text, null, { undoManager }),
        theme,
      ],
    }),
  });
  return {
    view,
    /** Lets the user write, or only read. */
    setReadOnly: value => view.dispatch({ effects: access.reconfigure(value ? [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ 'aria-readonly': 'true' })] : []) }),
    /** Sets the placeholder of an empty document. */
    invite: words => view.dispatch({ effects: hint.reconfigure(placeholder(words)) }),
  };
}

/** Loads the search and its panel when one of its keys is pressed, so that the editor starts sooner. */
function searchOnDemand() {
  const extension = new Compartment();
  const load = async (view, key) => {
    try {
      const { search, searchKeymap } = await import('@codemirror/search');
      if (!extension.get(view.state).length) view.dispatch({ effects: extension.reconfigure([search({ top: true }), keymap.of(searchKeymap)]) });
      searchKeymap.find(binding => binding.key === key).run(view);
    } catch {
      announce('The search could not be loaded.');
    }
  };
  const bindings = ['Mod-f', 'F3', 'Mod-g', 'Mod-Shift-l', 'Mod-Alt-g', 'Mod-d'].map(key => ({ key, run: view => Boolean(load(view, key)) }));
  return [extension.of([]), keymap.of(bindings)];
}

/** Embedded objects of other editors, such as pictures, become one character: they take one index in a Y.Text. */
const letters = insert => (typeof insert === 'string' ? insert : '\ufffc');
