import { inferShapes } from '../graph/shapes.js';
import type { Layer, LayerGraph, Shape, Weight } from '../graph/types.js';
import { weightSpecs } from '../graph/weights.js';
import { keptChannels, withFilters, type Keep, type Network } from './filters.js';
import { foldRemoved } from './fold.js';

/**
 * Removes whole filters and everything that hangs on them: the smaller network that answers as the given one would with
 * the maps of those filters (after the batch norm and activation that follow) set to zero. Where constants remain of
 * them downstream they go into biases and moving means, see {@link foldRemoved}; a layer without a bias may get one.
 * @throws RangeError, see {@link keptChannels}.
 */
export function prune({ graph, weights }: Network, keep: Keep): Network {
  const given = new Map(weights.map((weight) => [weight.name, weight.data]));
  const kept = keptChannels(graph, keep);
  const folded = foldRemoved(graph, (name) => given.get(name)!, kept);

  const narrow = withFilters(graph, new Map([...keep].map(([name, indices]) => [name, indices.length])));
  const smaller: LayerGraph = {
    ...narrow,
    layers: narrow.layers.map((layer) => (folded.bias.has(layer.name) && 'useBias' in layer ? { ...layer, useBias: true } : layer)),
  };
  const cuts = cutsOf(graph, kept);
  return {
    graph: smaller,
    weights: weightSpecs(smaller).map(({ name, layer, shape }): Weight => {
      const change = name.endsWith('/bias') ? folded.bias.get(layer) : name.endsWith('/moving_mean') ? folded.mean.get(layer) : undefined;
      const whole = change === undefined ? given.get(name)! : Float32Array.from(change, (value, i) => (given.get(name)?.[i] ?? 0) + value);
      return { name, shape, data: cut(whole, cuts.get(layer)!(name)) };
    }),
  };
}

/**
 * Slots of an optimiser (`conv2d/kernel/m`), cut as the weights that they belong to.
 * @param graph the one before pruning.
 */
export function pruneSlots(graph: LayerGraph, slots: readonly Weight[], keep: Keep): Weight[] {
  const kept = keptChannels(graph, keep);
  const cuts = cutsOf(graph, kept);
  return slots.map(({ name, shape, data }) => {
    const weight = name.slice(0, name.lastIndexOf('/'));
    const part = cuts.get(weight.slice(0, weight.lastIndexOf('/')))!(weight);
    return { name, shape: cutShape(shape, part), data: cut(data, part) };
  });
}

/** A weight as [lead, rows, columns]: a kernel's window, input channels and filters; a vector has columns only. */
interface Cut {
  readonly rows: { readonly of: number; readonly kept: Int32Array };
  readonly columns: { readonly of: number; readonly kept: Int32Array };
}

const ONE = { of: 1, kept: Int32Array.of(0) };

/** By layer: how each of its weights is cut. */
function cutsOf(graph: LayerGraph, kept: ReadonlyMap<string, Int32Array>): ReadonlyMap<string, (weight: string) => Cut> {
  const shapes = inferShapes(graph);
  const axis = (name: string) => ({ of: shapes.get(name)!.at(-1)!, kept: kept.get(name)! });
  const cutOf = (layer: Layer) => (weight: string): Cut => {
    const output = axis(layer.name);
    if (!weight.endsWith('/kernel')) return { rows: ONE, columns: output };
    return layer.type === 'depthwiseConv2d' ? { rows: output, columns: ONE } : { rows: axis(layer.inputs[0]), columns: output };
  };
  return new Map(graph.layers.map((layer) => [layer.name, cutOf(layer)]));
}

function cut(data: Float32Array, { rows, columns }: Cut): Float32Array<ArrayBuffer> {
  const lead = data.length / (rows.of * columns.of);
  const out = new Float32Array(lead * rows.kept.length * columns.kept.length);
  let at = 0;
  for (let i = 0; i < lead; i++) {
    for (const row of rows.kept) {
      const first = (i * rows.of + row) * columns.of;
      for (const column of columns.kept) out[at++] = data[first + column];
    }
  }
  return out;
}

function cutShape(shape: Shape, { rows, columns }: Cut): Shape {
  if (shape.length === 1) return [columns.kept.length];
  return [...shape.slice(0, -2), rows.kept.length, columns.kept.length];
}
