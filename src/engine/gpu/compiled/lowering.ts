import { inferShapes } from '../../graph/shapes.js';
import type { Layer, LayerGraph, Shape } from '../../graph/types.js';
import type { Fused } from './kernels/activation.js';
import { MOST_POOL } from './kernels/pooling.js';
import { layoutOf } from './weights.js';
import type { Channels } from './views.js';

/** How a graph is run: what is fused, what shares memory. Derived once; training, inference and feature maps differ in `fuses` and `trains`. */
export interface Lowering {
  readonly graph: LayerGraph;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly layouts: ReadonlyMap<string, Channels>;
  /** Name of the layer whose kernel makes a layer's output: itself, or where it is only another name for it, an earlier one. */
  source(name: string): string;
  /** The activation that the kernel of a layer applies at its end. */
  activation(name: string): Fused;
  /** For an output that is written straight into its place in a concat: which, and the quads before it. */
  home(name: string): { readonly concat: string; readonly first: number } | null;
  readonly logits: string;
}

const KERNELS_WITH_ACTIVATION: ReadonlySet<Layer['type']> = new Set(['conv2d', 'depthwiseConv2d', 'dense', 'batchNorm']);

/** Whether the compiled path knows every layer of the graph; if not, the reference path trains it. */
export function canCompile(graph: LayerGraph): boolean {
  return graph.layers.every((layer, index) => {
    const softmax = 'activation' in layer && layer.activation === 'softmax';
    if (softmax && index !== graph.layers.length - 1) return false;
    return layer.type !== 'maxPool2d' || layer.pool <= MOST_POOL;
  });
}

/**
 * @param fuses whether an activation layer becomes the tail of the kernel before it; not where every layer's output is wanted.
 * @param trains whether dropout drops.
 */
export function lower(graph: LayerGraph, fuses: boolean, trains: boolean): Lowering {
  const shapes = inferShapes(graph);
  const layouts = layoutOf(graph);
  const byName = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const readers = new Map<string, Layer[]>(graph.layers.map((layer) => [layer.name, []]));
  for (const layer of graph.layers) for (const name of layer.inputs) readers.get(name)!.push(layer);

  const sources = new Map<string, string>();
  const activations = new Map<string, Fused>();
  for (const layer of graph.layers) {
    const own: Fused = 'activation' in layer && layer.activation !== 'softmax' ? layer.activation : 'linear';
    const input = layer.inputs[0] as string | undefined;
    const source = input === undefined ? layer.name : sources.get(input)!;
    const idle = layer.type === 'flatten' || (layer.type === 'dropout' && (!trains || layer.rate === 0));
    const passing = layer.type === 'activation' && own === 'linear' && (layer.activation !== 'softmax' || activations.get(source) === 'linear');
    const fused =
      fuses && layer.type === 'activation' && layer.activation !== 'softmax' && activations.get(source) === 'linear' &&
      source === input && readers.get(input)!.length === 1 && KERNELS_WITH_ACTIVATION.has(byName.get(source)!.type);
    if (idle || passing || fused) {
      sources.set(layer.name, source);
      if (fused) activations.set(source, own);
    } else {
      sources.set(layer.name, layer.name);
      activations.set(layer.name, own);
    }
  }

  const homes = new Map<string, { concat: string; first: number }>();
  for (const layer of graph.layers) {
    if (layer.type !== 'concat') continue;
    const makers = layer.inputs.map((name) => sources.get(name)!);
    const shared = activations.get(makers[0])!;
    const direct = layer.inputs.every((name, index) => {
      const maker = makers[index];
      const onlyHere = readers.get(name)!.length === 1 && chain(name, maker).every((link) => readers.get(link)!.length === 1);
      const reshaped = chain(name, maker).some((link) => byName.get(link)!.type === 'flatten') || byName.get(name)!.type === 'flatten';
      return onlyHere && !reshaped && byName.get(maker)!.type !== 'input' && activations.get(maker) === shared;
    });
    if (!direct || new Set(makers).size !== makers.length) continue;
    activations.set(layer.name, shared);
    let first = 0;
    for (const [index, maker] of makers.entries()) {
      homes.set(maker, { concat: layer.name, first });
      first += layouts.get(layer.inputs[index])!.quads;
    }
  }
  /** The names from a layer's input back to the maker of its output. */
  function chain(name: string, maker: string): string[] {
    const links: string[] = [];
    for (let at = name; at !== maker; at = byName.get(at)!.inputs[0]) links.push(byName.get(at)!.inputs[0]);
    return links;
  }

  return {
    graph,
    shapes,
    layouts,
    source: (name) => sources.get(name)!,
    activation: (name) => activations.get(sources.get(name)!)!,
    home: (name) => homes.get(name) ?? null,
    logits: sources.get(graph.layers.at(-1)!.name)!,
  };
}

/** Names of the layers whose output depends on a weight that learns: those that a gradient must reach. */
export function learningLayers(graph: LayerGraph): ReadonlySet<string> {
  const learning = new Set<string>();
  for (const layer of graph.layers) {
    const learns = (KERNELS_WITH_ACTIVATION.has(layer.type)) && layer.trainable !== false;
    if (learns || layer.inputs.some((name) => learning.has(name))) learning.add(layer.name);
  }
  return learning;
}
