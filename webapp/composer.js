import { TEXT_LENGTH } from './message.js';

const TYPING_MILLIS = 3_000;

/**
 * The input field of a message. The draft survives a reload, in the given storage.
 *
 * @param drafts {get(), set(text)}
 * @param typing receives whether the user is writing
 * @param submit receives each text that is not blank
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
    // During IME composition (Japanese, Chinese, …) Enter chooses a word; Safari reports key code 229.
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
