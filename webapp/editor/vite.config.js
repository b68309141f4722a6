import { defineConfig } from 'vite';

/** Replaces pages.js, so that the other pages, which need no build, link to the document pages. */
const announcePages = {
  name: 'document-pages',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'pages.js', source: 'export const documents = true;\n' });
  },
};

export default defineConfig({
  logLevel: 'warn',
  base: './', // a WAR is not always at the root
  publicDir: false,
  plugins: [announcePages],
  build: {
    outDir: '../../target/editor',
    emptyOutDir: true,
    assetsDir: 'editor',
    assetsInlineLimit: 0, // the pages' policy forbids data: addresses
    modulePreload: { polyfill: false },
    license: { fileName: 'editor/licenses.txt' },
    rolldownOptions: { input: ['documents.html', 'document.html'] },
  },
});
