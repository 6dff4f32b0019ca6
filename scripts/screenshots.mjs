import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildForNode } from './build.mjs';
import { prepare, root } from './project.mjs';

/** `npm run screenshots`: drives the built lab and writes docs/screenshots/<place>-<theme>.png. */
await prepare();
const out = join(root, '.cache/screenshots');
await buildForNode({ screenshots: join(root, 'test/e2e/screenshots.ts') }, out);
const { takeScreenshots } = await import(join(out, 'screenshots.js'));
const folder = join(root, 'docs/screenshots');
await mkdir(folder, { recursive: true });
await takeScreenshots(folder);
