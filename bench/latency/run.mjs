import { runInPage } from '../browser.mjs';

/** @param {boolean} quick */
export const runLatency = (quick) => runInPage('latency', quick);

/** @param {import('./suite.js').LatencyResult & {cores: number, cpu: string, browser: string}} result */
export function latencyTable({ adapter, created, quick, rows, summary, browser, cores, cpu }) {
  const ms = (/** @type {import('../step/types.js').Timing} */ { median, least, most }) => `${median.toFixed(1)} (${least.toFixed(1)} to ${most.toFixed(1)})`;
  return [
    `# One photo, ${adapter.description || adapter.architecture}${adapter.fallback ? ' (a software adapter)' : ''}`,
    `${created}, ${browser}, ${cores} cores of ${cpu.trim()}${quick ? ', quick' : ''}. Milliseconds from uint8 pixels to probabilities read back, median (least to most); calls are interleaved.`,
    [
      '| model | size | ours | tfjs `predict` | times as fast | probabilities apart |',
      '|---|---|---|---|---|---|',
      ...rows.map((row) => `| ${row.model} | ${row.size} | ${ms(row.timings.ours)} | ${ms(row.timings.tfjs)} | ${row.speedupTfjs.toFixed(1)} | ${row.apart.toExponential(1)} |`),
    ].join('\n'),
    `Geometric mean ${summary.geometricMeanTfjs.toFixed(1)}, least ${summary.leastTfjs.toFixed(1)}.`,
  ].join('\n\n');
}
