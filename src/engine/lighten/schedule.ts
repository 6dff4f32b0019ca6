import { graphCosts, type Costs } from '../graph/costs.js';
import type { LayerGraph } from '../graph/types.js';
import { rankFilters, relativeCost, selectFilters, type Criterion } from './criteria.js';
import { isWithin, limitsOf, slackened, type Judged, type Rule } from '../comparison/lightest.js';
import type { Network } from './filters.js';
import type { FilterMeasures } from './measure.js';
import { prune } from './prune.js';

/** A network and how good it is. */
export interface Variant extends Network, Judged {}

/** What a schedule needs done; each resolves with null where the run was stopped meanwhile, and is asked again when it goes on. */
export interface LightenTools<V extends Variant = Variant> {
  measure(network: Network): Promise<readonly FilterMeasures[] | null>;
  /** Trains a pruned network until it is no better, and evaluates it at its best. */
  fineTune(network: Network): Promise<V | null>;
}

export interface LightenSettings extends Rule {
  readonly criterion: Criterion;
  readonly seed: number;
}

/** One smaller network that was tried. */
export interface Attempt extends Judged {
  /** Of the network that it was cut from: how much of its cost was to go, 0 to 1. */
  readonly share: number;
  readonly costs: Costs;
  /** Its cost beside the first network's, see {@link relativeCost}. */
  readonly relativeCost: number;
  /** Whether it is within the limits. */
  readonly good: boolean;
  /** Whether the next is cut from it: it is good, or falls short by no more than one standard error. A smaller one is then often good again, because it overfits less. */
  readonly kept: boolean;
}

/** Where a schedule stands: data, so that it can be stored and gone on with. */
export interface LightenState {
  readonly settings: LightenSettings;
  /** The network that it began with, without its weights. */
  readonly whole: Judged & { readonly graph: LayerGraph };
  /** The last that was kept. */
  readonly current: Variant;
  /** Of `current`; null until they are needed. */
  readonly measures: readonly FilterMeasures[] | null;
  readonly attempts: readonly Attempt[];
  /** Of the cost of `current` that is to go next. */
  readonly share: number;
  readonly done: boolean;
}

/** A first cut this deep loses little that training does not bring back; each cut that loses too much is followed by one half as deep. */
const FIRST_SHARE = 0.5;
const LEAST_SHARE = 0.1;

export function beginLightening(variant: Variant, settings: LightenSettings): LightenState {
  const { graph, validation, perturbed } = variant;
  return { settings, whole: { graph, validation, perturbed }, current: variant, measures: null, attempts: [], share: FIRST_SHARE, done: false };
}

/** Where a schedule stood, from what is stored of it. @param current the last that was kept, the whole network where none was. */
export function resumeLightening(whole: Variant, settings: LightenSettings, attempts: readonly Attempt[], current: Variant): LightenState {
  return { ...beginLightening(whole, settings), current, attempts, ...nextShare(attempts) };
}

function nextShare(attempts: readonly Attempt[]): Pick<LightenState, 'share' | 'done'> {
  const last = attempts.at(-1);
  if (last === undefined) return { share: FIRST_SHARE, done: false };
  const share = last.kept ? last.share : last.share / 2;
  return { share, done: share < LEAST_SHARE };
}

/** Where a network stands. */
export function standing(tried: Judged, whole: Judged, settings: Rule): Pick<Attempt, 'good' | 'kept'> {
  const limits = limitsOf(whole, settings);
  return { good: isWithin(tried, limits), kept: isWithin(tried, slackened(limits, settings.photos)) };
}

/**
 * One round: prunes the least important filters, trains what is left, and keeps it where it is within the limits, or so near that it may be.
 * Done when no cut worth the trouble is, nothing is left to cut, or the next cut is the one that failed.
 * @returns the state to go on with, and the network that was tried, if one was. The same state where the run was stopped, but
 *   for measures that were taken.
 */
export async function lightenOnce<V extends Variant>(state: LightenState, tools: LightenTools<V>): Promise<{ readonly state: LightenState; readonly tried: V | null }> {
  const { settings, whole, current, share } = state;
  if (state.done) return { state, tried: null };
  const measures = state.measures ?? (await tools.measure(current));
  const measured = { ...state, measures };
  if (measures === null) return { state, tried: null };

  const keep = selectFilters(current.graph, rankFilters(current.graph, measures, settings.criterion, settings.seed + state.attempts.length), share);
  if (keep.size === 0) return { state: { ...measured, done: true }, tried: null };
  const smaller = prune(current, keep);
  // Where few filters are left a share half as large is the same cut, which has failed.
  const last = state.attempts.at(-1);
  if (last && !last.kept && relativeCost(smaller.graph, whole.graph) === last.relativeCost) return { state: { ...measured, done: true }, tried: null };
  const tried = await tools.fineTune(smaller);
  if (tried === null) return { state: measured, tried: null };

  const { validation, perturbed } = tried;
  const { good, kept } = standing(tried, whole, settings);
  const attempt: Attempt = { share, costs: graphCosts(tried.graph), relativeCost: relativeCost(tried.graph, whole.graph), validation, perturbed, good, kept };
  const attempts = [...state.attempts, attempt];
  return { tried, state: { ...measured, attempts, ...(kept && { current: tried, measures: null }), ...nextShare(attempts) } };
}
