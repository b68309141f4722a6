import { $ } from './dom.js';

let announcing;

/** Announces a text to screen readers. */
export function announce(text) {
  $('announcement').textContent = '';
  clearTimeout(announcing);
  announcing = setTimeout(() => { $('announcement').textContent = text; }, 50);
}

async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
  } catch {
    // Without https there is no clipboard API. The selection also helps users who copy by hand.
    getSelection().selectAllChildren(element);
    if (!document.execCommand('copy')) return false;
  }
  return true;
}

/** Makes each button with `data-copy` copy the text of the element with that id. */
export function offerCopies() {
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.onclick = async () => {
      if (!await copy($(button.dataset.copy))) return;
      announce('Copied');
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = 'Copy'; }, 2000);
    };
  }
}

/** Makes a button copy the page's address; its `.label` confirms it. */
export function copyLink(button) {
  const label = button.querySelector('.label');
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      // Without https there is no clipboard API. If this fails too, the user copies from the address bar.
      const area = Object.assign(document.createElement('textarea'), { value: location.href, className: 'unseen' });
      document.body.append(area);
      area.select();
      const copied = document.execCommand('copy');
      area.remove();
      button.focus();
      if (!copied) return announce('Copy the link from the address bar.');
    }
    announce('Link copied');
    label.textContent = 'Copied';
    setTimeout(() => { label.textContent = 'Copy link'; }, 2000);
  };
}
