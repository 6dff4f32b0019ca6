import type { EpochRecord } from '../storage/records.js';
import type { Report } from './report.js';

const EPOCH_COLUMNS = ['epoch', 'loss', 'accuracy', 'valLoss', 'valAccuracy', 'seconds', 'imagesPerSecond', 'learningRate'] as const satisfies (keyof EpochRecord)[];

/** `history.csv` (RFC 4180): one line an epoch, the fields of the report. */
export function historyCsv(history: readonly EpochRecord[]): string {
  return csv([EPOCH_COLUMNS, ...history.map((record) => EPOCH_COLUMNS.map((column) => record[column] ?? ''))]);
}

/** The comparison's table, one line a run. */
export function comparisonCsv(report: Report): string {
  const header = [
    'model', 'arch', 'params', 'bytes', 'macs', 'flops', 'filters', 'bestEpoch', 'validationAccuracy', 'validationLoss',
    'testAccuracy', 'perturbedAccuracy', 'perturbedLow', 'perturbedHigh', 'peakGpuBytes', 'latencyMs', 'trainingSeconds',
  ];
  return csv([
    header,
    ...report.runs.map((run) => [
      run.title, run.arch, run.params, run.bytes, run.macs, run.flops, run.filters, run.bestEpoch, run.validation.accuracy, run.validation.loss,
      run.test.accuracy ?? '', run.test.perturbed.accuracy, ...run.test.perturbed.interval, run.peakGpuBytes, run.latencyMs, trainingSeconds(run.epochs),
    ]),
  ]);
}

export function trainingSeconds(epochs: readonly EpochRecord[]): number {
  return epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
}

/** RFC 4180. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
