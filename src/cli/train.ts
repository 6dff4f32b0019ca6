import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { historyCsv } from '../engine/comparison/csv.js';
import { formatAccuracy, formatInteger, formatSeconds } from '../engine/comparison/format.js';
import { renderReportHtml } from '../engine/comparison/html/index.js';
import { buildReport, type Report } from '../engine/comparison/report.js';
import type { DatasetRecord, RunRecord } from '../engine/storage/records.js';
import { fromErrorData, WinnowError } from '../engine/support/errors.js';
import type { RunSettings } from '../engine/support/settings.js';
import { version } from '../../package.json';
import { EngineBrowser } from './browser.js';
import { kindOf, onePositional, type Command, type Terminal } from './command.js';
import { describeDataset, importData, readData } from './data.js';
import { exitCodes } from './exit-codes.js';
import { readSettings, settingsOptions } from './settings.js';

export const train: Command = {
  usage:
    'train DATA --arch ID[,ID…] [--size 224] [--epochs 20] [--batch 32] [--patience 3] [--val 0.2] [--test 0] [--lr 0.001] [--seed 1] [--limit N] ' +
    '[--backend auto|webgpu|webgl|cpu] [--engine auto|compiled|reference] [--weights FILE] [--freeze N|base] ' +
    '[--augment usual|NAME[=NUMBER],…] [--optimizer adam|adamw|sgd] [--schedule plateau|cosine|step[:NAME=NUMBER,…]] [--options JSON] [--profile DIR] --out DIR',
  summary:
    'imports DATA and trains each architecture on the same split\n' +
    '    --weights: a model, or weights that Keras saved (.h5, keras.applications’ VGG16 too), with which the layers before the head begin\n' +
    '    --freeze: how many of the layers with weights do not learn, or all before the head\n' +
    '    --augment: flipX, flipY, rotation, shift, zoom, brightness, each with its strength or the usual one\n' +
    '    --schedule: plateau:factor=0.1,patience=10,least=0   cosine:alpha=0   step:every=10,factor=0.5\n' +
    '    --options: of the architecture {"width": 0.5}; labelSmoothing, classWeights ("balanced" or a list), weightDecay, momentum, perturbation, splitSeed',
  options: { ...settingsOptions, weights: { type: 'string' }, profile: { type: 'string' }, out: { type: 'string' } },

  async run(positionals, flags, terminal) {
    const argument = onePositional(positionals, 'train takes one DATA: a zip, a folder, IMAGES.idx:LABELS.idx or sample');
    const settings = readSettings(flags);
    const weights = flags.text('weights');
    if (weights !== undefined && (await kindOf(weights)) === 'folder') throw new WinnowError('model-broken', { source: weights, why: 'it is a folder' });
    const data = await readData(argument, settings[0]);
    const out = await makeFolder(flags.required('out'));
    const profile = flags.text('profile') ?? join(out, '.profile');

    let training = '';
    const browser = await EngineBrowser.open(profile, (event) => terminal.progress.show(event, training));
    terminal.onKill(() => browser.kill());
    const stop = () => {
      terminal.progress.note(training === '' ? 'Cancelling the import.' : 'Stopping at the next step; what was trained is kept. Ctrl-C again ends at once.');
      browser.call('stop').catch(() => {});
    };
    terminal.interrupted.addEventListener('abort', stop);
    const runs: RunRecord[] = [];
    let report: Report | null = null;
    try {
      if (terminal.interrupted.aborted) throw new WinnowError('cancelled');
      const dataset = await importData(browser, data);
      terminal.progress.note(describeDataset(dataset));
      if (weights !== undefined) await browser.give('files', [resolve(weights)]);
      for (const setting of settings) {
        if (terminal.interrupted.aborted) break;
        training = setting.arch;
        const run = await browser.call('train', dataset.id, ownLimit(setting, data.source.kind), weights !== undefined);
        runs.push(run);
        await keepRun(browser, run, out, terminal);
        report = await writeReport(dataset, runs, out);
      }
    } finally {
      terminal.interrupted.removeEventListener('abort', stop);
      await browser.close();
      const unfinished = runs.length > 0 && (runs.length < settings.length || runs.some((run) => run.state.kind !== 'done'));
      // The browser's storage is of use only to go on with what was begun.
      if (flags.text('profile') === undefined && !unfinished) await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }

    if (report) printReport(report, out, terminal);
    if (terminal.interrupted.aborted) return exitCodes.interrupted;
    for (const { state } of runs) if (state.kind === 'failed') throw fromErrorData(state.error);
    return exitCodes.done;
  },
};

/** The sample is drawn at its limit already. */
function ownLimit(settings: RunSettings, source: string): RunSettings {
  return source === 'synthetic' ? { ...settings, limit: null } : settings;
}

async function makeFolder(argument: string): Promise<string> {
  const path = resolve(argument);
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new WinnowError('call-invalid', { why: `--out ${argument} is no folder and cannot become one` }, { cause: error });
  }
  return path;
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
