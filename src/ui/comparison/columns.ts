import { msg, str } from '@lit/localize';
import { formatBytes, formatCount, formatDuration, formatInteger, formatMetric, formatMilliseconds, plural } from '../locales/format.js';
import type { Model } from './models.js';

export type ColumnId = 'model' | 'params' | 'flops' | 'filters' | 'accuracy' | 'perturbed' | 'test' | 'loss' | 'latency' | 'memory' | 'seconds';

export interface Column {
  readonly id: ColumnId;
  readonly title: () => string;
  /** NaN where the model has none. */
  readonly value: (model: Model) => number;
  readonly format: (value: number) => string;
  /** A number that goes with it, beneath. */
  readonly detail?: (model: Model) => string;
  /** What one would sort for first. */
  readonly best: 'most' | 'least';
}

/** The numbers of the table; the model's name stands before them. */
export const columns: readonly Column[] = [
  {
    id: 'params', title: () => msg('Params', { id: 'comparison.params' }), value: ({ costs }) => costs?.params ?? NaN, format: formatInteger, best: 'least',
    detail: ({ costs }) => (costs ? formatBytes(costs.bytes) : ''),
  },
  {
    id: 'flops', title: () => msg('FLOPs', { id: 'comparison.flops' }), value: ({ costs }) => costs?.flops ?? NaN, format: formatCount, best: 'least',
    detail: ({ costs }) => (costs ? msg(str`${formatCount(costs.macs)} MACs`, { id: 'comparison.macs' }) : ''),
  },
  { id: 'filters', title: () => msg('Filters', { id: 'comparison.filters' }), value: ({ costs }) => costs?.filters ?? NaN, format: formatInteger, best: 'least' },
  { id: 'accuracy', title: () => msg('Validation', { id: 'comparison.accuracy' }), value: ({ result }) => result?.validation.accuracy ?? NaN, format: formatMetric, best: 'most' },
  {
    id: 'perturbed', title: () => msg('Perturbed test', { id: 'comparison.perturbed' }), value: ({ result }) => result?.test.perturbed.accuracy ?? NaN, format: formatMetric, best: 'most',
    detail: ({ result }) => (result ? result.test.perturbed.interval.map((end) => formatMetric(end, 3)).join(' – ') : ''),
  },
  { id: 'test', title: () => msg('Test', { id: 'comparison.test' }), value: ({ result }) => result?.test.accuracy ?? NaN, format: formatMetric, best: 'most' },
  { id: 'loss', title: () => msg('Val. loss', { id: 'comparison.loss' }), value: ({ result }) => result?.validation.loss ?? NaN, format: formatMetric, best: 'least' },
  { id: 'latency', title: () => msg('An image', { id: 'comparison.latency' }), value: ({ result }) => result?.latencyMs ?? NaN, format: formatMilliseconds, best: 'least' },
  { id: 'memory', title: () => msg('GPU memory', { id: 'comparison.memory' }), value: ({ result }) => result?.peakGpuBytes ?? NaN, format: formatBytes, best: 'least' },
  {
    id: 'seconds', title: () => msg('To train', { id: 'comparison.seconds' }), value: ({ seconds, run }) => (run.history.length > 0 ? seconds : NaN), format: formatDuration, best: 'least',
    detail: ({ run: { history } }) => plural(history.length, { one: () => msg('1 epoch', { id: 'comparison.epoch' }), other: () => msg(str`${formatInteger(history.length)} epochs`, { id: 'comparison.epochs' }) }),
  },
];

export interface Sorting {
  readonly column: ColumnId;
  readonly descending: boolean;
}

/** Those that at least one model has a number for. */
export function columnsOf(models: readonly Model[]): Column[] {
  return columns.filter(({ value }) => models.some((model) => !Number.isNaN(value(model))));
}

/** By name, or by a number; models without that number come last either way. */
export function sortModels(models: readonly Model[], { column, descending }: Sorting): Model[] {
  const sign = descending ? -1 : 1;
  const definition = columns.find(({ id }) => id === column);
  if (!definition) return [...models].sort((a, b) => sign * a.title.localeCompare(b.title));
  return [...models].sort((a, b) => {
    const [x, y] = [definition.value(a), definition.value(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return sign * (x - y);
  });
}
