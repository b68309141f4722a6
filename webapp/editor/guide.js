import { readFileSync } from 'node:fs';
import MarkdownIt from 'markdown-it';

/* Renders docs/guide into the pages of /guide/: without a script, and with the styles of the other pages. */

const SOURCE = new URL('../../docs/guide/', import.meta.url);

const markdown = new MarkdownIt({ html: false, linkify: false });
const { escapeHtml } = markdown.utils;
const { rules } = markdown.renderer;

/** Links to other pages of the guide, and to other sites, stay links; links to other files of the repository become text. */
const isServed = address => /^(https?:|#)/.test(address) || /^[a-z]+\.html/.test(address);

rules.link_open = (tokens, i, options, env, self) => {
  const address = tokens[i].attrGet('href').replace(/^README\.md/, 'index.html').replace(/^([a-z]+)\.md/, '$1.html');
  tokens[i].attrSet('href', address);
  env.open = isServed(address);
  return env.open ? self.renderToken(tokens, i, options) : '';
};
rules.link_close = (tokens, i, options, env, self) => (env.open ? self.renderToken(tokens, i, options) : '');

rules.heading_open = (tokens, i, options, _, self) => {
  tokens[i].attrSet('id', tokens[i + 1].content.toLowerCase().replace(/[^\p{L}\p{N} -]/gu, '').replaceAll(' ', '-'));
  return self.renderToken(tokens, i, options);
};

/** A block of code, under the name of its file. */
rules.fence = (tokens, i) => {
  const { info, content } = tokens[i];
  const name = info.split(' ')[1]?.replace(/^src\/example\/web\//, '');
  const title = name ? `<span class="file">${escapeHtml(name)}</span>` : '';
  return `${title}<pre><code>${escapeHtml(content)}</code></pre>\n`;
};

const read = name => readFileSync(new URL(name, SOURCE), 'utf8');
const titleOf = text => /^# (.*)$/m.exec(text)[1];
const addressOf = name => (name === 'README.md' ? 'index.html' : name.replace(/\.md$/, '.html'));

/** Returns the pages in the order of the table in README.md, which has their short names. */
function pages() {
  const first = read('README.md');
  const others = [...first.matchAll(/^\| \[(.*?)\]\(([a-z]+\.md)\)/gm)].map(([, label, name]) => ({ label, name, text: read(name) }));
  return [{ label: 'Guide', name: 'README.md', text: first }, ...others];
}

const page = ({ name, text }, all) => `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>${escapeHtml(titleOf(text))} · Tutti</title>
  <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
  <meta name="description" content="The guide of Tutti, a real-time collaboration server: ${escapeHtml(titleOf(text))}.">
  <meta name="color-scheme" content="light dark">
  <meta name="theme-color" content="#faf7f4" media="(prefers-color-scheme: light)">
  <meta name="theme-color" content="#151211" media="(prefers-color-scheme: dark)">
  <meta http-equiv="Content-Security-Policy" content="default-src 'self'">
  <link rel="icon" href="../favicon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="../style.css">
  <link rel="stylesheet" href="guide.css">
</head>
<body>
  <header>
    <a class="home" href="../" aria-label="Tutti, start page"><img src="../favicon.svg" alt="" width="40" height="40"></a>
    <nav aria-label="Guide">
${all.map(each => `      <a href="${addressOf(each.name)}"${each.name === name ? ' aria-current="page"' : ''}>${escapeHtml(each.label)}</a>`).join('\n')}
    </nav>
  </header>
  <main>
${markdown.render(text, {})}  </main>
</body>
</html>
`;

export const guide = {
  name: 'guide',
  generateBundle() {
    const all = pages();
    for (const each of all) this.emitFile({ type: 'asset', fileName: `guide/${addressOf(each.name)}`, source: page(each, all) });
    this.emitFile({ type: 'asset', fileName: 'guide/guide.css', source: readFileSync(new URL('guide.css', import.meta.url), 'utf8') });
  },
};
