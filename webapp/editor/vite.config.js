import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, minifySync } from 'vite';
import { guide } from './guide.js';
import { offlineFiles } from './offline-files.js';

/** The npm package of tutti.js. */
const CLIENT = '../../target/tutti-client/';

/** Returns a short module that replaces a package's: the pages use little of it. */
const lean = name => fileURLToPath(new URL(`lean/${name}`, import.meta.url));

/** Replaces pages.js, so that the other pages, which need no build, link to the document pages and load the board. */
const announcePages = {
  name: 'document-pages',
  generateBundle(_, bundle) {
    const { fileName } = Object.values(bundle).find(({ isEntry, name }) => isEntry && name === 'board');
    this.emitFile({ type: 'asset', fileName: 'pages.js', source: `export const documents = true;\nexport const board = './${fileName}';\n` });
  },
};

/** Replaces tutti.js by a short form with a source map, for the pages and for the npm package. */
const shortenClient = {
  name: 'tutti-client',
  generateBundle() {
    const text = readFileSync('../tutti.js', 'utf8');
    const { code, map, errors } = minifySync('tutti.js', text, { module: true, sourcemap: true });
    if (errors.length) throw new Error(`tutti.js: ${errors[0].message}`);
    const files = {
      'tutti.js': `${code.trimEnd()}\n//# sourceMappingURL=tutti.js.map\n`,
      'tutti.js.map': JSON.stringify({ ...map, sources: ['source/tutti.js'], sourcesContent: [text] }),
    };
    mkdirSync(CLIENT, { recursive: true });
    cpSync('../client', CLIENT, { recursive: true });
    cpSync('../tutti.d.ts', `${CLIENT}tutti.d.ts`);
    for (const [fileName, source] of Object.entries(files)) {
      this.emitFile({ type: 'asset', fileName, source });
      writeFileSync(CLIENT + fileName, source);
    }
  },
};

export default defineConfig({
  logLevel: 'warn',
  base: './', // a WAR is not always at the root
  publicDir: false,
  plugins: [announcePages, shortenClient, guide, offlineFiles],
  resolve: {
    alias: [
      { find: /^entities$/, replacement: lean('entities.js') },
      { find: /^punycode\.js$/, replacement: lean('punycode.js') },
      { find: /^lib0\/logging$/, replacement: lean('logging.js') },
      { find: /^\.\/y-remote-selections\.js$/, replacement: lean('y-remote-selections.js') },
    ],
  },
  build: {
    outDir: '../../target/editor',
    emptyOutDir: true,
    assetsDir: 'editor',
    assetsInlineLimit: 0, // the pages' policy forbids data: addresses
    modulePreload: { polyfill: false },
    license: { fileName: 'editor/licenses.txt' },
    rolldownOptions: {
      input: { documents: 'documents.html', document: 'document.html', board: 'board/board.js' },
      preserveEntrySignatures: 'exports-only',
    },
  },
});
