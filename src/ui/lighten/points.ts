import { graphOfRun } from '../../engine/architectures/index.js';
import { front } from '../../engine/comparison/front.js';
import { lightest, limitsOf, type Judged, type Limits, type Rule } from '../../engine/comparison/lightest.js';
import { graphCosts, type Costs } from '../../engine/graph/costs.js';
import type { LightMethod, RunRecord, RunResult } from '../../engine/storage/records.js';
import { resultOf } from '../support/runs.js';

/** One model of a search: the given one, or one that was made of it. */
export interface LightPoint extends Judged {
  readonly run: RunRecord;
  readonly name: string;
  readonly method: LightMethod | 'given';
  readonly costs: Costs;
  readonly flops: number;
  /** Of the weights as stored, and as downloaded where that is known. */
  readonly bytes: number;
  readonly downloadBytes: number | null;
  readonly result: RunResult;
}

/** No other beats it in perturbed accuracy, bytes, MACs, latency and peak memory at once. */
export type Front = ReadonlySet<LightPoint>;

/** What a search has found so far. */
export interface Found {
  /** The given model first, then in the order in which they were made. */
  readonly points: readonly LightPoint[];
  readonly limits: Limits;
  readonly rule: Rule;
  readonly front: Front;
  /** What the rule takes. */
  readonly chosen: LightPoint;
}

/** What the rule may choose. */
const CHOOSABLE: readonly LightPoint['method'][] = ['given', 'prune', 'scratch', 'distil', 'hand'];

/** The newest search from a run, null where the run is not among them or has no result. */
export function findSearch(runs: readonly RunRecord[], origin: string | null, rule: Pick<Rule, 'margin' | 'judge'>): Found | null {
  const run = runs.find(({ id }) => id === origin);
  const given = run && pointOf(run);
  if (!given) return null;
  const made = runs.filter(({ lightened }) => lightened?.origin === origin);
  const search = made.at(-1)?.lightened?.search;
  const points = [given, ...made.filter(({ lightened }) => lightened?.search === search).flatMap((each) => pointOf(each) ?? [])];
  const photos = run.split.validation.reduce((sum, count) => sum + count, 0);
  const judgedBy = { ...(search === undefined ? rule : ruleOf(search)), photos };
  const choosable = points.filter(({ method }) => CHOOSABLE.includes(method));
  const limits = limitsOf(given, judgedBy);
  const onFront = front(points.map(({ result, bytes, costs }) => ({ accuracy: result.test.perturbed.accuracy, bytes, macs: costs.macs, latencyMs: result.latencyMs, peakGpuBytes: result.peakGpuBytes })));
  return { points, limits, rule: judgedBy, front: new Set(onFront.map((place) => points[place])), chosen: lightest(choosable, limits) ?? given };
}

/** What a stored search was asked. */
function ruleOf(search: string): Pick<Rule, 'margin' | 'judge'> {
  const [, margin, judge] = JSON.parse(search) as [string, number, Rule['judge']];
  return { margin, judge };
}

function pointOf(run: RunRecord): LightPoint | null {
  const result = resultOf(run);
  if (result === null) return null;
  const costs = graphCosts(graphOfRun(run));
  const { name = 'given', method = 'given', bytes = costs.bytes, downloadBytes = null, perturbed = result.test.perturbed.accuracy } = run.lightened ?? {};
  return { run, name, method, costs, flops: costs.flops, bytes, downloadBytes, result, validation: result.validation, perturbed };
}
