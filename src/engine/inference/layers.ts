import { windowPadding } from '../graph/shapes.js';
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
      return pool(layer, input, shape);
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

/** Where a window begins, and which of its taps fall on the input. */
function window(at: number, stride: number, before: number, size: number, side: number): { start: number; from: number; to: number } {
  const start = at * stride - before;
  return { start, from: Math.max(0, -start), to: Math.min(size, side - start) };
}

async function convolve({ kernel, stride, padding, useBias }: Conv2DLayer, { shape: [height, width, channels], data }: Tensor, [rows, columns, filters]: Shape, weights: readonly Float32Array[], breathe: Breathe): Promise<Float32Array> {
  const [taps, bias] = weights;
  const top = windowPadding(height, kernel, stride, padding).before;
  const left = windowPadding(width, kernel, stride, padding).before;
  const out = new Float32Array(rows * columns * filters);
  const sums = new Float64Array(filters);
  for (let y = 0; y < rows; y++) {
    await breathe();
    const vertical = window(y, stride, top, kernel, height);
    for (let x = 0; x < columns; x++) {
      const horizontal = window(x, stride, left, kernel, width);
      if (useBias) sums.set(bias);
      else sums.fill(0);
      for (let ky = vertical.from; ky < vertical.to; ky++) {
        for (let kx = horizontal.from; kx < horizontal.to; kx++) {
          const pixel = ((vertical.start + ky) * width + horizontal.start + kx) * channels;
          accumulate(sums, data, pixel, channels, taps, (ky * kernel + kx) * channels * filters, filters);
        }
      }
      out.set(sums, (y * columns + x) * filters);
    }
  }
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

async function convolveDepthwise({ kernel, stride, padding, useBias }: DepthwiseConv2DLayer, { shape: [height, width, channels], data }: Tensor, [rows, columns]: Shape, weights: readonly Float32Array[], breathe: Breathe): Promise<Float32Array> {
  const [taps, bias] = weights;
  const top = windowPadding(height, kernel, stride, padding).before;
  const left = windowPadding(width, kernel, stride, padding).before;
  const out = new Float32Array(rows * columns * channels);
  const sums = new Float64Array(channels);
  for (let y = 0; y < rows; y++) {
    await breathe();
    const vertical = window(y, stride, top, kernel, height);
    for (let x = 0; x < columns; x++) {
      const horizontal = window(x, stride, left, kernel, width);
      if (useBias) sums.set(bias);
      else sums.fill(0);
      for (let ky = vertical.from; ky < vertical.to; ky++) {
        for (let kx = horizontal.from; kx < horizontal.to; kx++) {
          const pixel = ((vertical.start + ky) * width + horizontal.start + kx) * channels;
          const tap = (ky * kernel + kx) * channels;
          for (let c = 0; c < channels; c++) sums[c] += data[pixel + c] * taps[tap + c];
        }
      }
      out.set(sums, (y * columns + x) * channels);
    }
  }
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
function pool({ type, pool: size, stride, padding }: PoolLayer, { shape: [height, width, channels], data }: Tensor, [rows, columns]: Shape): Float32Array {
  const top = windowPadding(height, size, stride, padding).before;
  const left = windowPadding(width, size, stride, padding).before;
  const out = new Float32Array(rows * columns * channels);
  const values = new Float64Array(channels);
  const takesMost = type === 'maxPool2d';
  for (let y = 0; y < rows; y++) {
    const vertical = window(y, stride, top, size, height);
    for (let x = 0; x < columns; x++) {
      const horizontal = window(x, stride, left, size, width);
      values.fill(takesMost ? -Infinity : 0);
      for (let ky = vertical.from; ky < vertical.to; ky++) {
        for (let kx = horizontal.from; kx < horizontal.to; kx++) {
          const pixel = ((vertical.start + ky) * width + horizontal.start + kx) * channels;
          if (takesMost) for (let c = 0; c < channels; c++) values[c] = Math.max(values[c], data[pixel + c]);
          else for (let c = 0; c < channels; c++) values[c] += data[pixel + c];
        }
      }
      const count = takesMost ? 1 : (vertical.to - vertical.from) * (horizontal.to - horizontal.from);
      const at = (y * columns + x) * channels;
      for (let c = 0; c < channels; c++) out[at + c] = values[c] / count;
    }
  }
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
