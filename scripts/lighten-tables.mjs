import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, root } from './project.mjs';

/**
 * The tables of docs/lightening.md: trains, lightens and compares, from three seeds each, and writes what came of it between the
 * page's marks. What `--out` holds already is not done again, so that an interrupted call goes on.
 * `npm run lighten-tables -- [--only synthetic|fashion] [--seeds 3] [--out FOLDER] [--fashion FOLDER]`
 */
const options = parseArgs({
  options: {
    only: { type: 'string' }, seeds: { type: 'string', default: '3' }, out: { type: 'string', default: join(root, '.cache/lighten-tables') },
    fashion: { type: 'string', default: '/usr/share/datasets/fashion-mnist' },
  },
}).values;
const out = resolve(options.out);
const page = join(root, 'docs/lightening.md');

/**
 * @typedef {{ name: string, method: string, params: number, macs: number, flops: number, bytes: number, downloadBytes: number, latencyMs: number, precision: string,
 *   validation: { accuracy: number }, test: { perturbed: { accuracy: number } } }} Variant
 * @typedef {{ variants: Variant[], attempts: { good: boolean, kept: boolean }[], chosen: Variant, adapter: { vendor: string, architecture: string, fallback: boolean }, backend: string, engine: string, rule: string, finished: boolean, dataset: { images: number } }} Report
 * @typedef {{ name: string, title: string, data: () => string, train: string, beside: readonly { arch: string, title: string, train: string }[], lighten: string }} Study
 */

/** @type {readonly Study[]} */
const studies = [
  {
    name: 'synthetic',
    title: 'Synthetic rice, 1,000 photos, 32 px',
    data: () => 'sample',
    train: '--arch cnn --size 32 --limit 1000 --epochs 40 --patience 6',
    beside: [
      { arch: 'cnn-final', title: 'cnn-final, as the study trained it', train: '--arch cnn-final --size 32 --limit 1000 --epochs 40 --patience 6' },
      { arch: 'cnn-final', title: 'cnn-final, photos changed in training, too', train: '--arch cnn-final --size 32 --limit 1000 --epochs 60 --patience 60 --schedule cosine:alpha=0.05 --augment usual' },
    ],
    lighten: '--margin 0.005 --by-hand',
  },
  { name: 'fashion', title: 'Fashion-MNIST, 4,000 photos, 32 px', data: fashionZip, train: '--arch cnn --size 32 --epochs 12 --patience 3', beside: [], lighten: '--margin 0.01' },
];

function fashionZip() {
  const zip = join(out, 'fashion.zip');
  if (!existsSync(zip)) node('scripts/fashion-mnist.mjs', '--from', options.fashion, '--images', '4000', '--out', zip);
  return zip;
}

/** @param {string[]} args */
function node(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}; its message is above.`);
}

/** Calls the terminal, unless its report is there. @param {string} folder @param {string[]} args @returns {any} */
function report(folder, ...args) {
  const at = join(out, folder);
  const read = () => JSON.parse(readFileSync(join(at, 'report.json'), 'utf8'));
  // A search that was ended by hand has a report, too, of what it had.
  if (!existsSync(join(at, 'report.json')) || read().finished === false) node('bin/winnow.mjs', ...args, '--out', at);
  return read();
}

/** @param {Study} study */
function tell({ name, title, data, train, beside, lighten }) {
  report(`${name}-given`, 'train', data(), ...train.split(' '));
  /** @type {Report} */
  const found = report(`${name}-light`, 'lighten', join(out, `${name}-given`, 'cnn', 'model.zip'), data(), ...lighten.split(' '), '--baselines', '--seeds', options.seeds);
  const others = beside.map(({ arch, title: what, train: how }, index) => {
    const [run] = report(`${name}-beside-${index}`, 'train', data(), ...how.split(' ')).runs;
    return { what, arch, run };
  });
  const { variants, attempts, chosen, adapter, backend, engine, rule, finished } = found;
  const [given] = variants;
  const held = attempts.findLastIndex((attempt) => attempt.good) + 1;
  /** Of one shape, by method; several seeds are one row. @param {number} place */
  const shape = (place) => ['random', 'scratch', 'distilled'].flatMap((method) => {
    const models = variants.filter(({ name: each }) => each === `${method}-${place}` || each.startsWith(`${method}-${place}-seed-`));
    return models.length === 0 ? [] : [row(`shape of pruned-${place}, ${words[method]}`, models, given)];
  });
  const rows = [
    row('given', [given], given),
    ...attempts.map((attempt, index) => row(`pruned-${index + 1}${attempt.good ? '' : ', not as good'}`, variants.filter(({ name: each }) => each === `pruned-${index + 1}`), given)),
    ...shape(held),
    ...attempts.flatMap((_, index) => (index + 1 === held ? [] : shape(index + 1))),
    ...variants.filter(({ method }) => method === 'hand').map((variant) => row(`by hand: ${variant.name}`, [variant], given)),
    ...variants.filter(({ method }) => method === 'quantise').map((variant) => row(variant.name, [variant], given)),
    ...others.map(({ what, run }) => row(what, [{ ...run, name: what, method: 'train', downloadBytes: NaN, precision: 'float32' }], given)),
  ];
  const where = `${backend} on ${[adapter.vendor, adapter.architecture].filter(Boolean).join(' ')}${adapter.fallback ? ', a software adapter' : ''}, ${engine} engine`;
  return `### ${title}

\`train ${name === 'fashion' ? 'fashion.zip' : 'sample'} ${train}\`, then \`lighten … ${lighten} --baselines --seeds ${options.seeds}\`${finished ? '' : ', ended by hand before all of it was made'}, on ${where}. Chosen: **${chosen.name}**. ${rule}

| | params | MACs | weights (gzipped) | an image | validation | perturbed |
|---|---|---|---|---|---|---|
${rows.join('\n')}`;
}

/** @type {Record<string, string>} */
const words = { random: 'filters chosen by chance', scratch: 'from scratch', distilled: 'distilled' };

/** @param {string} title @param {Variant[]} models of one kind, from several seeds @param {Variant} given */
function row(title, models, given) {
  if (models.length === 0) return `| ${title} | – | – | – | – | – | – |`;
  const [{ params, macs, bytes, downloadBytes }] = models;
  const ratio = (/** @type {number} */ value, /** @type {number} */ whole) => (value === whole ? '' : ` (${(100 * (value / whole - 1)).toFixed(1)} %)`);
  const latency = median(models.map(({ latencyMs }) => latencyMs));
  const kilobytes = (/** @type {number} */ value) => `${(value / 1000).toFixed(1)} kB`;
  return `| ${title} | ${count(params)}${ratio(params, given.params)} | ${count(macs)}${ratio(macs, given.macs)} | ${kilobytes(bytes)}${downloadBytes > 0 && downloadBytes !== bytes ? ` (${kilobytes(downloadBytes)})` : ''} | ${latency.toFixed(1)} ms${
    models[0] === given ? '' : `, ${(given.latencyMs / latency).toFixed(1)} times as fast`
  } | ${spread(models.map(({ validation }) => validation.accuracy))} | ${spread(models.map(({ test }) => test.perturbed.accuracy))} |`;
}

/** @param {number} value */
const count = (value) => value.toLocaleString('en-US');
/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
/** Mean, and where there are several each of them. @param {number[]} values */
function spread(values) {
  const mean = (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4);
  return values.length === 1 ? mean : `${mean} (${values.map((value) => value.toFixed(3)).join(', ')})`;
}

await prepare();
mkdirSync(out, { recursive: true });
const asked = studies.filter(({ name }) => options.only === undefined || options.only === name);
if (asked.length === 0) throw new Error(`There is no study ${options.only}; there are ${studies.map(({ name }) => name).join(', ')}.`);
for (const study of asked) {
  const text = tell(study);
  const [begin, end] = [`<!-- table ${study.name} -->`, `<!-- end ${study.name} -->`];
  const before = readFileSync(page, 'utf8');
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no place between ${begin} and ${end}.`);
  writeFileSync(page, `${before.slice(0, from + begin.length)}\n${text}\n${before.slice(to)}`);
  process.stderr.write(`${study.title}: written to docs/lightening.md.\n`);
}
