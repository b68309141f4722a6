import { $ } from './dom.js';

/* Asks before an action that cannot be undone. */

const dialog = $('ask');
let action;
let done;

/**
 * Asks once. The dialog stays open if the action fails, and says why.
 *
 * @param content {title, text, confirm}
 * @param run returns a promise of the action
 * @returns a promise of whether it was done
 */
export function ask({ title, text, confirm }, run) {
  $('ask-title').textContent = title;
  $('ask-text').textContent = text;
  $('ask-trouble').textContent = '';
  $('ask-confirm').textContent = confirm;
  action = run;
  dialog.showModal();
  return new Promise(resolve => { done = resolve; });
}

function end(result) {
  done?.(result);
  done = undefined;
}

$('ask-cancel').onclick = () => dialog.close();
dialog.onclose = () => { // comes late: the next question may be open
  if (!dialog.open) end(false);
};
$('ask-form').onsubmit = async event => {
  event.preventDefault();
  $('ask-confirm').disabled = true;
  try {
    await action();
    end(true);
    dialog.close();
  } catch (error) {
    $('ask-trouble').textContent = error.message;
  } finally {
    $('ask-confirm').disabled = false;
  }
};
