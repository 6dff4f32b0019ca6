import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, root } from './project.mjs';

/**
 * What Winnow claims to learn, trained and held: each claim is one call of the terminal and a bound on its report.
 * Writes docs/claims.md when all claims were run. `npm run claims -- [--only NAME] [--fashion FOLDER]`
 */
const { only, fashion } = parseArgs({
  options: { only: { type: 'string' }, fashion: { type: 'string', default: '/usr/share/datasets/fashion-mnist' } },
}).values;
const folder = mkdtempSync(join(tmpdir(), 'winnow-claims-'));

/** @typedef {{ arch: string, validation: { accuracy: number }, test: { perturbed: { accuracy: number } } }} Run */
/** @typedef {{ name: string, says: string, data: () => string, options: string, of: (runs: Run[]) => number, least: number }} Claim */

/** @type {readonly Claim[]} */
const claims = [
  { name: 'first-light', says: 'Two models from one call, both in the report', data: () => 'sample', options: '--limit 400 --arch cnn,cnn-light --size 32 --epochs 3', of: (runs) => runs.length, least: 2 },
  { name: 'synthetic', says: 'CNN light on synthetic rice, validation accuracy', data: () => 'sample', options: '--limit 2000 --arch cnn-light --size 64 --epochs 8', of: ([run]) => run.validation.accuracy, least: 0.9 },
  { name: 'perturbed', says: 'CNN on synthetic rice, accuracy lost on perturbed photos', data: () => 'sample', options: '--limit 1000 --arch cnn --size 32 --epochs 8', of: ([run]) => run.validation.accuracy - run.test.perturbed.accuracy, least: 0.05 },
  { name: 'fashion', says: 'CNN light on Fashion-MNIST (real photographs), validation accuracy', data: fashionZip, options: '--arch cnn-light --size 56 --epochs 8', of: ([run]) => run.validation.accuracy, least: 0.68 },
];

function fashionZip() {
  const out = join(folder, 'fashion.zip');
  if (!existsSync(out)) node('scripts/fashion-mnist.mjs', '--from', fashion, '--images', '3000', '--out', out);
  return out;
}

/** @param {string[]} args */
function node(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}; its message is above.`);
}

const rows = [];
let adapter = '';
let missed = 0;
try {
  await prepare();
  for (const { name, says, data, options, of, least } of claims) {
    if (only !== undefined && only !== name) continue;
    const out = join(folder, name);
    const started = performance.now();
    const source = data();
    node('bin/winnow.mjs', 'train', source, ...options.split(' '), '--out', out);
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    const found = of(report.runs);
    if (!(found >= least)) missed++;
    adapter = `${report.backend} on ${[report.adapter.vendor, report.adapter.architecture].filter(Boolean).join(' ')}${report.adapter.fallback ? ', a software adapter' : ''}, ${report.engine} engine`;
    const seconds = Math.round((performance.now() - started) / 1000);
    rows.push(`| ${says} | \`train ${source === 'sample' ? 'sample' : 'fashion.zip'} ${options}\` | ${least} | ${Math.round(found * 1e4) / 1e4}${found >= least ? '' : ' **missed**'} | ${seconds} s |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (rows.length === 0) throw new Error(`There is no claim ${only}; there are ${claims.map(({ name }) => name).join(', ')}.`);
const table = ['| claim | call | at least | found | took |', '|---|---|---|---|---|', ...rows].join('\n');
process.stdout.write(`${table}\n`);
if (only === undefined) {
  writeFileSync(
    join(root, 'docs/claims.md'),
    `# What Winnow claims to learn\n\nWritten by \`npm run claims\` on ${new Date().toISOString().slice(0, 10)}, ${adapter}. Accuracies are fractions, at the best epoch.\n\n${table}\n\nFashion-MNIST comes from Debian's package \`dataset-fashion-mnist\`: 3,000 of its images, equally many of each class, as a zip of PNG.\n`,
  );
}
process.exitCode = missed > 0 ? 1 : 0;
