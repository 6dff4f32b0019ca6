import { filterLayers } from '../graph/filter-layers.js';
import { inferShapes } from '../graph/shapes.js';
import type { LayerGraph, Weight } from '../graph/types.js';

/** A graph and its weights, in the order of its specs. */
export interface Network {
  readonly graph: LayerGraph;
  readonly weights: readonly Weight[];
}

/** Which filters stay, by layer: at least one index each, ascending. Layers left out keep all. */
export type Keep = ReadonlyMap<string, readonly number[]>;

/**
 * Which entries of the last axis of every layer's output are left, by layer.
 * @throws RangeError for a layer that is none of {@link filterLayers}, or indices that are none of its filters, none at all or out of order.
 */
export function keptChannels(graph: LayerGraph, keep: Keep): ReadonlyMap<string, Int32Array> {
  const filters = new Map(filterLayers(graph).map((layer) => [layer.name, layer.filters]));
  for (const [name, indices] of keep) {
    const count = filters.get(name);
    if (count === undefined) throw new RangeError(`${name} has no filters that can be removed.`);
    const fits = indices.length > 0 && indices.every((index, i) => Number.isInteger(index) && index >= 0 && index < count && (i === 0 || index > indices[i - 1]));
    if (!fits) throw new RangeError(`The filters to keep of ${name} are not some of its ${count} in order.`);
  }

  const shapes = inferShapes(graph);
  const kept = new Map<string, Int32Array>();
  for (const layer of graph.layers) {
    const shape = shapes.get(layer.name)!;
    const [input] = layer.inputs;
    const all = (): Int32Array => Int32Array.from({ length: shape.at(-1)! }, (_, index) => index);
    const left = (): Int32Array => {
      switch (layer.type) {
        case 'input':
          return all();
        case 'conv2d':
        case 'dense':
          return keep.has(layer.name) ? Int32Array.from(keep.get(layer.name)!) : all();
        case 'concat': {
          let first = 0;
          return Int32Array.from(layer.inputs.flatMap((name) => {
            const part = Array.from(kept.get(name)!, (index) => first + index);
            first += shapes.get(name)!.at(-1)!;
            return part;
          }));
        }
        case 'flatten': {
          const channels = shapes.get(input)!.at(-1)!;
          const few = kept.get(input)!;
          return Int32Array.from({ length: (shape[0] / channels) * few.length }, (_, i) => Math.floor(i / few.length) * channels + few[i % few.length]);
        }
        default:
          return kept.get(input)!;
      }
    };
    kept.set(layer.name, left());
  }
  return kept;
}

/** The same graph with other numbers of filters and units, by layer; layers left out keep theirs. */
export function withFilters(graph: LayerGraph, counts: ReadonlyMap<string, number>): LayerGraph {
  return {
    ...graph,
    layers: graph.layers.map((layer) => {
      const count = counts.get(layer.name);
      if (count === undefined) return layer;
      if (layer.type === 'conv2d') return { ...layer, filters: count };
      return layer.type === 'dense' ? { ...layer, units: count } : layer;
    }),
  };
}
