import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyCsv } from '../engine/comparison/csv.js';
import { formatAccuracy, formatInteger, formatSeconds } from '../engine/comparison/format.js';
import { renderReportHtml } from '../engine/comparison/html/index.js';
import { buildReport, type Report } from '../engine/comparison/report.js';
import type { DatasetRecord, RunRecord } from '../engine/storage/records.js';
import { fromErrorData, WinnowError } from '../engine/support/errors.js';
import type { RunSettings } from '../engine/support/settings.js';
import { version } from '../../package.json';
import { EngineBrowser } from './browser.js';
import type { Terminal } from './command.js';
import { describeDataset, importData } from './data.js';
import { exitCodeOf, exitCodes } from './exit-codes.js';
import { forgetPlan, profileOf, writePlan, type Plan } from './plan.js';

/** Does what is left of a plan: what the browser's storage has of it already is taken from there. */
export async function carryOut(plan: Plan, out: string, terminal: Terminal): Promise<number> {
  await writePlan(plan, out);
  let training = '';
  const browser = await EngineBrowser.open(profileOf(plan, out), (event) => terminal.progress.show(event, training));
  terminal.onKill(() => browser.kill());
  const stop = () => {
    terminal.progress.note(training === '' ? 'Cancelling the import.' : 'Stopping at the next step; what was trained is kept, and winnow resume goes on with it. Ctrl-C again ends at once.');
    browser.call('stop').catch(() => {});
  };
  terminal.interrupted.addEventListener('abort', stop);
  const runs: RunRecord[] = [];
  let report: Report | null = null;
  try {
    if (terminal.interrupted.aborted) throw new WinnowError('cancelled');
    const stored = await browser.call('stored');
    const dataset = stored.datasets.find(({ id }) => id === plan.dataset) ?? (await importData(browser, plan.data));
    await writePlan({ ...plan, dataset: dataset.id }, out);
    terminal.progress.note(describeDataset(dataset));
    if (plan.weights !== null) await browser.give('files', [plan.weights]);
    for (const settings of plan.settings) {
      if (terminal.interrupted.aborted) break;
      training = settings.arch;
      const known = stored.runs.findLast((run) => isOf(run, dataset, settings));
      if (known && known.state.kind !== 'done') terminal.progress.note(`${training}: going on after ${known.history.length} of ${settings.epochs} epochs`);
      const run = known ? await browser.call('resumeRun', known.id) : await browser.call('train', dataset.id, settings, plan.weights !== null);
      runs.push(run);
      await keepRun(browser, run, out, terminal);
      report = await writeReport(dataset, runs, out);
    }
  } catch (error) {
    // What is wrong with the call would be again.
    if (error instanceof WinnowError && exitCodeOf(error.code) === exitCodes.invalid && runs.length === 0) await closed(browser).then(() => forgetPlan(plan, out));
    throw error;
  } finally {
    terminal.interrupted.removeEventListener('abort', stop);
    await closed(browser);
  }
  if (runs.length === plan.settings.length && runs.every(({ state }) => state.kind === 'done')) await forgetPlan(plan, out);

  if (report) printReport(report, out, terminal);
  if (terminal.interrupted.aborted) return exitCodes.interrupted;
  for (const { state } of runs) if (state.kind === 'failed') throw fromErrorData(state.error);
  return exitCodes.done;
}

function isOf(run: RunRecord, dataset: DatasetRecord, settings: RunSettings): boolean {
  const asText = (each: RunSettings) => JSON.stringify(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  return run.dataset === dataset.id && asText(run.settings) === asText(settings);
}

/** Twice is no harm. */
async function closed(browser: EngineBrowser): Promise<void> {
  await browser.close().catch(() => {});
}

async function keepRun(browser: EngineBrowser, run: RunRecord, out: string, terminal: Terminal): Promise<void> {
  const { state } = run;
  if (state.kind === 'failed') return terminal.progress.note(`${run.settings.arch}: ${state.error.code}: ${state.error.what} ${state.error.remedy}`);
  const folder = join(out, run.settings.arch);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'history.csv'), historyCsv(run.history));
  if ((state.kind === 'done' || state.kind === 'stopped') && state.result) {
    await browser.receive(join(folder, 'model.zip'), (address) => browser.call('postModel', run.id, address));
  }
}

/** Written after every run, so that one that is killed later takes nothing of the earlier ones with it. */
async function writeReport(dataset: DatasetRecord, runs: readonly RunRecord[], out: string): Promise<Report> {
  const [first, ...others] = runs;
  const report = buildReport(dataset, [first, ...others], version);
  await writeFile(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(out, 'report.html'), renderReportHtml(report));
  return report;
}

function printReport(report: Report, out: string, terminal: Terminal): void {
  terminal.progress.clear();
  if (terminal.json) return terminal.print(JSON.stringify(report, null, 2));
  const { vendor, architecture, fallback } = report.adapter;
  const device = [vendor, architecture].filter(Boolean).join(' ');
  terminal.print(`${report.dataset.name}, ${formatInteger(report.dataset.images)} images; ${report.backend}${device && ` on ${device}`}${fallback ? ' (software)' : ''}`);
  for (const run of report.runs) {
    const seconds = run.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
    terminal.print(
      `${run.arch}: validation accuracy ${formatAccuracy(run.validation.accuracy)}, loss ${formatAccuracy(run.validation.loss)} at epoch ${run.bestEpoch} of ${run.epochs.length}${run.finished ? '' : ' (interrupted)'}; ` +
        `${run.test.accuracy === null ? '' : `test ${formatAccuracy(run.test.accuracy)}; `}perturbed ${formatAccuracy(run.test.perturbed.accuracy)}; ${formatInteger(run.params)} params; ${run.latencyMs.toFixed(1)} ms an image; trained in ${formatSeconds(seconds)}`,
    );
  }
  for (const { arch, error } of report.failed) terminal.print(`${arch}: ${error ? error.what : 'stopped before there was anything to report'}`);
  if (report.recommendation) terminal.print(report.recommendation.reason);
  terminal.print(`Report and models: ${out}`);
}
