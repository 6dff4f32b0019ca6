import type { LayerGraph } from './types.js';

/** The same graph with the filters and units of every layer but the last times `factor`, rounded, at least 1. */
export function scaleWidths(graph: LayerGraph, factor: number): LayerGraph {
  const scale = (width: number) => Math.max(1, Math.round(width * factor));
  const last = graph.layers.at(-1);
  return {
    ...graph,
    layers: graph.layers.map((layer) => {
      if (layer === last) return layer;
      if (layer.type === 'conv2d') return { ...layer, filters: scale(layer.filters) };
      if (layer.type === 'dense') return { ...layer, units: scale(layer.units) };
      return layer;
    }),
  };
}
