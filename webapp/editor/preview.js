import MarkdownIt from 'markdown-it';

/* Renders Markdown. HTML in it stays text, and markdown-it filters link addresses, so no script can run. */

const markdown = new MarkdownIt({ html: false, linkify: true });

// A picture would report each reader and the time to its server, and the page's policy forbids it. So it becomes a link.
markdown.renderer.rules.image = (tokens, i) => {
  const { escapeHtml } = markdown.utils;
  const address = tokens[i].attrGet('src');
  return `<a href="${escapeHtml(address)}">${escapeHtml(`Picture: ${tokens[i].content || address}`)}</a>`;
};

// The policy also forbids style attributes, which markdown-it uses to align columns.
for (const cell of ['th_open', 'td_open']) {
  markdown.renderer.rules[cell] = (tokens, i, options, _, self) => {
    const align = tokens[i].attrGet('style')?.replace('text-align:', '');
    tokens[i].attrs = align ? [['class', align]] : null;
    return self.renderToken(tokens, i, options);
  };
}

// An item that begins with `[ ]` or `[x]` has a box, with the number of its line: there a click changes the text.
markdown.core.ruler.push('tasks', ({ tokens, Token }) => {
  tokens.forEach((token, i) => {
    const [item, , first] = [tokens[i - 2], tokens[i - 1], token.children?.[0]];
    const [mark, letter] = first?.type === 'text' && first.content.match(/^\[([ xX])\]\s/) || [];
    if (token.type !== 'inline' || item?.type !== 'list_item_open' || !mark) return;
    first.content = first.content.slice(mark.length);
    token.children.unshift(Object.assign(new Token('task_box', 'input', 0), { meta: { line: token.map[0] + 1, isTicked: letter !== ' ' } }));
    item.attrJoin('class', 'task');
  });
});
markdown.renderer.rules.task_box = (tokens, i) => {
  const { line, isTicked } = tokens[i].meta;
  return `<input type="checkbox" data-line="${line}"${isTicked ? ' checked' : ''}>`;
};

/** Shows Markdown in an element. */
export function render(text, element) {
  const page = document.createElement('template');
  page.innerHTML = markdown.render(text);
  const used = new Map();
  for (const heading of page.content.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const anchor = heading.textContent.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    const count = used.get(anchor) ?? 0;
    used.set(anchor, count + 1);
    heading.dataset.anchor = count ? `${anchor}-${count}` : anchor;
  }
  for (const link of page.content.querySelectorAll('a')) {
    if (link.getAttribute('href').startsWith('#')) continue;
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  for (const box of page.content.querySelectorAll('[data-line]')) box.setAttribute('aria-label', box.parentElement.textContent.trim().slice(0, 200) || 'Task');
  for (const block of page.content.querySelectorAll('pre')) block.tabIndex = 0; // keyboard users must reach long lines
  for (const table of page.content.querySelectorAll('table')) {
    const frame = Object.assign(document.createElement('div'), { className: 'table', tabIndex: 0 });
    table.replaceWith(frame);
    frame.append(table);
  }
  const { line } = element.contains(document.activeElement) ? document.activeElement.dataset : {};
  element.replaceChildren(page.content);
  if (line) element.querySelector(`[data-line="${line}"]`)?.focus({ preventScroll: true });
}

/** Makes boxes call `toggle` with the number of their line, from 1, and whether they were ticked; the text shows the result. */
export function followBoxes(element, toggle) {
  element.addEventListener('click', event => {
    const { line } = event.target.dataset;
    if (!line) return;
    const isTicked = event.target.hasAttribute('checked');
    event.preventDefault(); // the rendered text decides
    toggle(Number(line), isTicked);
  });
}

/** Makes anchor links scroll to headings. The fragment of the page's address is the document's name, so links cannot set it. */
export function followAnchors(element) {
  element.addEventListener('click', event => {
    const address = event.target.closest('a')?.getAttribute('href');
    if (!address?.startsWith('#')) return;
    event.preventDefault();
    const anchor = decodeURIComponent(address.slice(1)).toLowerCase();
    element.querySelector(`[data-anchor="${CSS.escape(anchor)}"]`)?.scrollIntoView();
  });
}
