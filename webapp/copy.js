const $ = id => document.getElementById(id);

let announcing;

/** Says something to who cannot see the page. */
export function announce(text) {
  $('announcement').textContent = '';
  clearTimeout(announcing);
  announcing = setTimeout(() => { $('announcement').textContent = text; }, 50);
}

async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
  } catch {
    // Without https there is no clipboard API: select it, which also serves who must copy by hand.
    getSelection().selectAllChildren(element);
    if (!document.execCommand('copy')) return false;
  }
  return true;
}

/** Makes each button with `data-copy` copy what stands in the element of that id. */
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
