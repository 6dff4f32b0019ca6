import { layerCosts, type Costs } from '../graph/costs.js';
import { followers } from '../graph/followers.js';
import type { LayerGraph } from '../graph/types.js';
import type { FilterMeasures } from './measure.js';

/** What a layer costs, and what its filters are worth. */
export interface LayerMeasures extends Omit<Costs, 'filters'> {
  readonly name: string;
  /** Where the maps of its filters were taken: the layer itself, or the last of the batch norms and activations that follow it. */
  readonly end: string;
  /** Null of a layer whose filters cannot be cut. */
  readonly filters: FilterMeasures | null;
  /** Milliseconds of its kernels in a training step, forward and backward; null where the engine does not tell, and of a layer that has none. */
  readonly stepMs: number | null;
}

/** Every layer of a network, in order. @param times by layer, milliseconds; null where they are not known. */
export function layerMeasures(graph: LayerGraph, filters: readonly FilterMeasures[], times: ReadonlyMap<string, number> | null): LayerMeasures[] {
  const measured = new Map(filters.map((each) => [each.layer, each]));
  return [...layerCosts(graph)].map(([name, { filters: _, ...costs }]) => ({
    name, end: followers(graph, name).at(-1)?.name ?? name, ...costs, filters: measured.get(name) ?? null, stepMs: times?.get(name) ?? null,
  }));
}
