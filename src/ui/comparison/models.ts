import { architectures, graphOfRun } from '../../engine/architectures/index.js';
import { trainingSeconds } from '../../engine/comparison/csv.js';
import { front } from '../../engine/comparison/front.js';
import { photosKey } from '../../engine/comparison/paired.js';
import { titleOfRun } from '../../engine/comparison/title.js';
import type { Candidate } from '../../engine/comparison/recommendation.js';
import { wilson } from '../../engine/comparison/statistics.js';
import { graphCosts, type Costs } from '../../engine/graph/costs.js';
import type { Interval, RunRecord, RunResult } from '../../engine/storage/records.js';
import { resultOf } from '../support/runs.js';

/** A run beside its costs, under a name that tells it apart. */
export interface Model {
  readonly run: RunRecord;
  readonly title: string;
  /** Of the run that it was made of, where it is here, too. */
  readonly madeOf: string | null;
  /** Null for an architecture that this version does not know. `bytes` are those of its weights as stored, which of a quantised model are fewer than float32's. */
  readonly costs: Costs | null;
  /** Null while it trains, and where it failed. */
  readonly result: RunResult | null;
  /** Of its epochs. */
  readonly seconds: number;
}

/** A model with everything that a comparison needs. */
export interface JudgedModel extends Model {
  readonly costs: Costs;
  readonly result: RunResult;
}

/** Runs that saw the same photos in the same split, and so can be compared. */
export interface Group {
  readonly key: string;
  readonly models: readonly Model[];
}

/** By what was trained on and judged on, the group with the newest run first. Runs of the same title are numbered as they come. */
export function groupsOf(runs: readonly RunRecord[]): Group[] {
  const groups = new Map<string, Model[]>();
  const seen = new Map<string, number>();
  const titles = new Map<string, string>();
  for (const run of runs) {
    const key = photosKey(run);
    const plain = titleOfRun(run);
    const count = (seen.get(`${run.dataset} ${plain}`) ?? 0) + 1;
    seen.set(`${run.dataset} ${plain}`, count);
    const title = count === 1 ? plain : `${plain} (${count})`;
    titles.set(run.id, title);
    const model: Model = { run, title, madeOf: (run.lightened && titles.get(run.parent ?? '')) ?? null, costs: costsOf(run), result: resultOf(run), seconds: trainingSeconds(run.history) };
    groups.set(key, [...(groups.get(key) ?? []), model]);
  }
  const newest = ({ models }: Group) => models.reduce((latest, { run }) => (run.created > latest ? run.created : latest), '');
  return [...groups].map(([key, models]) => ({ key, models })).sort((a, b) => newest(b).localeCompare(newest(a)));
}

export function isJudged(model: Model): model is JudgedModel {
  return model.result !== null && model.costs !== null;
}

/** What a model's accuracy was measured on. */
export type Measure = 'perturbed' | 'validation' | 'test';

/** Null where it was not: no test photos were set aside. */
export function accuracyOn({ run, result }: JudgedModel, measure: Measure): { readonly accuracy: number; readonly interval: Interval } | null {
  const { perturbed, accuracy: onTest } = result.test;
  if (measure === 'perturbed') return perturbed;
  const accuracy = measure === 'validation' ? result.validation.accuracy : onTest;
  if (accuracy === null) return null;
  const images = run.split[measure].reduce((sum, count) => sum + count, 0);
  return { accuracy, interval: wilson(Math.round(accuracy * images), images) };
}

/** Those that no other beats in perturbed accuracy, bytes, MACs, latency and peak memory at once; none where nothing is compared. */
export function frontOf(models: readonly Model[]): ReadonlySet<Model> {
  const judged = models.filter(isJudged);
  if (judged.length < 2) return new Set();
  const places = front(judged.map(({ costs, result }) => ({ accuracy: result.test.perturbed.accuracy, bytes: costs.bytes, macs: costs.macs, latencyMs: result.latencyMs, peakGpuBytes: result.peakGpuBytes })));
  return new Set(places.map((place) => judged[place]));
}

/** What decides between models. */
export function candidateOf({ run, title, costs, result }: JudgedModel): Candidate {
  return { arch: run.settings.arch, title, flops: costs.flops, params: costs.params, ...result.test.perturbed, photos: photosKey(run), hits: result.hits?.perturbed };
}

function costsOf(run: RunRecord): Costs | null {
  const known = run.graph !== undefined || architectures.some(({ id }) => id === run.settings.arch);
  if (!known) return null;
  const costs = graphCosts(graphOfRun(run));
  return { ...costs, bytes: run.lightened?.bytes ?? costs.bytes };
}
