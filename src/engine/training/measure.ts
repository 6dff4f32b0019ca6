import { packHits } from '../comparison/paired.js';
import { packPredictions } from '../comparison/predictions.js';
import { wilson } from '../comparison/statistics.js';
import type { Miss } from '../comparison/tally.js';
import type { Perturbation, SplitName } from '../data/types.js';
import type { TrainingEngine } from '../gpu/engine.js';
import type { Weight } from '../graph/types.js';
import type { MetricDetails, Mistake, PerturbedMetrics, RunResult, SplitMetrics } from '../storage/records.js';
import type { RunSettings } from '../support/settings.js';
import { median } from './clock.js';
import { evaluate, type Evaluation } from './evaluate.js';
import type { FitRequest, FitResult } from './fit.js';

/** What evaluating a split needs. */
export interface SplitsRequest extends Pick<FitRequest, 'engine' | 'source' | 'split' | 'control' | 'undecodable'> {
  /** Names, in the order of the model's outputs. */
  readonly classes: readonly string[];
  readonly counts: Record<SplitName, number>;
  readonly settings: Pick<RunSettings, 'size' | 'batch' | 'loss' | 'perturbation'>;
}

export interface MeasureRequest extends SplitsRequest {
  readonly predictedGpuBytes: number;
}

/** Images a split, of images a class. */
export function imagesIn({ train, validation, test }: Record<SplitName, readonly number[]>): Record<SplitName, number> {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return { train: sum(train), validation: sum(validation), test: sum(test) };
}

/** The part of a result that any model can have on any dataset. */
export type SplitResults = Required<Pick<RunResult, 'train' | 'validation' | 'test' | 'confusion' | 'predictions' | 'mistakes' | 'hits'>>;

const KINDS = ['flip', 'rotation', 'zoom', 'shift', 'contrast'] as const satisfies readonly Perturbation[];
const MOST_MISTAKES = 200;
const LATENCY_WARM_UP = 3;
const LATENCY_RUNS = 20;
const LATENCY_BUDGET_MS = 2000;
const RATE_MS = 500;

/**
 * What a run found, at the best epoch's weights, which the engine holds.
 * @returns null where the run was aborted meanwhile.
 */
export async function measure(request: MeasureRequest, fitted: FitResult, best: NonNullable<FitResult['best']>): Promise<RunResult | null> {
  const { engine, undecodable } = request;
  const splits = await measureSplits(request, best.validation);
  if (splits === null) return null;
  return {
    bestEpoch: best.epoch,
    stoppedEarly: fitted.stoppedEarly,
    restoredBest: best.epoch < fitted.history.length,
    ...splits,
    latencyMs: await measureLatency(engine, request.settings.size),
    imagesPerSecond: await measureRate(engine, request.settings),
    stepMs: fitted.stepMs,
    compileMs: fitted.compileMs,
    dataWaitShare: fitted.dataWaitShare,
    peakGpuBytes: fitted.peakGpuBytes,
    predictedGpuBytes: request.predictedGpuBytes,
    weightsSha256: await weightsSha256(best.weights),
    undecodable: [...undecodable].sort(),
  };
}

/**
 * Each split in inference mode, and the photos of the test split (of validation where there is none) perturbed, by all kinds at
 * once and by each alone.
 * @param known of the validation split, where it has been evaluated already.
 * @returns null where it was aborted meanwhile.
 */
export async function measureSplits(request: SplitsRequest, known: Evaluation | null = null): Promise<SplitResults | null> {
  const { counts } = request;
  const of = counts.test > 0 ? 'test' : 'validation';
  const train = await evaluatePart(request, 'train', null);
  const validation = known ?? (await evaluatePart(request, 'validation', null));
  const test = counts.test > 0 ? await evaluatePart(request, 'test', null) : null;
  if (train === null || validation === null || (counts.test > 0 && test === null)) return null;
  const perturbed = await measurePerturbed(request, of);
  if (perturbed === null) return null;
  return {
    train: metrics(train),
    validation: metrics(validation),
    test: { loss: null, accuracy: null, ...(test && metrics(test)), perturbed: perturbed.metrics },
    confusion: (test ?? validation).confusion,
    predictions: packPredictions((test ?? validation).predictions, request.classes.length),
    mistakes: await worstMistakes(request, validation.misses),
    hits: { validation: packHits(validation.hits), perturbed: packHits(perturbed.hits) },
  };
}

/** @param images of the part, from its beginning: the dataset's order, of which every stretch is a fair sample. @returns null where it was aborted meanwhile. */
export function evaluatePart(request: SplitsRequest, part: SplitName, perturb: Perturbation | null, images = request.counts[part]): Promise<Evaluation | null> {
  const { engine, source, split, classes, settings, control, undecodable } = request;
  const spec = { split, part, size: settings.size, batch: settings.batch, epoch: null, perturb, ...(perturb && { strengths: settings.perturbation }) };
  return evaluate({ engine, source, spec, images, classes: classes.length, labelSmoothing: settings.loss.labelSmoothing, control, undecodable });
}

async function measurePerturbed(request: SplitsRequest, of: 'test' | 'validation'): Promise<{ metrics: PerturbedMetrics; hits: readonly boolean[] } | null> {
  const all = await evaluatePart(request, of, 'all');
  if (all === null) return null;
  const judged = ({ accuracy, correct, images }: Evaluation) => ({ accuracy, interval: wilson(correct, images) });
  const alone: ReturnType<typeof judged>[] = [];
  for (const kind of KINDS) {
    const evaluation = await evaluatePart(request, of, kind);
    if (evaluation === null) return null;
    alone.push(judged(evaluation));
  }
  const [flip, rotation, zoom, shift, contrast] = alone;
  return { metrics: { ...judged(all), byKind: { flip, rotation, zoom, shift, contrast }, of }, hits: all.hits };
}

function metrics({ loss, accuracy, topK, calibrationError, perClass, confusion }: Evaluation): SplitMetrics & MetricDetails {
  return { loss, accuracy, topK, calibrationError, perClass, confusion };
}

async function worstMistakes({ source, split, classes }: SplitsRequest, misses: readonly Miss[]): Promise<Mistake[]> {
  const worst = misses.toSorted((a, b) => b.probability - a.probability || a.index - b.index).slice(0, MOST_MISTAKES);
  if (worst.length === 0) return [];
  const names = await source.names(split.dataset, worst.map(({ index }) => index));
  return worst.map(({ index, truth, predicted, probability }, i) => ({ index, name: names[i], truth: classes[truth], predicted: classes[predicted], probability }));
}

/** Median milliseconds of a prediction of one photo, warm, read-back included. The values of the photo do not matter. */
export async function measureLatency(engine: TrainingEngine, size: number): Promise<number> {
  const photo = new Uint8Array(size * size * 3).fill(127);
  for (let run = 0; run < LATENCY_WARM_UP; run++) await engine.predict(photo, 1);
  const times: number[] = [];
  const from = performance.now();
  while (times.length < LATENCY_RUNS && (times.length === 0 || performance.now() - from < LATENCY_BUDGET_MS)) {
    const start = performance.now();
    await engine.predict(photo, 1);
    times.push(performance.now() - start);
  }
  return median(times);
}

/** Photos a second in full batches, warm. One batch is the least that is timed, however slow. */
export async function measureRate(engine: TrainingEngine, { size, batch }: Pick<RunSettings, 'size' | 'batch'>): Promise<number> {
  const photos = new Uint8Array(batch * size * size * 3).fill(127);
  await engine.predict(photos, batch);
  const from = performance.now();
  let batches = 0;
  do {
    await engine.predict(photos, batch);
    batches++;
  } while (performance.now() - from < RATE_MS);
  return (batches * batch * 1000) / (performance.now() - from);
}

/** Hex, over the float32 values (little-endian) in layer order. */
export async function weightsSha256(weights: readonly Weight[]): Promise<string> {
  const all = new Float32Array(weights.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of weights) {
    all.set(data, at);
    at += data.length;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
