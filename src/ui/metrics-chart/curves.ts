import type { EpochRecord } from '../../engine/storage/records.js';

export type Metric = 'accuracy' | 'loss';
export type Split = 'training' | 'validation';

/** One run's curves: training dashed, validation solid. */
export interface ChartSeries {
  readonly name: string;
  readonly history: readonly EpochRecord[];
  /** From 1; null while none is known. */
  readonly bestEpoch: number | null;
}

/** Where the training run of a series stands within its epoch. */
export interface LivePoint {
  /** Name of the series that it continues. */
  readonly name: string;
  /** Epochs trained so far, with the fraction of the current one: half way through epoch 3 is 2.5. */
  readonly at: number;
  /** Means of the epoch so far. */
  readonly accuracy: number;
  readonly loss: number;
}

export interface Curve {
  /** Index of the series. */
  readonly series: number;
  readonly split: Split;
  /** One value for each of the chart's x; undefined where this curve has no point. */
  readonly y: readonly (number | undefined)[];
}

export interface Curves {
  /** Epochs, ascending; the live point's is a fraction. */
  readonly x: readonly number[];
  readonly curves: readonly Curve[];
}

export function valueOf(record: EpochRecord, metric: Metric, split: Split): number {
  if (metric === 'accuracy') return split === 'training' ? record.accuracy : record.valAccuracy;
  return split === 'training' ? record.loss : record.valLoss;
}

/** All series on one common x. A value that is no number, or that a log scale cannot show, is left out of its curve. */
export function alignCurves(series: readonly ChartSeries[], metric: Metric, live: LivePoint | null, log: boolean): Curves {
  const epochs = new Set(series.flatMap(({ history }) => history.map(({ epoch }) => epoch)));
  if (live) epochs.add(live.at);
  const x = [...epochs].sort((a, b) => a - b);
  const place = new Map(x.map((epoch, index) => [epoch, index]));
  const curves = series.flatMap(({ name, history }, index) =>
    (['training', 'validation'] as const).map((split): Curve => {
      const y = Array.from<number | undefined>({ length: x.length });
      const put = (epoch: number, value: number) => {
        if (Number.isFinite(value) && !(log && value <= 0)) y[place.get(epoch)!] = value;
      };
      for (const record of history) put(record.epoch, valueOf(record, metric, split));
      if (live?.name === name && split === 'training') put(live.at, live[metric]);
      return { series: index, split, y };
    }),
  );
  return { x, curves };
}

/** The x axis begins with the first epoch (with 0 while that still runs), and is never without width. */
export function epochRange(x: readonly number[]): [low: number, high: number] {
  const last = Math.ceil(x.at(-1) ?? 1);
  if (last <= 1) return [0, 2];
  return [Math.min(1, Math.floor(x[0])), last];
}

/** Padded so that no curve lies on the frame; an accuracy never passes 1, and a span is never empty. */
export function valueRange(low: number, high: number, metric: Metric, log: boolean): [low: number, high: number] {
  if (log) return [low / 1.25, high * 1.25];
  const pad = high > low ? (high - low) * 0.08 : Math.max(high * 0.05, 0.01);
  return [Math.max(0, low - pad), metric === 'accuracy' ? Math.min(1, high + pad) : high + pad];
}

/** Ticks of a log axis: powers of ten with 3 between (1, 2, 5 where the span is short), inside the range. */
export function logTicks(low: number, high: number): number[] {
  const steps = high / low > 30 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade++) {
    for (const step of steps) {
      // Division is exact where multiplication by 0.001 is not.
      const tick = decade < 0 ? step / 10 ** -decade : step * 10 ** decade;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** The fewest decimals with which all ticks of a linear axis can be told apart and none is rounded. */
export function tickDigits(ticks: readonly number[]): number {
  for (let digits = 0; digits < 6; digits++) {
    if (ticks.every((tick) => Math.abs(tick - Number(tick.toFixed(digits))) < 1e-9)) return digits;
  }
  return 6;
}
