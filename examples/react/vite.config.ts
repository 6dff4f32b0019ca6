import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  build: { target: 'es2022', modulePreload: { polyfill: false } },
  worker: { format: 'es' },
  // In development Vite bundles dependencies ahead, and would lose the scripts of the workers.
  optimizeDeps: { exclude: ['winnow'] },
});
