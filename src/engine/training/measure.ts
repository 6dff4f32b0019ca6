import { wilson } from '../comparison/statistics.js';
import type { Perturbation, SplitName } from '../data/types.js';
import type { TrainingEngine } from '../gpu/engine.js';
import type { Weight } from '../graph/types.js';
import type { PerturbedMetrics, RunResult, SplitMetrics } from '../storage/records.js';
import { median } from './clock.js';
import { evaluate, type Evaluation } from './evaluate.js';
import type { FitRequest, FitResult } from './fit.js';

export interface MeasureRequest extends Pick<FitRequest, 'engine' | 'source' | 'split' | 'classes' | 'settings' | 'control' | 'undecodable'> {
  readonly counts: Record<SplitName, number>;
  readonly predictedGpuBytes: number;
}

const KINDS = ['flip', 'rotation', 'zoom', 'shift', 'contrast'] as const satisfies readonly Perturbation[];
const LATENCY_WARM_UP = 3;
const LATENCY_RUNS = 20;
const LATENCY_BUDGET_MS = 2000;

/**
 * What a run found, at the best epoch's weights, which the engine holds: each split in inference mode, and the photos
 * of the test split (of validation where there is none) perturbed, by all kinds at once and by each alone.
 * @returns null where the run was aborted meanwhile.
 */
export async function measure(request: MeasureRequest, fitted: FitResult, best: NonNullable<FitResult['best']>): Promise<RunResult | null> {
  const { engine, counts, undecodable } = request;
  const { peakBytes } = engine.memory();
  const of = counts.test > 0 ? 'test' : 'validation';
  const over = (part: SplitName, perturb: Perturbation | null): Promise<Evaluation | null> => evaluatePart(request, part, perturb);

  const train = await over('train', null);
  const test = counts.test > 0 ? await over('test', null) : null;
  if (train === null || (counts.test > 0 && test === null)) return null;
  const perturbed = await measurePerturbed(over, of);
  if (perturbed === null) return null;
  return {
    bestEpoch: best.epoch,
    stoppedEarly: fitted.stoppedEarly,
    restoredBest: best.epoch < fitted.history.length,
    train: metrics(train),
    validation: metrics(best.validation),
    test: { loss: test?.loss ?? null, accuracy: test?.accuracy ?? null, perturbed },
    confusion: (test ?? best.validation).confusion,
    latencyMs: await measureLatency(engine, request.settings.size),
    stepMs: fitted.stepMs,
    compileMs: fitted.compileMs,
    dataWaitShare: fitted.dataWaitShare,
    peakGpuBytes: peakBytes,
    predictedGpuBytes: request.predictedGpuBytes,
    weightsSha256: await weightsSha256(best.weights),
    undecodable: [...undecodable].sort(),
  };
}

function evaluatePart(request: MeasureRequest, part: SplitName, perturb: Perturbation | null): Promise<Evaluation | null> {
  const { engine, source, split, counts, classes, settings, control, undecodable } = request;
  const spec = { split, part, size: settings.size, batch: settings.batch, epoch: null, perturb };
  return evaluate({ engine, source, spec, images: counts[part], classes, labelSmoothing: settings.loss.labelSmoothing, control, undecodable });
}

async function measurePerturbed(over: (part: SplitName, perturb: Perturbation) => Promise<Evaluation | null>, of: 'test' | 'validation'): Promise<PerturbedMetrics | null> {
  const found = new Map<Perturbation, { accuracy: number; interval: PerturbedMetrics['interval'] }>();
  for (const kind of ['all', ...KINDS] as const) {
    const evaluation = await over(of, kind);
    if (evaluation === null) return null;
    found.set(kind, { accuracy: evaluation.accuracy, interval: wilson(evaluation.correct, evaluation.images) });
  }
  const [flip, rotation, zoom, shift, contrast] = KINDS.map((kind) => found.get(kind)!);
  return { ...found.get('all')!, byKind: { flip, rotation, zoom, shift, contrast }, of };
}

function metrics({ loss, accuracy }: Evaluation): SplitMetrics {
  return { loss, accuracy };
}

/** Median milliseconds of a prediction at batch 1, warm, read-back included. The values of the photo do not matter. */
async function measureLatency(engine: TrainingEngine, size: number): Promise<number> {
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
