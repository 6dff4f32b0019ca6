import { join } from 'node:path';
import { buildForNode } from '../scripts/build.mjs';
import { prepare, root } from '../scripts/project.mjs';

/**
 * Builds the lab, and bench/NAME/suite.ts, which drives it from Node.
 * @param {string} name
 * @returns {Promise<any>} what the suite exports
 */
export async function nodeSuite(name) {
  await prepare();
  const out = join(root, `.cache/bench-${name}-suite`);
  await buildForNode({ suite: join(root, `bench/${name}/suite.ts`) }, out);
  return import(join(out, 'suite.js'));
}
