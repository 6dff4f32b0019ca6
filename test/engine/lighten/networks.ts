import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { inferShapes } from '../../../src/engine/graph/shapes.js';
import type { Activation, LayerGraph, Padding, Weight } from '../../../src/engine/graph/types.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { filterLayers } from '../../../src/engine/graph/filter-layers.js';
import { keptChannels, type Keep, type Network } from '../../../src/engine/lighten/filters.js';
import type { Random } from '../../../src/engine/support/random.js';
import { uniforms } from '../../support/close.js';

const one = <T>(random: Random, ...of: readonly T[]): T => of[random.below(of.length)];

/** A small network of our layers, of every way that they can follow each other. */
export function randomGraph(random: Random): LayerGraph {
  const net = new GraphBuilder([6 + random.below(4), 6 + random.below(4), 3], 2 + random.below(3));
  const activation = (): Activation => one<Activation>(random, 'linear', 'relu', 'relu', 'relu6');
  const options = () => ({ padding: one<Padding>(random, 'same', 'same', 'valid'), activation: activation(), useBias: random.below(3) > 0 });
  const conv = () => net.conv(2 + random.below(5), one(random, 1, 2, 3), { ...options(), padding: 'same' });
  /** Keeps height and width. */
  const still = (): unknown =>
    one<() => unknown>(
      random, conv, conv, conv,
      () => net.depthwise(3, { ...options(), padding: 'same' }),
      () => net.batchNorm(),
      () => net.activation(activation()),
      () => net.dropout(0.3),
      () => net.maxPool(3, { stride: 1, padding: 'same' }),
      () => net.avgPool(3, { stride: 1, padding: 'same' }),
    )();
  const shrinking = (): unknown =>
    one<() => unknown>(
      random,
      () => net.conv(2 + random.below(5), 2, { ...options(), stride: 1 + random.below(2) }),
      () => net.depthwise(2, { ...options(), stride: 1 + random.below(2) }),
      () => net.maxPool(2, { stride: 1 + random.below(2), padding: one<Padding>(random, 'same', 'valid') }),
      () => net.avgPool(2, { stride: 1 }),
    )();
  const branches = (): unknown =>
    net.concat(Array.from({ length: 2 + random.below(2) }, () => () => {
      for (let depth = random.below(3); depth > 0; depth--) still();
    }));

  for (let depth = 2 + random.below(5); depth > 0; depth--) one<() => unknown>(random, still, still, branches)();
  shrinking();
  still();
  if (random.below(2) === 0) net.flatten();
  else net.globalAvgPool();
  if (random.below(3) === 0) net.batchNorm();
  for (let depth = random.below(3); depth > 0; depth--) {
    net.dense(2 + random.below(6), { activation: activation() });
    if (random.below(3) === 0) net.batchNorm();
    if (random.below(3) === 0) net.dropout(0.5);
  }
  return net.predictions();
}

/** Weights among which no bias and no moving statistic is a plain zero or one. */
export function randomWeights(random: Random, graph: LayerGraph): Weight[] {
  return initialWeights(graph, random.uint32()).map((weight): Weight => {
    if (weight.name.endsWith('/kernel')) return weight;
    const [low, high] = /gamma|variance/.test(weight.name) ? [0.5, 1.5] : [-0.4, 0.4];
    return { ...weight, data: uniforms(random, weight.data.length, low, high) };
  });
}

/** Some of the filters of about half of the layers. */
export function randomKeep(random: Random, graph: LayerGraph): Keep {
  const keep = new Map<string, number[]>();
  for (const { name, filters } of filterLayers(graph)) {
    if (random.below(3) === 0) continue;
    const all = random.shuffle(Array.from({ length: filters }, (_, index) => index));
    keep.set(name, all.slice(0, 1 + random.below(filters)).sort((a, b) => a - b));
  }
  return keep;
}

/**
 * The same network with the filters that are not kept silenced: their maps zero after the batch norm and activation that
 * follow, and windows that reach over the border told to see nothing of what still comes of them.
 */
export function silenced({ graph, weights }: Network, keep: Keep): Network {
  const shapes = inferShapes(graph);
  const kept = keptChannels(graph, keep);
  const values = new Map(weights.map((weight) => [weight.name, weight.data.slice()]));
  const zero = (name: string, index: (i: number) => boolean): void => {
    const data = values.get(name);
    data?.forEach((_, i) => {
      if (index(i)) data[i] = 0;
    });
  };
  for (const { name, filters } of filterLayers(graph)) {
    const gone = (i: number): boolean => keep.has(name) && !keep.get(name)!.includes(i % filters);
    zero(`${name}/kernel`, gone);
    zero(`${name}/bias`, gone);
    for (let at = name; ; ) {
      const readers = graph.layers.filter((layer) => layer.inputs.includes(at));
      if (readers.length !== 1 || !['batchNorm', 'activation'].includes(readers[0].type)) break;
      at = readers[0].name;
      zero(`${at}/gamma`, gone);
      zero(`${at}/beta`, gone);
    }
  }
  for (const layer of graph.layers) {
    if ((layer.type !== 'conv2d' && layer.type !== 'depthwiseConv2d') || layer.padding !== 'same') continue;
    const crosses = (side: number): boolean => (Math.ceil(side / layer.stride) - 1) * layer.stride + layer.kernel > side;
    if (!shapes.get(layer.inputs[0])!.slice(0, 2).some(crosses)) continue;
    const channels = shapes.get(layer.inputs[0])!.at(-1)!;
    const left = new Set(kept.get(layer.inputs[0]));
    const filters = layer.type === 'conv2d' ? layer.filters : 1;
    zero(`${layer.name}/kernel`, (i) => !left.has(Math.floor(i / filters) % channels));
  }
  return { graph, weights: weights.map(({ name, shape }) => ({ name, shape, data: values.get(name)! })) };
}
