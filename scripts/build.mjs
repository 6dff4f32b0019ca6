import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildLibrary } from './library.mjs';
import { dist, hashOfInputs, install, root, stampName } from './project.mjs';
import { writeServiceWorker } from './service-worker.mjs';

/** The production build: the pages into dist/, the Node side (terminal and local server) into dist/cli/, what is imported from the package beside them. */
export async function build() {
  const inputs = hashOfInputs();
  const vite = await import('vite');
  // Aside first, so that whoever starts meanwhile finds the old build whole.
  const aside = join(root, '.cache', `build-${process.pid}`);
  await vite.build({ root, logLevel: 'warn', build: { outDir: aside, emptyOutDir: true } });
  await writeServiceWorker(aside);
  await buildForNode({ main: join(root, 'src/cli/main.ts'), server: join(root, 'src/cli/server.ts') }, join(aside, 'cli'));
  // scripts/chromium.mjs is in that bundle, and opens this page.
  await cp(join(root, 'scripts/probe.html'), join(aside, 'cli/probe.html'));
  await buildLibrary(aside);
  await writeFile(join(aside, stampName), JSON.stringify({ inputs }));
  await rm(dist, { recursive: true, force: true });
  try {
    await rename(aside, dist);
  } catch (error) {
    // Another process has just put its own build there; next time's hash tells whether it was of the same sources.
    if (!['ENOTEMPTY', 'EEXIST'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) throw error;
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * Bundles TypeScript for Node; packages stay outside. All lands in one folder, so that import.meta.url means the same in shared chunks.
 * @param {Record<string, string>} entries name of the output to path of the source
 * @param {string} outDir
 */
export async function buildForNode(entries, outDir) {
  const vite = await import('vite');
  await vite.build({
    root,
    logLevel: 'warn',
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      copyPublicDir: false,
      target: 'node20',
      sourcemap: 'inline',
      rolldownOptions: { input: entries, output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
    },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  install();
  await build();
  process.stdout.write('Built dist/index.html.\n');
}
