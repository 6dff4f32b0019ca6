import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeKaggleFolder, writeKaggleZip } from '../../scripts/kaggle-rice.mjs';
import { root } from '../../scripts/project.mjs';
import { nodeSuite } from '../node-suite.mjs';
import { writeBomb } from './bombs.mjs';

const cache = join(root, '.cache/bench-import');

/** @param {boolean} quick */
export async function runImport(quick) {
  const { measureImport } = await nodeSuite('import');
  const images = quick ? 6000 : 75_000;
  const options = { images, drawn: 2000, seed: 1 };
  mkdirSync(cache, { recursive: true });
  const zip = await made(`rice-${images}.zip`, (path) => writeKaggleZip(path, options));
  const folder = await made(`rice-${images}`, (path) => writeKaggleFolder(path, options));
  const bombs = {
    '400 members': await made('members.zip', async (path) => writeBomb(path, { names: 400, shared: false })),
    'one member under 2,000 names': await made('names.zip', async (path) => writeBomb(path, { names: 2000, shared: true })),
  };
  return measureImport({ bombs, zip, folder: join(folder, 'Rice_Image_Dataset'), images, zipBytes: statSync(zip).size, quick });
}

/**
 * Made once and kept; what was made half is made anew.
 * @param {string} name @param {(path: string) => Promise<void>} make
 */
async function made(name, make) {
  const path = join(cache, name);
  // With what made it: a generator that has changed makes other photos.
  const recipe = ['scripts/kaggle-rice.mjs', 'scripts/zip.mjs', 'bench/import/bombs.mjs', 'src/engine/data/rice/grain.ts', 'src/engine/data/rice/varieties.ts'].map((file) => readFileSync(join(root, file), 'utf8')).join('');
  const stamp = `${path}.made`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) return path;
  process.stderr.write(`making ${name}\n`);
  for (const old of [path, stamp, `${path}.part`]) rmSync(old, { recursive: true, force: true });
  await make(`${path}.part`);
  renameSync(`${path}.part`, path);
  writeFileSync(stamp, recipe);
  return path;
}

/** @param {import('./suite.js').ImportResult & {cores: number, cpu: string, load: number}} result */
export function importTable({ created, quick, browser, cores, cpu, images, zipBytes, zip, folder, bare, folderShare, resumed, cancelMs, bombs, load }) {
  const row = (/** @type {string} */ name, /** @type {import('./suite.js').Measured} */ { seconds, rate, grownMegabytes, firstProgressMs }) =>
    `| ${name} | ${seconds.toFixed(1)} | ${rate.toFixed(0)} | ${grownMegabytes.toFixed(0)} | ${firstProgressMs.toFixed(0)} |`;
  return [
    '# Import',
    `${created}, ${browser}, ${cores} cores of ${cpu.trim()}${quick ? ', quick' : ''}, at a load of ${load}. ${images.toLocaleString('en')} JPEGs of 250 x 250 in Kaggle's layout, class by class, ${(zipBytes / 1e6).toFixed(0)} MB as a zip. The production build; headers are checked, nothing is decoded.`,
    [
      '| | seconds | images a second | memory of the tab grew by, MB | first progress, ms |',
      '|---|---|---|---|---|',
      row('zip', zip),
      row('folder', folder),
      row(`zip again, after the tab was closed at ${resumed.cutAt.toLocaleString('en')}`, resumed),
    ].join('\n'),
    `Zip bombs of members of 18 MB, each in a browser of its own, three times: ${bombs.map(({ name, ms, grownMegabytes }) => `${name}, refused after ${ms.map((each) => each.toFixed(0)).join(', ')} ms, the tab grew by at most ${Math.max(...grownMegabytes).toFixed(0)} MB`).join('; ')}.`,
    `Bare \`arrayBuffer()\` over the same folder, 32 files at a time: ${bare.map((rate) => rate.toFixed(0)).join(', ')} files a second (before and after the import); the import is at ${(folderShare * 100).toFixed(0)} % of their mean. A cancelled import ended after ${cancelMs.toFixed(0)} ms. The tab itself has ${zip.baselineMegabytes.toFixed(0)} MB. Memory is the resident set of the browser's renderer processes, its highest of ten looks a second.`,
  ].join('\n\n');
}
