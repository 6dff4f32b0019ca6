import { elements, windowPadding } from '../graph/shapes.js';
import type { Activation, BatchNormLayer, Conv2DLayer, DepthwiseConv2DLayer, Layer, PoolLayer, Shape } from '../graph/types.js';

/** Row-major, [height, width, channels] or flat. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Called now and then in a long computation; where it gives a promise, that is awaited. */
type Breathe = () => Promise<void> | undefined;

/** Output of one layer in inference mode, Keras's semantics. @param weights in the order of its specs. */
export async function runLayer(layer: Exclude<Layer, { type: 'input' }>, inputs: readonly Tensor[], shape: Shape, weights: readonly Float32Array[], breathe: Breathe): Promise<Float32Array> {
  const [input] = inputs;
  switch (layer.type) {
    case 'conv2d':
      return activate(await convolve(layer, input, shape, weights, breathe), layer.activation, shape.at(-1)!);
    case 'depthwiseConv2d':
      return activate(await convolveDepthwise(layer, input, shape, weights, breathe), layer.activation, shape.at(-1)!);
    case 'dense':
      return activate(await multiply(input.data, layer.units, weights, breathe), layer.activation, layer.units);
    case 'maxPool2d':
    case 'avgPool2d':
      return pool(layer, input, shape, breathe);
    case 'globalAvgPool2d':
      return average(input);
    case 'batchNorm':
      return normalise(layer, input, weights);
    case 'activation':
      return activate(input.data.slice(), layer.activation, shape.at(-1)!);
    case 'concat':
      return concatenate(inputs, shape);
    case 'dropout':
    case 'flatten':
      return input.data;
  }
}

/** In place. @param channels of a row, for softmax. */
function activate(data: Float32Array, activation: Activation, channels: number): Float32Array {
  switch (activation) {
    case 'linear':
      return data;
    case 'relu':
      for (let i = 0; i < data.length; i++) if (data[i] < 0) data[i] = 0;
      return data;
    case 'relu6':
      for (let i = 0; i < data.length; i++) data[i] = Math.min(6, Math.max(0, data[i]));
      return data;
    case 'softmax':
      for (let row = 0; row < data.length; row += channels) {
        const logits = data.subarray(row, row + channels);
        const highest = logits.reduce((a, b) => Math.max(a, b));
        const exponentials = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
        const sum = exponentials.reduce((a, b) => a + b);
        for (let i = 0; i < channels; i++) logits[i] = exponentials[i] / sum;
      }
      return data;
  }
}

/** What is done in each window: before its first tap, for each tap that falls on the input, and after the last. */
interface InWindow {
  begin(): void;
  /** @param pixel of the input, @param tap of the window. */
  tap(pixel: number, tap: number): void;
  /** @param pixel of the output, @param taps how many there were. */
  end(pixel: number, taps: number): void;
}

/** A square window over every pixel of the output, row by row. */
async function slide(size: number, { stride, padding }: Pick<PoolLayer, 'stride' | 'padding'>, [height, width]: Shape, [rows, columns]: Shape, breathe: Breathe, { begin, tap, end }: InWindow): Promise<void> {
  const top = windowPadding(height, size, stride, padding).before;
  const left = windowPadding(width, size, stride, padding).before;
  for (let y = 0; y < rows; y++) {
    await breathe();
    const vertical = window(y, stride, top, size, height);
    for (let x = 0; x < columns; x++) {
      const horizontal = window(x, stride, left, size, width);
      begin();
      for (let ky = vertical.from; ky < vertical.to; ky++) {
        for (let kx = horizontal.from; kx < horizontal.to; kx++) tap((vertical.start + ky) * width + horizontal.start + kx, ky * size + kx);
      }
      end(y * columns + x, (vertical.to - vertical.from) * (horizontal.to - horizontal.from));
    }
  }
}

/** Where a window begins, and which of its taps fall on the input. */
function window(at: number, stride: number, before: number, size: number, side: number): { start: number; from: number; to: number } {
  const start = at * stride - before;
  return { start, from: Math.max(0, -start), to: Math.min(size, side - start) };
}

async function convolve(layer: Conv2DLayer, { shape, data }: Tensor, outShape: Shape, [taps, bias]: readonly Float32Array[], breathe: Breathe): Promise<Float32Array> {
  const channels = shape.at(-1)!;
  const filters = outShape.at(-1)!;
  const out = new Float32Array(elements(outShape));
  const first = bias ?? new Float32Array(filters);
  const sums = new Float64Array(filters);
  await slide(layer.kernel, layer, shape, outShape, breathe, {
    begin: () => sums.set(first),
    tap: (pixel, tap) => accumulate(sums, data, pixel * channels, channels, taps, tap * channels * filters, filters),
    end: (pixel) => out.set(sums, pixel * filters),
  });
  return out;
}

/** sums[f] += data[from + c] * weights[at + c * filters + f]. A rectified input is half zeros, which cost nothing. */
function accumulate(sums: Float64Array, data: Float32Array, from: number, channels: number, weights: Float32Array, at: number, filters: number): void {
  for (let c = 0; c < channels; c++) {
    const value = data[from + c];
    if (value === 0) continue;
    const row = at + c * filters;
    for (let f = 0; f < filters; f++) sums[f] += value * weights[row + f];
  }
}

async function convolveDepthwise(layer: DepthwiseConv2DLayer, { shape, data }: Tensor, outShape: Shape, [taps, bias]: readonly Float32Array[], breathe: Breathe): Promise<Float32Array> {
  const channels = shape.at(-1)!;
  const out = new Float32Array(elements(outShape));
  const first = bias ?? new Float32Array(channels);
  const sums = new Float64Array(channels);
  await slide(layer.kernel, layer, shape, outShape, breathe, {
    begin: () => sums.set(first),
    tap: (pixel, tap) => {
      for (let c = 0; c < channels; c++) sums[c] += data[pixel * channels + c] * taps[tap * channels + c];
    },
    end: (pixel) => out.set(sums, pixel * channels),
  });
  return out;
}

async function multiply(data: Float32Array, units: number, [kernel, bias]: readonly Float32Array[], breathe: Breathe): Promise<Float32Array> {
  const sums = new Float64Array(units);
  if (bias) sums.set(bias);
  const stretch = Math.max(1, Math.floor(2 ** 20 / units));
  for (let first = 0; first < data.length; first += stretch) {
    await breathe();
    accumulate(sums, data, first, Math.min(stretch, data.length - first), kernel, first * units, units);
  }
  return Float32Array.from(sums);
}

/** The average is over the window's pixels on the input: padding counts neither above nor below the line. */
async function pool(layer: PoolLayer, { shape, data }: Tensor, outShape: Shape, breathe: Breathe): Promise<Float32Array> {
  const channels = shape.at(-1)!;
  const out = new Float32Array(elements(outShape));
  const values = new Float64Array(channels);
  const takesMost = layer.type === 'maxPool2d';
  await slide(layer.pool, layer, shape, outShape, breathe, {
    begin: () => values.fill(takesMost ? -Infinity : 0),
    tap: (pixel) => {
      const from = pixel * channels;
      if (takesMost) for (let c = 0; c < channels; c++) values[c] = Math.max(values[c], data[from + c]);
      else for (let c = 0; c < channels; c++) values[c] += data[from + c];
    },
    end: (pixel, taps) => {
      const count = takesMost ? 1 : taps;
      for (let c = 0; c < channels; c++) out[pixel * channels + c] = values[c] / count;
    },
  });
  return out;
}

function average({ shape: [height, width, channels], data }: Tensor): Float32Array {
  const sums = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) sums[i % channels] += data[i];
  return Float32Array.from(sums, (sum) => sum / (height * width));
}

function normalise({ epsilon }: BatchNormLayer, { shape, data }: Tensor, [gamma, beta, mean, variance]: readonly Float32Array[]): Float32Array {
  const channels = shape.at(-1)!;
  const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + epsilon));
  return data.map((value, i) => (value - mean[i % channels]) * scale[i % channels] + beta[i % channels]);
}

function concatenate(inputs: readonly Tensor[], shape: Shape): Float32Array {
  const channels = shape.at(-1)!;
  const pixels = shape.slice(0, -1).reduce((product, side) => product * side, 1);
  const out = new Float32Array(pixels * channels);
  let before = 0;
  for (const { shape: own, data } of inputs) {
    const width = own.at(-1)!;
    for (let pixel = 0; pixel < pixels; pixel++) out.set(data.subarray(pixel * width, (pixel + 1) * width), pixel * channels + before);
    before += width;
  }
  return out;
}
