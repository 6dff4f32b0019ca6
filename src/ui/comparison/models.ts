import { buildRunGraph, findArchitecture } from '../../engine/architectures/index.js';
import { trainingSeconds } from '../../engine/comparison/csv.js';
import { photosKey } from '../../engine/comparison/paired.js';
import type { Candidate } from '../../engine/comparison/recommendation.js';
import { graphCosts, type Costs } from '../../engine/graph/costs.js';
import type { RunRecord, RunResult } from '../../engine/storage/records.js';

/** A run beside its costs, under a name that tells it apart. */
export interface Model {
  readonly run: RunRecord;
  readonly title: string;
  /** Null for an architecture that this version does not know. */
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
  for (const run of runs) {
    const key = photosKey(run);
    const plain = titleOf(run);
    const count = (seen.get(`${run.dataset} ${plain}`) ?? 0) + 1;
    seen.set(`${run.dataset} ${plain}`, count);
    const result = run.state.kind === 'done' || run.state.kind === 'stopped' ? run.state.result : null;
    const model: Model = { run, title: count === 1 ? plain : `${plain} (${count})`, costs: costsOf(run), result, seconds: trainingSeconds(run.history) };
    groups.set(key, [...(groups.get(key) ?? []), model]);
  }
  const newest = ({ models }: Group) => models.reduce((latest, { run }) => (run.created > latest ? run.created : latest), '');
  return [...groups].map(([key, models]) => ({ key, models })).sort((a, b) => newest(b).localeCompare(newest(a)));
}

export function isJudged(model: Model): model is JudgedModel {
  return model.result !== null && model.costs !== null;
}

/** What decides between models. */
export function candidateOf({ run, title, costs, result }: JudgedModel): Candidate {
  return { arch: run.settings.arch, title, flops: costs.flops, ...result.test.perturbed, photos: photosKey(run), hits: result.hits?.perturbed };
}

function titleOf({ settings: { arch, archOptions } }: RunRecord): string {
  const options = Object.entries(archOptions).map(([name, value]) => `${name} ${value}`);
  return [known(arch) ? findArchitecture(arch).title : arch, ...options].join(', ');
}

function costsOf({ settings, classes }: RunRecord): Costs | null {
  if (!known(settings.arch)) return null;
  return graphCosts(buildRunGraph(settings, classes.length));
}

function known(arch: string): boolean {
  try {
    findArchitecture(arch);
    return true;
  } catch {
    return false;
  }
}
