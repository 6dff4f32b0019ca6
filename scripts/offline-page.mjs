import { fileURLToPath } from 'node:url';

const id = 'virtual:winnow-offline-page';
const folder = fileURLToPath(new URL('../src/offline', import.meta.url));

/**
 * Gives the exporter the page that it writes: src/offline bundled to one classic script and one style sheet, as text. Whoever bundles
 * src/engine/exchange (the lab, the terminal, the library, the tests) needs it among Vite's plugins.
 * @returns {import('vite').Plugin}
 */
export function offlinePage() {
  return {
    name: 'winnow-offline-page',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    async load(resolved) {
      if (resolved !== `\0${id}`) return undefined;
      const { script, style } = await bundleOfflinePage();
      return `export const script = ${JSON.stringify(script)};\nexport const style = ${JSON.stringify(style)};`;
    },
  };
}

/** @type {Promise<{ script: string, style: string, modules: string[] }> | undefined} */
let bundled;

/** @returns {Promise<{ script: string, style: string, modules: string[] }>} */
export function bundleOfflinePage() {
  return (bundled ??= bundle());
}

async function bundle() {
  const { build } = await import('vite');
  const built = await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      cssMinify: true,
      lib: { entry: 'page.ts', formats: ['iife'], name: 'winnow', fileName: 'page', cssFileName: 'page' },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((each) => ('output' in each ? each.output : []));
  const chunk = outputs.find((output) => output.type === 'chunk');
  const style = outputs.find((output) => output.type === 'asset' && output.fileName.endsWith('.css'));
  if (chunk?.type !== 'chunk' || style?.type !== 'asset') throw new Error('src/offline did not bundle to a script and a style sheet');
  return { script: chunk.code.trim(), style: String(style.source).trim(), modules: chunk.moduleIds };
}
