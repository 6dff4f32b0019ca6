import { filterLayers, hasFilters } from '../graph/filter-layers.js';
import { followers } from '../graph/followers.js';
import { inferShapes, windowPadding } from '../graph/shapes.js';
import type { Activation, Layer, LayerGraph, Shape } from '../graph/types.js';

/** What has to be added to what is left, so that it does not miss what was removed. All arrays are as wide as before pruning. */
export interface Folded {
  /** By layer: to its bias, before its activation. */
  readonly bias: ReadonlyMap<string, Float64Array>;
  /** By batch norm: to its moving mean. */
  readonly mean: ReadonlyMap<string, Float64Array>;
}

/**
 * A removed filter's map is taken for zero, but what hangs on it need not be: batch norm and biases of a depthwise
 * convolution make a constant of zero (in MobileNet, say). Whatever reads a constant can have it in its bias, exactly;
 * only a window that reaches over the border sees zeros among it, and takes all of it for zero.
 * @param weight values by name. @param kept see {@link keptChannels}.
 */
export function foldRemoved(graph: LayerGraph, weight: (name: string) => Float32Array, kept: ReadonlyMap<string, Int32Array>): Folded {
  const shapes = inferShapes(graph);
  const bias = new Map<string, Float64Array>();
  const mean = new Map<string, Float64Array>();
  /** Where a removed filter is judged, and on the way there, it is zero. */
  const zero = new Set(filterLayers(graph).flatMap(({ name }) => [name, ...followers(graph, name).map((layer) => layer.name)]));
  /** Value of each removed channel; null where all are zero. */
  const constants = new Map<string, Float64Array | null>();

  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((name) => constants.get(name)!);
    const [input] = inputs;
    const shape = layer.inputs.length === 0 ? graph.input : shapes.get(layer.inputs[0])!;
    const width = shapes.get(layer.name)!.at(-1)!;
    constants.set(layer.name, null);
    if (hasFilters(layer)) {
      if (input === null || padded(layer, shape)) continue;
      const sums = throughKernel(input, weight(`${layer.name}/kernel`), width);
      const norm = !layer.useBias && layer.activation === 'linear' ? followers(graph, layer.name).at(0) : undefined;
      if (norm?.type === 'batchNorm') mean.set(norm.name, sums.map((sum) => -sum));
      else bias.set(layer.name, sums);
    } else if (!zero.has(layer.name) && kept.get(layer.name)!.length < width) {
      const removed = new Uint8Array(width).fill(1);
      for (const index of kept.get(layer.name)!) removed[index] = 0;
      const value = valueOf(layer, inputs, layer.inputs.map((name) => shapes.get(name)!), weight);
      const values = Float64Array.from(removed, (gone, channel) => (gone === 1 ? value(channel) : 0));
      if (values.some((one) => one !== 0)) constants.set(layer.name, values);
    }
  }
  return { bias, mean };
}

/** Constant by channel of a layer's output, from those of its inputs. */
function valueOf(layer: Layer, inputs: readonly (Float64Array | null)[], shapes: readonly Shape[], weight: (name: string) => Float32Array): (channel: number) => number {
  const before = (channel: number): number => inputs[0]?.[channel] ?? 0;
  const values = (name: string): Float32Array => weight(`${layer.name}/${name}`);
  switch (layer.type) {
    case 'depthwiseConv2d': {
      const sums = inputs[0] === null || padded(layer, shapes[0]) ? null : channelSums(values('kernel'), inputs[0].length);
      const bias = layer.useBias ? values('bias') : null;
      return (channel) => activate(layer.activation, (sums?.[channel] ?? 0) * before(channel) + (bias?.[channel] ?? 0));
    }
    case 'batchNorm': {
      const [gamma, beta, moving, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map(values);
      return (channel) => ((before(channel) - moving[channel]) * gamma[channel]) / Math.sqrt(variance[channel] + layer.epsilon) + beta[channel];
    }
    case 'activation':
      return (channel) => activate(layer.activation, before(channel));
    case 'concat': {
      const all = inputs.flatMap((input, index) => Array.from({ length: shapes[index].at(-1)! }, (_, channel) => input?.[channel] ?? 0));
      return (channel) => all[channel];
    }
    case 'flatten': {
      const channels = shapes[0].at(-1)!;
      return (index) => before(index % channels);
    }
    default:
      return before;
  }
}

/** [.., channels, filters] summed over all but filters, each channel times its value. */
function throughKernel(input: Float64Array, kernel: Float32Array, filters: number): Float64Array {
  const sums = new Float64Array(filters);
  for (let row = 0; row < kernel.length / filters; row++) {
    const value = input[row % input.length];
    if (value !== 0) for (let filter = 0; filter < filters; filter++) sums[filter] += value * kernel[row * filters + filter];
  }
  return sums;
}

function channelSums(kernel: Float32Array, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  for (let i = 0; i < kernel.length; i++) sums[i % channels] += kernel[i];
  return sums;
}

/** Whether windows reach over the border. */
function padded(layer: Layer, input: Shape): boolean {
  if (layer.type !== 'conv2d' && layer.type !== 'depthwiseConv2d') return false;
  return input.slice(0, 2).some((side) => {
    const { before, after } = windowPadding(side, layer.kernel, layer.stride, layer.padding);
    return before + after > 0;
  });
}

function activate(activation: Activation, value: number): number {
  switch (activation) {
    case 'relu':
      return Math.max(0, value);
    case 'relu6':
      return Math.min(6, Math.max(0, value));
    case 'linear':
      return value;
    case 'softmax':
      throw new RangeError('A channel that a softmax reads cannot be removed.');
  }
}
