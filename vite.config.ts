import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { offlinePage } from './scripts/offline-page.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The pages: the lab, and the bare page that the terminal drives. The Node side is built by scripts/build.mjs with `ssr`. */
export default defineConfig(({ isSsrBuild }) => ({
  base: './',
  plugins: [offlinePage()],
  worker: {
    format: 'es',
    plugins: () => [offlinePage()],
    // In a folder of their own: the package offers them too (scripts/library.mjs).
    rolldownOptions: { output: { entryFileNames: 'assets/workers/[name]-[hash].js', chunkFileNames: 'assets/workers/[name]-[hash].js' } },
  },
  build: {
    target: 'es2022',
    // tfjs is one large chunk of the workers; splitting it further loads no less.
    chunkSizeWarningLimit: 4000,
    // The polyfill is an inline script, which the content security policy forbids; every browser with WebGPU has modulepreload.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { pluginTimings: false },
      ...(isSsrBuild ? {} : { input: { index: here('index.html'), terminal: here('terminal.html') } }),
    },
  },
}));
