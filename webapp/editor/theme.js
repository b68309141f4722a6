import { EditorView } from '@codemirror/view';

/** The editor's style, in the page's light or dark colours. */
export const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', fontSize: '1rem' },
  '&.cm-focused': { outline: 'none' }, // the host element shows the focus
  '.cm-scroller': { fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace', lineHeight: '1.65', overflowX: 'hidden', scrollbarWidth: 'thin' },
  '.cm-content': { padding: '1.5rem 0 4rem', caretColor: 'var(--accent-text)', maxWidth: '52rem' },
  '.cm-line': { padding: '0 var(--gap)' },
  '.cm-placeholder': { color: 'var(--muted)', whiteSpace: 'normal' },
  '.box': { padding: '.125rem 0', borderRadius: '.25rem', backgroundColor: 'var(--sunken)', color: 'var(--accent-text)', fontWeight: '600', cursor: 'pointer' },
  '.cm-specialChar': { color: 'var(--accent-text)' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--ink)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '.5rem 2rem .5rem .75rem', font: '.875rem/1.5 system-ui, sans-serif' },
  '.cm-panel.cm-search label': { fontSize: '.8125rem' },
  '.cm-textfield': { padding: '.25rem .5rem', border: '1px solid var(--edge)', borderRadius: '.375rem', backgroundColor: 'var(--paper)', color: 'inherit', fontSize: '1rem' },
  '.cm-button': { padding: '.25rem .625rem', border: '1px solid var(--edge)', borderRadius: '.375rem', background: 'var(--surface)', color: 'inherit', fontSize: '.875rem' },
  '.cm-panel.cm-search [name=close]': { width: '2rem', height: '2rem', color: 'inherit', fontSize: '1.25rem', cursor: 'pointer' },
  '.cm-searchMatch': { backgroundColor: 'var(--wait-tint)', outline: '1px solid var(--wait)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--tint)', outline: '2px solid var(--accent-text)' },
  '.selected': { backgroundColor: 'color-mix(in srgb, var(--who) 16%, transparent)' },
  '.caret': { position: 'relative', marginInline: '-1px', borderLeft: '2px solid var(--who)' },
  '.flag': {
    position: 'absolute', zIndex: '2', bottom: '100%', left: '-2px', maxWidth: '10rem', padding: '0 .375rem', overflow: 'hidden',
    borderRadius: '.25rem .5rem .5rem 0', backgroundColor: 'var(--who)', color: '#fff', font: '600 .75rem/1.4 system-ui, sans-serif',
    textOverflow: 'ellipsis', whiteSpace: 'nowrap', userSelect: 'none', pointerEvents: 'none',
  },
  '.flag::after': { content: 'attr(data-name)' },
  '@media (prefers-reduced-motion: no-preference)': {
    '.flag': { animation: 'tutti-fade 4s ease-in forwards' },
  },
  '@keyframes tutti-fade': { '80%': { opacity: '1' }, '100%': { opacity: '0' } },
});
