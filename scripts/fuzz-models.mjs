/**
 * Reads files of models in every form, each changed at random: every one must be read, or refused with a type, within a second.
 *
 *     node scripts/fuzz-models.mjs [--count 100000] [--seed 1] [--from 0]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildForNode } from './build.mjs';
import { install, root } from './project.mjs';

const { values } = parseArgs({ options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' }, from: { type: 'string', default: '0' } } });
const [count, seed, from] = [values.count, values.seed, values.from].map(Number);
install();
const out = join(root, '.cache/fuzz');
await buildForNode({ fuzz: join(root, 'test/engine/exchange/fuzz.ts') }, out);
const { fuzzModels } = await import(join(out, 'fuzz.js'));
const begun = performance.now();
const { refused, read, slowestMs, broken } = await fuzzModels(seed, from, count, 1000, (/** @type {number} */ done) => {
  if (done % 5000 === 0) process.stderr.write(`${done}\n`);
});
for (const what of broken.slice(0, 20)) process.stdout.write(`broken: ${what}\n`);
process.stdout.write(`${count} changed files, seed ${seed}: ${refused} refused, ${read} read, ${broken.length} broken; the slowest took ${slowestMs.toFixed(0)} ms; ${((performance.now() - begun) / 1000).toFixed(0)} s in all, ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB.\n`);
process.exitCode = broken.length > 0 ? 1 : 0;
