import { $ } from './dom.js';
import { TEXT_LENGTH } from './message.js';

/**
 * Lets the user change a message in its place.
 *
 * @param save receives a new text that is not blank
 * @param remove deletes the message
 */
export function edit(element, text, { save, remove }) {
  if (element.querySelector('form')) return;
  const form = $('message-form').content.firstElementChild.cloneNode(true);
  const field = form.querySelector('textarea');
  const close = focus => {
    form.remove();
    element.classList.remove('is-edited');
    focus?.focus();
  };
  field.value = text;
  field.maxLength = TEXT_LENGTH;
  field.addEventListener('keydown', event => {
    if (event.isComposing || event.keyCode === 229) return; // as in the composer
    if (event.key === 'Escape') close(element.querySelector('.change'));
    else if (event.key === 'Enter' && !event.shiftKey) form.requestSubmit();
    else return;
    event.preventDefault();
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    const changed = field.value.toWellFormed?.() ?? field.value;
    if (!changed.trim()) return;
    close($('input')); // the button disappears until the server has the change
    if (changed !== text) save(changed);
  });
  form.querySelector('.cancel').onclick = () => close(element.querySelector('.change'));
  form.querySelector('.remove').onclick = () => {
    close($('input'));
    remove();
  };
  element.classList.add('is-edited');
  element.querySelector('.text').after(form);
  field.focus();
  field.setSelectionRange(text.length, text.length);
  form.scrollIntoView({ block: 'nearest' });
}
