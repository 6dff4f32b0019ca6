import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureChromium } from './chromium.mjs';
import { bundleReactExample, unpackPackage } from './packed.mjs';
import { prepare, root } from './project.mjs';

/** The examples in a browser, from the packed package; with --serve for a person to look at. */
const { serve: serving } = parseArgs({ options: { serve: { type: 'boolean', default: false } } }).values;
await prepare();

if (serving) {
  const folder = mkdtempSync(join(tmpdir(), 'winnow-examples-'));
  unpackPackage(root, folder);
  await bundleReactExample(folder);
  const { serve } = await import(new URL('../dist/cli/server.js', import.meta.url).href);
  const server = await serve({ folder, port: 0 });
  process.stdout.write(`${['html/', 'session/', 'one-screen/', 'react/dist/'].map((path) => server.url + path).join('\n')}\nCtrl-C ends it.\n`);
  process.once('SIGINT', () => {
    rmSync(folder, { recursive: true, force: true });
    void server.close().then(() => process.exit(0));
  });
} else {
  const { buildForNode } = await import('./build.mjs');
  const out = join(root, '.cache/examples');
  await buildForNode({ 'examples.test': join(root, 'test/e2e/examples.test.ts') }, out);
  const env = { ...process.env, CHROME_PATH: ensureChromium(), WINNOW_EXAMPLES: 'all' };
  process.exitCode = spawnSync(process.execPath, ['--test', join(out, 'examples.test.js')], { cwd: root, stdio: 'inherit', env }).status ?? 1;
}
