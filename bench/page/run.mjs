import { nodeSuite } from '../node-suite.mjs';

/** @param {boolean} quick */
export async function runPage(quick) {
  const { measurePage } = await nodeSuite('page');
  return measurePage(quick);
}

/** @param {import('./suite.js').PageResult} result */
export function pageTable({ adapter, seconds, tasks, longestCpuMs, longestMs, over50CpuMs, over50Ms, sheets }) {
  return [
    `Main thread of the page while CNN (32 px) trains and 128 feature maps change live, ${adapter}, ${seconds} s, ${tasks} tasks, ${sheets} sheets of maps`,
    '',
    '| | longest task | tasks over 50 ms |',
    '|---|---|---|',
    `| processor time of the thread | ${longestCpuMs} ms | ${over50CpuMs} |`,
    `| by the clock | ${longestMs} ms | ${over50Ms} |`,
  ].join('\n');
}
