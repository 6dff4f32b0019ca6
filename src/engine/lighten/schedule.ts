import { graphCosts, type Costs } from '../graph/costs.js';
import type { LayerGraph } from '../graph/types.js';
import { rankFilters, relativeCost, selectFilters, type Criterion } from './criteria.js';
import type { Network } from './filters.js';
import type { FilterMeasures } from './measure.js';
import { prune } from './prune.js';

export interface Figures {
  readonly loss: number;
  readonly accuracy: number;
}

/** A network and how good it is on the validation split. */
export interface Variant extends Network {
  readonly validation: Figures;
}

/** What a schedule needs done; each resolves with null where the run was stopped meanwhile, and is asked again when it goes on. */
export interface LightenTools {
  measure(network: Network): Promise<readonly FilterMeasures[] | null>;
  /** Trains a pruned network until it is no better, and evaluates it at its best. */
  fineTune(network: Network): Promise<Variant | null>;
}

export interface LightenSettings {
  readonly criterion: Criterion;
  /** How much lower the validation accuracy may get, 0 to 1. */
  readonly margin: number;
  readonly seed: number;
}

/** One smaller network that was tried. */
export interface Attempt {
  /** Of the network that it was cut from: how much of its cost was to go, 0 to 1. */
  readonly share: number;
  readonly costs: Costs;
  /** Its cost beside the first network's, see {@link relativeCost}. */
  readonly relativeCost: number;
  readonly validation: Figures;
  /** Whether it is within the margin: it is then what the next is cut from. */
  readonly kept: boolean;
}

/** Where a schedule stands: data, so that it can be stored and gone on with. */
export interface LightenState {
  readonly settings: LightenSettings;
  /** The network that it began with: its graph, and the accuracy that the margin is counted from. */
  readonly whole: { readonly graph: LayerGraph; readonly validation: Figures };
  /** The smallest that is within the margin. */
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
  return { settings, whole: { graph: variant.graph, validation: variant.validation }, current: variant, measures: null, attempts: [], share: FIRST_SHARE, done: false };
}

/**
 * One round: prunes the least important filters, trains what is left, and keeps it where its accuracy is within the margin.
 * Done when no cut worth the trouble is, or nothing is left to cut.
 * @returns the state to go on with, and the network that was tried, if one was. The same state where the run was stopped, but
 *   for measures that were taken.
 */
export async function lightenOnce(state: LightenState, tools: LightenTools): Promise<{ readonly state: LightenState; readonly tried: Variant | null }> {
  const { settings, whole, current, share } = state;
  if (state.done) return { state, tried: null };
  const measures = state.measures ?? (await tools.measure(current));
  const measured = { ...state, measures };
  if (measures === null) return { state, tried: null };

  const keep = selectFilters(current.graph, rankFilters(current.graph, measures, settings.criterion, settings.seed + state.attempts.length), share);
  if (keep.size === 0) return { state: { ...measured, done: true }, tried: null };
  const tried = await tools.fineTune(prune(current, keep));
  if (tried === null) return { state: measured, tried: null };

  const kept = isWithin(tried.validation, whole.validation, settings.margin);
  const attempt: Attempt = { share, costs: graphCosts(tried.graph), relativeCost: relativeCost(tried.graph, whole.graph), validation: tried.validation, kept };
  const next = kept ? share : share / 2;
  return {
    tried,
    state: {
      ...measured,
      attempts: [...state.attempts, attempt],
      ...(kept && { current: tried, measures: null }),
      share: next,
      done: next < LEAST_SHARE,
    },
  };
}

/** Accuracies are shares of a count of photos, so that the least real difference is far above rounding. */
export function isWithin(found: Figures, whole: Figures, margin: number): boolean {
  return found.accuracy >= whole.accuracy - margin - 1e-9;
}
