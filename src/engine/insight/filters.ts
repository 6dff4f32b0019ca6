import type { Layer, LayerGraph, Weight } from '../graph/types.js';
import { WinnowError } from '../support/errors.js';
import type { MapSheet } from './feature-maps.js';

/** A layer's filters in one picture, as in a sheet of maps: filter i is the tile at column i mod columns. */
export interface FilterSheet extends MapSheet {
  /** Input channels; of three they are painted together as red, green and blue where no one channel is asked for. */
  readonly channels: number;
  /** The input channel that is painted; null for all three as colours. */
  readonly channel: number | null;
  /** Euclidean norm of each filter, over all of its channels. */
  readonly norms: readonly number[];
}

/** The layers whose filters can be painted. */
export function hasKernel({ type }: Layer): boolean {
  return type === 'conv2d' || type === 'depthwiseConv2d';
}

/**
 * Paints a convolution's kernels: middle grey is 0, lighter is above, darker below, each filter on its own scale. Of three input
 * channels the colours are the channels; of others one channel at a time is shown.
 * @param channel an input channel; null for the colours where there are three, for the first otherwise. A depthwise layer has one a filter.
 * @throws 'call-invalid' where the layer has no kernel, or no such channel.
 */
export function paintFilters(graph: LayerGraph, weights: readonly Weight[], name: string, channel: number | null): FilterSheet {
  const layer = graph.layers.find((each) => each.name === name);
  const kernel = weights.find((weight) => weight.name === `${name}/kernel`);
  if (!layer || !hasKernel(layer) || !kernel) throw new WinnowError('call-invalid', { why: `${name} has no kernels` });
  // A depthwise kernel is [height, width, channels, 1]: a filter a channel, each of one input.
  const [side, across, channels, filters] = layer.type === 'depthwiseConv2d' ? [kernel.shape[0], kernel.shape[1], 1, kernel.shape[2]] : kernel.shape;
  if (channel !== null && !(Number.isInteger(channel) && channel >= 0 && channel < channels)) throw new WinnowError('call-invalid', { why: `${name} has no input channel ${channel}` });
  const coloured = channel === null && channels === 3;
  const shown = coloured ? [0, 1, 2] : [channel ?? 0, channel ?? 0, channel ?? 0];
  const columns = Math.ceil(Math.sqrt(filters));
  const width = columns * across;
  const height = Math.ceil(filters / columns) * side;
  const rgba = new Uint8ClampedArray(width * height * 4);
  const norms: number[] = [];
  const value = (filter: number, y: number, x: number, of: number): number => kernel.data[((y * across + x) * channels + of) * filters + filter];
  for (let filter = 0; filter < filters; filter++) {
    let squares = 0;
    let most = 0;
    for (let y = 0; y < side; y++) for (let x = 0; x < across; x++) for (let of = 0; of < channels; of++) {
      squares += value(filter, y, x, of) ** 2;
      if (coloured || of === shown[0]) most = Math.max(most, Math.abs(value(filter, y, x, of)));
    }
    norms.push(Math.sqrt(squares));
    for (let y = 0; y < side; y++) for (let x = 0; x < across; x++) {
      const at = ((Math.floor(filter / columns) * side + y) * width + (filter % columns) * across + x) * 4;
      const grey = shown.map((of) => 127.5 * (1 + (most === 0 ? 0 : value(filter, y, x, of) / most)));
      rgba.set([...grey, 255], at);
    }
  }
  return { rgba, width, height, columns, tile: side, channels, channel: coloured ? null : (channel ?? 0), norms };
}
