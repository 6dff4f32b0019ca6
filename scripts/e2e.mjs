import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildForNode } from './build.mjs';
import { prepare, root } from './project.mjs';

/** One end-to-end file of test/e2e, those that are too long for every `npm test` too: `node scripts/e2e.mjs lighten-page`. */
const [name] = process.argv.slice(2);
if (name === undefined) throw new Error('Which file of test/e2e, without its ending?');
await prepare();
const out = join(root, '.cache/e2e');
await buildForNode({ [name]: join(root, 'test/e2e', `${name}.ts`) }, out);
process.exitCode = spawnSync(process.execPath, ['--test', join(out, `${name}.js`)], { cwd: root, stdio: 'inherit' }).status ?? 1;
