import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './project.mjs';

/**
 * Builds the page whose storage is broken on purpose.
 * @param {string} project its root
 * @param {string} folder where the page is put
 */
export async function buildFaultPage(project, folder) {
  const vite = await import('vite');
  await vite.build({
    root: join(project, 'test/faults/page'),
    configFile: false,
    logLevel: 'warn',
    base: './',
    build: { outDir: folder, emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
  });
}

if (process.argv[1]?.endsWith('faults.mjs')) {
  await prepare();
  const out = join(root, '.cache/faults');
  const { buildForNode } = await import('./build.mjs');
  await buildForNode({ main: join(root, 'test/faults/main.ts') }, out);
  const folder = join(out, 'page');
  await buildFaultPage(root, folder);
  const ran = spawnSync(process.execPath, [join(out, 'main.js'), folder, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  process.exitCode = ran.status ?? 1;
}
