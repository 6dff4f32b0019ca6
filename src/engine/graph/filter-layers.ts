import { followers } from './followers.js';
import type { Layer, LayerGraph } from './types.js';

/** A layer that filters can be removed from: a conv2d's filters, or a dense layer's units. */
export interface FilterLayer {
  readonly name: string;
  readonly filters: number;
  /** Where its filters' maps are judged: the last of the batch norms and activations that follow it and that nothing else reads past. */
  readonly end: string;
  /** The last batch norm on the way to `end`: what scales the maps. */
  readonly norm: string | null;
}

export type Filters = Extract<Layer, { type: 'conv2d' | 'dense' }>;

export function hasFilters(layer: Layer): layer is Filters {
  return layer.type === 'conv2d' || layer.type === 'dense';
}

/** In order. Layers whose channels the classes or a softmax read one by one are left out: there a channel cannot go. */
export function filterLayers(graph: LayerGraph): FilterLayer[] {
  const pinned = new Set<string>();
  for (const layer of graph.layers.toReversed()) {
    if (layer === graph.layers.at(-1) || ('activation' in layer && layer.activation === 'softmax')) pinned.add(layer.name);
    if (pinned.has(layer.name) && !hasFilters(layer)) for (const input of layer.inputs) pinned.add(input);
  }
  return graph.layers.filter(hasFilters).filter(({ name }) => !pinned.has(name)).map((layer) => {
    const chain = followers(graph, layer.name);
    return {
      name: layer.name,
      filters: layer.type === 'conv2d' ? layer.filters : layer.units,
      end: chain.at(-1)?.name ?? layer.name,
      norm: chain.findLast(({ type }) => type === 'batchNorm')?.name ?? null,
    };
  });
}
