/** What a search found, as it is told: every model beside what it costs, which are good, which is chosen. */
import { front } from '../engine/comparison/front.js';
import { isWithin, lightest, limitsOf, type Judged, type Limits, type Rule } from '../engine/comparison/lightest.js';
import type { EnginePath } from '../engine/gpu/index.js';
import { graphCosts, type Costs } from '../engine/graph/costs.js';
import type { LayerMeasures } from '../engine/lighten/layers.js';
import type { Attempt } from '../engine/lighten/schedule.js';
import type { DatasetRecord, LightMethod, Precision, RunRecord, RunResult } from '../engine/storage/records.js';
import { resultOf } from '../engine/storage/runs.js';
import type { AdapterInfo, RunSettings } from '../engine/support/settings.js';
import type { SplitResults } from '../engine/training/measure.js';
import type { LightModel } from './light-models.js';
import type { LightenRequest } from './lightening.js';

/** A model of the report. */
export interface LightVariant extends Pick<RunResult, keyof SplitResults>, Costs {
  /** The stored run. */
  readonly run: string;
  readonly name: string;
  /** The name of the variant that it was made of; null of the given model, and of one that began with nothing. */
  readonly parent: string | null;
  readonly method: LightMethod | 'given';
  readonly precision: Precision;
  /** Of the weights, gzipped. */
  readonly downloadBytes: number;
  /** Median milliseconds of one photo alone, warm, read-back included. A quantised model runs as the one that it was made of. */
  readonly latencyMs: number;
  readonly peakGpuBytes: number;
  /** What it was judged by. */
  readonly judged: Judged;
  /** Whether it is within the limits that the choice was made by. */
  readonly good: boolean;
  /** Whether no other beats it in accuracy on perturbed photos, bytes, MACs, latency and memory. */
  readonly onFront: boolean;
  readonly weightsSha256: string;
}

export interface LightenResult {
  readonly origin: string;
  readonly arch: string;
  readonly options: RunSettings['archOptions'];
  readonly settings: LightenRequest;
  readonly adapter: AdapterInfo;
  readonly path: EnginePath;
  readonly dataset: DatasetRecord;
  readonly classes: readonly string[];
  readonly split: RunRecord['split'];
  /** Of the given model. */
  readonly layers: readonly LayerMeasures[];
  readonly attempts: readonly Attempt[];
  readonly variants: readonly LightVariant[];
  /** The name of one of them. */
  readonly chosen: string;
  readonly rule: string;
  /** Accuracies that the chosen one had to reach. */
  readonly limits: Limits;
  /** False where a person ended it. */
  readonly finished: boolean;
}

/** What may be chosen: models by chance are comparisons, and quantised ones are made of what is chosen. */
const SEARCHED: readonly LightMethod[] = ['prune', 'scratch', 'distil', 'hand'];

export interface Judgement {
  readonly variants: readonly LightVariant[];
  readonly limits: Limits;
  /** The name of one of them. */
  readonly chosen: string;
}

export function choosable(given: LightModel, made: readonly LightModel[]): LightModel[] {
  return [given, ...made.filter(({ run }) => run.lightened && SEARCHED.includes(run.lightened.method))];
}

export function judgeModels(given: LightModel, made: readonly LightModel[], rule: Rule): Judgement {
  const all = [given, ...made];
  const searched = choosable(given, made);
  const limits = limitsOf(given, rule);
  const chosen = lightest(searched.map((model) => ({ ...model, flops: graphCosts(model.graph).flops })), limits);
  const worth = all.map(({ run, graph }) => {
    const { test, latencyMs, peakGpuBytes } = resultOf(run);
    const { bytes, macs } = graphCosts(graph);
    return { accuracy: test.perturbed.accuracy, bytes: run.lightened?.bytes ?? bytes, macs, latencyMs, peakGpuBytes };
  });
  const best = new Set(front(worth));
  const names = new Map(all.map(({ run }) => [run.id, nameOf(run)]));
  return {
    limits,
    chosen: nameOf((chosen ?? given).run),
    variants: all.map((model, place) => variantOf(model, { parent: names.get(model.run.parent ?? '') ?? null, good: isWithin(model, limits), onFront: best.has(place) })),
  };
}

function nameOf({ lightened }: RunRecord): string {
  return lightened?.name ?? 'given';
}

function variantOf({ run, graph, validation: { loss, accuracy }, perturbed }: LightModel, rest: Pick<LightVariant, 'parent' | 'good' | 'onFront'>): LightVariant {
  const { train, validation, test, confusion, mistakes, hits, predictions, latencyMs, peakGpuBytes, weightsSha256 } = resultOf(run);
  const { method = 'given', precision = 'float32', downloadBytes, bytes } = run.lightened ?? {};
  const costs = graphCosts(graph);
  return {
    run: run.id, name: nameOf(run), method, precision, ...costs, bytes: bytes ?? costs.bytes, downloadBytes: downloadBytes ?? costs.bytes,
    train, validation, test, confusion, ...(mistakes && { mistakes }), ...(hits && { hits }), ...(predictions && { predictions }), latencyMs, peakGpuBytes, weightsSha256, judged: { validation: { loss, accuracy }, perturbed }, ...rest,
  };
}
