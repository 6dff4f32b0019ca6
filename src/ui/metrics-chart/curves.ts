import type { EpochRecord } from '../../engine/storage/records.js';

export type Metric = 'accuracy' | 'loss';
export type Split = 'training' | 'validation';

/** One run's curves: training dashed, validation solid. */
export interface ChartSeries {
  readonly name: string;
  readonly history: readonly EpochRecord[];
  /** From 1; null while none is known. */
  readonly bestEpoch: number | null;
  /** An earlier run to compare with: its validation alone, thinner. */
  readonly quiet?: boolean;
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
  /** What was measured, behind the smoothed curve. */
  readonly faint: boolean;
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

/**
 * All series on one common x. A value that is no number, or that a log scale cannot show, is left out of its curve.
 * @param live ascending, all of one series.
 * @param smoothing see {@link smooth}; above 0 every curve of epochs stands twice, first as it was measured.
 */
export function alignCurves(series: readonly ChartSeries[], metric: Metric, live: readonly LivePoint[], log: boolean, smoothing = 0): Curves {
  const epochs = new Set(series.flatMap(({ history }) => history.map(({ epoch }) => epoch)));
  for (const { at } of live) epochs.add(at);
  const x = [...epochs].sort((a, b) => a - b);
  const place = new Map(x.map((epoch, index) => [epoch, index]));
  const curves = series.flatMap(({ name, history, quiet }, index) =>
    (quiet ? (['validation'] as const) : (['training', 'validation'] as const)).flatMap((split): Curve[] => {
      const measured = history.map((record) => valueOf(record, metric, split));
      const curve = (values: readonly number[], faint: boolean): Curve => {
        const y = Array.from<number | undefined>({ length: x.length });
        const put = (epoch: number, value: number) => {
          if (Number.isFinite(value) && !(log && value <= 0)) y[place.get(epoch)!] = value;
        };
        values.forEach((value, epoch) => put(history[epoch].epoch, value));
        if (split === 'training' && !faint) for (const point of live) if (point.name === name) put(point.at, point[metric]);
        return { series: index, split, faint, y };
      };
      return smoothing > 0 ? [curve(measured, true), curve(smooth(measured, smoothing), false)] : [curve(measured, false)];
    }),
  );
  return { x, curves };
}

/**
 * Exponential moving average, without the pull of its start (Kingma and Ba 2014, section 3, as TensorBoard smooths).
 * @param weight of what came before, 0 to below 1; 0 changes nothing. A value that is no number is passed over.
 */
export function smooth(values: readonly number[], weight: number): number[] {
  let mean = 0;
  let seen = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = weight * mean + (1 - weight) * value;
    seen++;
    return mean / (1 - weight ** seen);
  });
}

/** The x axis begins with the first epoch (while that still runs it is all there is), and is never without width. */
export function epochRange(x: readonly number[]): [low: number, high: number] {
  if (x.length > 0 && x.at(-1)! < 1) return [0, 1];
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
