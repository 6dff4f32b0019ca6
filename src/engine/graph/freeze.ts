import type { LayerGraph } from './types.js';
import { weightSpecs } from './weights.js';

/**
 * The base: every layer before the head, which starts at the first flatten or global pooling.
 * @returns names in order.
 */
export function baseLayers(graph: LayerGraph): string[] {
  const head = graph.layers.findIndex((layer) => layer.type === 'flatten' || layer.type === 'globalAvgPool2d');
  return graph.layers.slice(0, head).map((layer) => layer.name);
}

/** Names of the layers that hold weights, in order: those that can learn, or be frozen. */
export function weightedLayers(graph: LayerGraph): string[] {
  return [...new Set(weightSpecs(graph).map(({ layer }) => layer))];
}

/** The same graph with the named layers frozen, and no others. A frozen batch norm works in inference mode while the rest trains, as Keras's does. */
export function freeze(graph: LayerGraph, names: Iterable<string>): LayerGraph {
  const frozen = new Set(names);
  return {
    ...graph,
    layers: graph.layers.map(({ trainable: _, ...layer }) => (frozen.has(layer.name) ? { ...layer, trainable: false } : layer)),
  };
}
