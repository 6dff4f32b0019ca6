import type { Layer, LayerGraph, LayerType } from '../../graph/types.js';

/** Keras's classes in snake case, of the layers that hold weights. */
const SNAKE: Partial<Record<LayerType, string>> = { conv2d: 'conv2d', depthwiseConv2d: 'depthwise_conv2d', dense: 'dense', batchNorm: 'batch_normalization' };

/**
 * Where each layer's weights lie in `model.weights.h5`, by name: `layers/<this>/vars/0` and so on. Keras does not ask a
 * layer's name, it counts the layers of each class (saving_lib._save_container_state), in its own order of the layers.
 */
export function weightGroups(graph: LayerGraph): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  return new Map(
    kerasOrder(graph).flatMap(({ name, type }): [string, string][] => {
      const base = SNAKE[type];
      if (base === undefined) return [];
      const count = counts.get(base) ?? 0;
      counts.set(base, count + 1);
      return [[name, count === 0 ? base : `${base}_${count}`]];
    }),
  );
}

/**
 * The order of `model.layers` (keras.src.ops.function.map_graph): by the longest way to the output, longest first; among equals by the first
 * visit of a depth-first walk from the output, which goes through a layer's inputs in turn.
 */
function kerasOrder(graph: LayerGraph): Layer[] {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const depths = new Map<string, number>();
  for (const { name, inputs } of graph.layers.toReversed()) {
    const depth = depths.get(name) ?? 0;
    depths.set(name, depth);
    for (const input of inputs) depths.set(input, Math.max(depths.get(input) ?? 0, depth + 1));
  }
  const visits = new Map<string, number>();
  const waiting = [graph.layers.at(-1)!.name];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (visits.has(name)) continue;
    visits.set(name, visits.size);
    waiting.push(...layers.get(name)!.inputs.toReversed());
  }
  return graph.layers.toSorted((a, b) => depths.get(b.name)! - depths.get(a.name)! || visits.get(a.name)! - visits.get(b.name)!);
}
