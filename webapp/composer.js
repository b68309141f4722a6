import { TEXT_LENGTH } from './message.js';

const TYPING_MILLIS = 3_000;

/**
 * Where a message is written. A draft outlives a reload, in the storage that it is given.
 *
 * @param drafts {get(), set(text)}
 * @param typing called with whether somebody is writing
 * @param submit called with a text that is not blank
 */
export function compose(form, input, drafts, typing, submit) {
  let timer;

  const fit = () => {
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight + input.offsetHeight - input.clientHeight}px`;
  };
  const send = () => {
    const text = input.value.toWellFormed?.() ?? input.value;
    if (!text.trim()) return;
    input.value = '';
    drafts.set('');
    stopTyping();
    fit();
    submit(text);
  };
  const stopTyping = () => {
    clearTimeout(timer);
    typing(false);
  };

  input.maxLength = TEXT_LENGTH;
  input.value = drafts.get();
  if (input.value) fit();
  input.addEventListener('input', () => {
    drafts.set(input.value);
    fit();
    clearTimeout(timer);
    typing(input.value !== '');
    timer = setTimeout(stopTyping, TYPING_MILLIS);
  });
  input.addEventListener('keydown', event => {
    // While composing (Japanese, Chinese, …) Enter chooses a word; 229 is how Safari says so.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    send();
    input.focus();
  });
}
