import { graphCosts } from '../graph/costs.js';
import { filterLayers } from '../graph/filter-layers.js';
import type { LayerGraph } from '../graph/types.js';
import { Purpose, Random } from '../support/random.js';
import { withFilters, type Keep } from './filters.js';
import type { FilterMeasures } from './measure.js';

/**
 * What a filter is judged by. `dead`: only those whose map is zero everywhere on every photo. `magnitude`: its weights' norm.
 * `taylor`: the change of loss without it. `redundancy`: how alike it is to a livelier one. `random`: nothing, the baseline.
 */
export type Criterion = 'dead' | 'magnitude' | 'taylor' | 'redundancy' | 'random';
export const criteria: readonly Criterion[] = ['taylor', 'magnitude', 'redundancy', 'random', 'dead'];

export interface RankedFilter {
  readonly layer: string;
  readonly filter: number;
  /** Importance over the share of the network's cost that goes with the filter; of `random` no more than a number. */
  readonly score: number;
}

/** Most of a layer's filters that one selection takes: what a layer is worth without them is known only afterwards. */
const MOST_OF_A_LAYER = 0.5;

/** How large a graph is beside a whole one: the mean of its shares of params and MACs. 1 is as large. */
export function relativeCost(graph: LayerGraph, whole: LayerGraph): number {
  const [small, large] = [graphCosts(graph), graphCosts(whole)];
  return (small.params / large.params + small.macs / large.macs) / 2;
}

/**
 * The filters of a network in the order in which they should go. Between layers, importances are compared as they are
 * where they are in the loss's own measure (taylor) or between 0 and 1 (redundancy), and of magnitude after
 * each layer's are divided by their root mean square (Molchanov et al. 2017, section 2.2); then each is divided by what
 * removing it saves.
 * @param measures of the network as it is. @param seed for `random`.
 */
export function rankFilters(graph: LayerGraph, measures: readonly FilterMeasures[], criterion: Criterion, seed: number): RankedFilter[] {
  const random = new Random(seed, Purpose.prune);
  const savings = filterSavings(graph);
  const ranked = measures.flatMap((measured) => {
    const saving = savings.get(measured.layer)!;
    const score = scorer(measured, criterion, random);
    return measured.taylor.flatMap((_, filter): RankedFilter[] => {
      if (criterion === 'dead' && measured.zeroPlaces[filter] < 1) return [];
      return [{ layer: measured.layer, filter, score: criterion === 'random' ? score(filter) : score(filter) / saving }];
    });
  });
  return ranked.sort((a, b) => a.score - b.score);
}

function scorer(measured: FilterMeasures, criterion: Criterion, random: Random): (filter: number) => number {
  switch (criterion) {
    case 'dead':
      return () => 0;
    case 'magnitude': {
      const { magnitude } = measured;
      const scale = Math.sqrt(magnitude.reduce((sum, value) => sum + value ** 2, 0) / magnitude.length) || 1;
      return (filter) => magnitude[filter] / scale;
    }
    case 'taylor':
      return (filter) => measured.taylor[filter];
    case 'redundancy':
      return (filter) => 1 - measured.redundancy[filter];
    case 'random':
      return () => random.uniform();
  }
}

/** By layer: the relative cost that goes with one of its filters. */
export function filterSavings(graph: LayerGraph): ReadonlyMap<string, number> {
  return new Map(filterLayers(graph).map(({ name, filters }) => {
    // A layer's last filter never goes; what it would save is as much as the one before.
    const [more, fewer] = filters > 1 ? [filters, filters - 1] : [2, 1];
    return [name, relativeCost(withFilters(graph, new Map([[name, more]])), graph) - relativeCost(withFilters(graph, new Map([[name, fewer]])), graph)];
  }));
}

/**
 * The filters that stay when those ranked first go, until the network is smaller by `share` of its cost, or as near as that
 * comes; the ranking's end where it ends before. Every layer keeps half of its filters, and at least one.
 */
export function selectFilters(graph: LayerGraph, ranking: readonly RankedFilter[], share: number): Keep {
  const counts = new Map(filterLayers(graph).map(({ name, filters }) => [name, filters]));
  const budget = new Map([...counts].map(([name, filters]) => [name, Math.floor(filters * MOST_OF_A_LAYER)]));
  const going = ranking.filter(({ layer }) => {
    const left = budget.get(layer)!;
    budget.set(layer, left - 1);
    return left > 0;
  });
  const costWithout = (first: number): number => {
    const left = new Map(counts);
    for (const { layer } of going.slice(0, first)) left.set(layer, left.get(layer)! - 1);
    return relativeCost(withFilters(graph, left), graph);
  };
  let [few, many] = [0, going.length];
  while (few < many) {
    const middle = (few + many) >> 1;
    if (costWithout(middle) <= 1 - share) many = middle;
    else few = middle + 1;
  }
  return keepWithout(counts, going.slice(0, few));
}

/** As many filters of each layer as `like` has, drawn at random: what a choice of filters is compared with at its own size. */
export function randomFilters(graph: LayerGraph, like: LayerGraph, seed: number): Keep {
  const random = new Random(seed, Purpose.prune);
  const wanted = new Map(filterLayers(like).map(({ name, filters }) => [name, filters]));
  return new Map(filterLayers(graph).map(({ name, filters }) => {
    const shuffled = random.shuffle(Array.from({ length: filters }, (_, filter) => filter));
    return [name, shuffled.slice(0, wanted.get(name)).sort((a, b) => a - b)];
  }));
}

function keepWithout(counts: ReadonlyMap<string, number>, gone: readonly RankedFilter[]): Keep {
  const removed = new Map<string, Set<number>>();
  for (const { layer, filter } of gone) removed.set(layer, (removed.get(layer) ?? new Set()).add(filter));
  return new Map([...removed].map(([layer, without]) => [layer, Array.from({ length: counts.get(layer)! }, (_, filter) => filter).filter((filter) => !without.has(filter))]));
}
