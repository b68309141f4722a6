import { defineConfig } from 'vite';

export default defineConfig({
  define: { __VUE_OPTIONS_API__: true, __VUE_PROD_DEVTOOLS__: false, __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false },
  optimizeDeps: {
    // Known from the start, they are bundled once; else the first visit of a page would load it twice.
    include: [
      '@hocuspocus/provider', 'react', 'react-dom/client', 'tutti-client', 'tutti-client/react', 'tutti-client/vue', 'tutti-client/yjs',
      'vue/dist/vue.esm-bundler.js', 'y-websocket', 'yjs',
    ],
  },
});
