import { runInPage } from '../browser.mjs';

/** @param {boolean} quick */
export const runLoader = (quick) => runInPage('loader', quick);

/** @param {import('./suite.js').LoaderResult & {cores: number, cpu: string, browser: string, load: number}} result */
export function loaderTable({ created, quick, size, photos, threads, bare, loader, share, second, kept, keptBytes, training, browser, cores, cpu, load }) {
  const rate = (/** @type {import('../step/types.js').Timing} */ { median, least, most }) => `${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
  return [
    '# The loader',
    `${created}, ${browser}, ${cores} cores of ${cpu.trim()}${quick ? ', quick' : ''}, at a load of ${load}. ${photos} JPEGs of 250 x 250 to ${size} x ${size}, ${threads} decoding thread${threads === 1 ? '' : 's'} each; photos a second, median (least to most), turn by turn.`,
    [
      '| | photos a second |',
      '|---|---|',
      `| bare createImageBitmap with resize, read back, photos in memory | ${rate(bare)} |`,
      `| loader: shards from storage, decode, Keras's bilinear resize, three batches asked for at a time, across threads | ${rate(loader)} |`,
      `| loader, second epoch: pixels held in memory as far as they fit (128 MB) | ${rate(second)} |`,
      `| loader, pixels kept on the disk (${(keptBytes / 1e6).toFixed(0)} MB) | ${rate(kept)} |`,
    ].join('\n'),
    `The loader delivers ${(share * 100).toFixed(0)} % of the bare rate. While ${training.model} trains (batch ${training.batch}, ${training.steps} steps of ${training.stepMs.toFixed(0)} ms), it waits for data ${(training.dataWaitShare * 100).toFixed(2)} % of the time.`,
  ].join('\n\n');
}
