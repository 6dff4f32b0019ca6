import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildForNode } from './build.mjs';
import { prepare, root } from './project.mjs';

/**
 * `npm run screenshots`: drives the built lab and writes docs/screenshots/<place>-<theme>.png.
 * `npm run screenshots -- --every FOLDER [state …]`: every place in every state, width, language and theme into FOLDER, to be looked at; axe looks, too.
 */
const { values, positionals } = parseArgs({ options: { every: { type: 'string' } }, allowPositionals: true });
await prepare();
const out = join(root, '.cache/screenshots');
await buildForNode({ screenshots: join(root, 'test/e2e/screenshots.ts'), 'every-state': join(root, 'test/e2e/every-state.ts') }, out);
if (values.every === undefined) {
  const { takeScreenshots } = await import(join(out, 'screenshots.js'));
  const folder = join(root, 'docs/screenshots');
  await mkdir(folder, { recursive: true });
  await takeScreenshots(folder);
} else {
  const { everyState } = await import(join(out, 'every-state.js'));
  await everyState(resolve(values.every), positionals);
}
