import { TEXT_LENGTH } from './item.js';

/**
 * Opens a note for writing, until it loses the focus or the user presses Escape or Ctrl+Enter.
 *
 * @param note the note's element
 * @param save receives the text after each change
 * @param ended called once
 * @returns {show(text)}: shows a text that others have changed
 */
export function writeOn(note, text, save, ended) {
  const area = document.createElement('textarea');
  area.className = 'writing';
  area.value = text;
  area.maxLength = TEXT_LENGTH;
  area.dir = 'auto';
  area.setAttribute('aria-label', 'Text of the note');
  let isComposing = false;
  let isOver = false;
  const end = () => {
    if (isOver) return; // removing the field also fires blur
    isOver = true;
    save(area.value);
    area.remove();
    note.classList.remove('is-written');
    ended();
  };
  area.addEventListener('input', () => isComposing || save(area.value));
  area.addEventListener('compositionstart', () => { isComposing = true; });
  area.addEventListener('compositionend', () => {
    isComposing = false;
    save(area.value);
  });
  area.addEventListener('blur', end);
  area.addEventListener('keydown', event => {
    event.stopPropagation(); // the arrow keys must not move the note now
    if (event.isComposing) return;
    if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    end();
    note.focus();
  });
  note.classList.add('is-written');
  note.append(area);
  area.focus({ preventScroll: true });
  area.setSelectionRange(area.value.length, area.value.length);
  return { show: words => isComposing || showIn(area, words), end };
}

/** The caret keeps its place in the text around it. */
function showIn(area, words) {
  const before = area.value;
  if (before === words) return;
  let start = 0;
  while (start < before.length && before[start] === words[start]) start++;
  const shifted = at => (at <= start ? at : Math.max(start, at + words.length - before.length));
  const [from, to] = [shifted(area.selectionStart), shifted(area.selectionEnd)];
  area.value = words;
  area.setSelectionRange(from, to);
}
