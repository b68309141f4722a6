import { TEXT_LENGTH } from './board.js';

const SAVE_MILLIS = 400;

/**
 * Opens a note for writing, until it loses the focus or the user presses Escape or Ctrl+Enter. A pause in typing saves the text.
 *
 * @param note the note's element
 * @param save receives the text
 * @param ended called once, after the last save
 */
export function writeOn(note, text, save, ended) {
  const area = document.createElement('textarea');
  area.className = 'writing';
  area.value = text;
  area.maxLength = TEXT_LENGTH;
  area.dir = 'auto';
  area.setAttribute('aria-label', 'Text of the note');
  let timer;
  let isOver = false;
  const end = () => {
    if (isOver) return; // removing the field also fires blur
    isOver = true;
    clearTimeout(timer);
    save(area.value);
    area.remove();
    note.classList.remove('is-written');
    ended();
  };
  area.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => save(area.value), SAVE_MILLIS);
  });
  area.addEventListener('blur', end);
  area.addEventListener('keydown', event => {
    event.stopPropagation(); // the arrow keys must not move the note now
    if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    end();
    note.focus();
  });
  note.classList.add('is-written');
  note.append(area);
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
}
