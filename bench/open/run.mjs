import { nodeSuite } from '../node-suite.mjs';

/** @param {boolean} quick */
export async function runOpen(quick) {
  const { measureOpen } = await nodeSuite('open');
  return measureOpen(quick);
}

/** @param {import('./suite.js').OpenResult & {cores: number, cpu: string}} result */
export function openTable({ created, browser, cores, cpu, datasets, runs, epochs, coldPaintMs, coldUsableMs, usableMs, emptyMs }) {
  const ms = (/** @type {readonly number[]} */ values) => `${[...values].sort((a, b) => a - b)[values.length >> 1].toFixed(0)} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
  return [
    '# Opening the lab',
    `${created}, ${browser}, ${cores} cores of ${cpu.trim()}. Milliseconds from navigation until the page has read what is stored and takes clicks, and at the first visit until its first paint with content; median (least to most).`,
    ['| | ms |', '|---|---|', `| first visit of a new profile, first paint | ${ms(coldPaintMs)} |`, `| first visit of a new profile, usable | ${ms(coldUsableMs)} |`, `| nothing stored | ${ms(emptyMs)} |`, `| stored: ${datasets} datasets of 75,000 photos each, ${runs} runs of ${epochs} epochs | ${ms(usableMs)} |`].join('\n'),
  ].join('\n\n');
}
