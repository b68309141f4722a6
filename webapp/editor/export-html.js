import { render } from './preview.js';

/* The rendered document as one file: without scripts, pictures or anything else that a reader's browser would load. */

const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.65 system-ui, sans-serif; }
article { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem; overflow-wrap: anywhere; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; }
pre { overflow: auto; }
blockquote { margin-inline: 0; padding-left: 1rem; border-left: 3px solid #888; }
table { border-collapse: collapse; }
th, td { padding: .375rem .75rem; border: 1px solid #888; text-align: left; }
.center { text-align: center; }
.right { text-align: right; }
.task { list-style: none; }
.task > input, .task > p:first-child > input { margin: 0 .5em 0 -1.5em; }
@page { margin: 2cm; }
`;

const element = (name, attributes) => {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
  return created;
};

/** Returns a page with the rendered Markdown. */
export function toHtml(name, markdown) {
  const page = document.implementation.createHTMLDocument(name);
  page.head.prepend(
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }));
  const article = element('article', { dir: 'auto' });
  render(markdown, article);
  for (const each of article.querySelectorAll('[data-anchor]')) {
    each.id = each.dataset.anchor;
    each.removeAttribute('data-anchor');
  }
  for (const each of article.querySelectorAll('[data-line]')) {
    each.removeAttribute('data-line');
    each.setAttribute('disabled', '');
  }
  page.body.append(article);
  // As text: this page's policy would refuse the element.
  const html = page.documentElement.outerHTML.replace('</head>', () => `<style>${STYLE}</style></head>`);
  return `<!DOCTYPE html>\n${html}\n`;
}
