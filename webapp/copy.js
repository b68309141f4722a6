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

/** Makes a button copy the page's address, as its `.label` says. */
export function copyLink(button) {
  const label = button.querySelector('.label');
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      // Without https there is no clipboard API; whoever cannot copy this way finds the link in the address bar.
      const area = Object.assign(document.createElement('textarea'), { value: location.href, className: 'unseen' });
      document.body.append(area);
      area.select();
      const copied = document.execCommand('copy');
      area.remove();
      button.focus();
      if (!copied) return announce('The link is in the address bar.');
    }
    announce('Link copied');
    label.textContent = 'Copied';
    setTimeout(() => { label.textContent = 'Copy link'; }, 2000);
  };
}
