import * as tf from '@tensorflow/tfjs';
import { windowPadding } from '../../graph/shapes.js';
import type { Activation, Padding } from '../../graph/types.js';
import { fixedOrder, sumGroups, sumRows } from './reductions.js';

/** Activations that a kernel of tfjs can take in; softmax comes after as a layer of its own. */
type FusedActivation = Exclude<Activation, 'softmax'>;

/** The linear half of a layer: forward with bias and activation in the same kernel, and its two gradients. */
interface Linear {
  forward(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | null, activation: FusedActivation): tf.Tensor;
  toInput(dy: tf.Tensor, x: tf.Tensor, kernel: tf.Tensor): tf.Tensor;
  toKernel(dy: tf.Tensor, x: tf.Tensor, kernel: tf.Tensor): tf.Tensor;
}

export type AffineGradients = 'both' | 'weights' | 'input';

/** A kernel of tfjs by name. Its public fused operations unfuse the activation while a gradient is recorded. */
function run(kernel: string, inputs: Record<string, tf.Tensor | null>, attributes: Record<string, string | boolean | number[]>): tf.Tensor {
  const present = Object.fromEntries(Object.entries(inputs).filter((entry): entry is [string, tf.Tensor] => entry[1] !== null));
  return tf.engine().runKernel(kernel, present, attributes);
}

/** [k, k, channels, filters] over [n, h, w, channels]. */
export function conv2d(stride: number, padding: Padding): Linear {
  const attributes = { strides: [stride, stride], pad: padding, dataFormat: 'NHWC', dilations: [1, 1] };
  return {
    forward: (x, filter, bias, activation) => run('FusedConv2D', { x, filter, bias }, { ...attributes, activation }),
    toInput: (dy, x, filter) => run('Conv2DBackpropInput', { dy, filter }, { ...attributes, inputShape: x.shape }),
    toKernel: (dy, x, filter) =>
      tf.getBackend() === 'webgpu' ? filterGradient(dy, x, filter.shape, stride, padding) : run('Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape: filter.shape }),
  };
}

/** [k, k, channels, 1] over [n, h, w, channels]. */
export function depthwiseConv2d(stride: number, padding: Padding): Linear {
  const attributes = { strides: [stride, stride], pad: padding, dataFormat: 'NHWC', dilations: [1, 1] };
  return {
    forward: (x, filter, bias, activation) => run('FusedDepthwiseConv2D', { x, filter, bias }, { ...attributes, activation }),
    toInput: (dy, x, filter) => run('DepthwiseConv2dNativeBackpropInput', { dy, filter }, { ...attributes, inputShape: x.shape }),
    toKernel: (dy, x, filter) => run('DepthwiseConv2dNativeBackpropFilter', { x, dy }, { ...attributes, filterShape: filter.shape }),
  };
}

/** [inputs, units] over [n, inputs]. */
export const dense: Linear = {
  forward: (a, b, bias, activation) => fixedOrder(a.shape[1]!, () => run('_FusedMatMul', { a, b, bias }, { transposeA: false, transposeB: false, activation })),
  toInput: (dy, _, kernel) => fixedOrder(dy.shape[1]!, () => tf.matMul(dy, kernel, false, true)),
  toKernel: (dy, x) => fixedOrder(dy.shape[0], () => tf.matMul(x, dy, true, false)),
};

/**
 * activation(linear(x, kernel) + bias), differentiable, keeping no more than its input and its output.
 * @param gradients which ones anybody will ask for: 'weights' where nothing before this layer learns, 'input' where no weight does.
 */
export function affine(linear: Linear, x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | null, activation: FusedActivation, gradients: AffineGradients): tf.Tensor {
  const inputGradient = gradients !== 'weights';
  const weightGradients = gradients !== 'input';
  return differentiable(
    [...(inputGradient ? [x] : []), ...(weightGradients ? [kernel, ...(bias === null ? [] : [bias])] : [])],
    () => {
      const value = linear.forward(x, kernel, bias, activation);
      return { value, keep: activation === 'linear' ? [x, kernel] : [x, kernel, value] };
    },
    (dyActivated, [input, weights, output]) => {
      const dy = activation === 'linear' ? dyActivated : tf.mul(dyActivated, activation === 'relu' ? tf.step(output) : tf.mul(tf.step(output), tf.cast(tf.less(output, 6), 'float32')));
      return [
        ...(inputGradient ? [linear.toInput(dy, input, weights)] : []),
        ...(weightGradients ? [linear.toKernel(dy, input, weights), ...(bias === null ? [] : [sumRows(dy)])] : []),
      ];
    },
  );
}

/**
 * tfjs's own filter gradient on webgpu takes one scalar thread a weight. Here each tap of the window is a product of
 * matrices: the input under that tap [channels, pixels] by dy [pixels, filters]; of few channels, one product of all
 * taps. Images are cut in parts where there is too little work to go round, and the parts' products summed after.
 */
function filterGradient(dy: tf.Tensor, x: tf.Tensor, [kernel, , channels, filters]: number[], stride: number, padding: Padding): tf.Tensor {
  const [images, height, width] = x.shape;
  const [, rows, columns] = dy.shape;
  const vertical = windowPadding(height, kernel, stride, padding);
  const horizontal = windowPadding(width, kernel, stride, padding);
  const padded = kernel === 1 ? x : tf.pad(x, [[0, 0], [vertical.before, vertical.after], [horizontal.before, horizontal.after], [0, 0]]);
  const under = (row: number, column: number): tf.Tensor =>
    stride === 1
      ? tf.slice(padded, [0, row, column, 0], [images, rows, columns, channels])
      : tf.stridedSlice(padded, [0, row, column, 0], [images, row + (rows - 1) * stride + 1, column + (columns - 1) * stride + 1, channels], [1, stride, stride, 1]);
  const taps = Array.from({ length: kernel * kernel }, (_, tap) => [Math.floor(tap / kernel), tap % kernel] as const);
  const together = channels < 16;
  const inputs = together ? channels * taps.length : channels;
  const parts = partsFor(images, Math.ceil(inputs / 32) * Math.ceil(filters / 32));
  const pixels = (images / parts) * rows * columns;
  const product = (source: tf.Tensor): tf.Tensor =>
    fixedOrder(parts === 1 ? pixels : 0, () => tf.matMul(tf.reshape(source, [parts, pixels, inputs]), tf.reshape(dy, [parts, pixels, filters]), true, false));
  const products = together
    ? [product(tf.concat(taps.map(([row, column]) => under(row, column)), 3))]
    : taps.map(([row, column]) => tf.tidy(() => product(under(row, column))));
  const table = tf.reshape(products.length === 1 ? products[0] : tf.concat(products), [products.length * parts, inputs * filters]);
  return tf.reshape(sumGroups(table, products.length), [kernel, kernel, channels, filters]);
}

/** The least divisor of `images` that makes at least 16 tiles of work. */
function partsFor(images: number, tiles: number): number {
  for (let parts = 1; parts < images; parts++) if (images % parts === 0 && parts * tiles >= 16) return parts;
  return images;
}

/**
 * Batch norm with the batch's own statistics over all axes but the last (Ioffe and Szegedy 2015), as Keras 3 trains it:
 * the biased variance, also for the moving statistics.
 * @returns y, and the batch's mean and variance [channels], which carry no gradient and are kept from tidy.
 */
export function batchNormTraining(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): { y: tf.Tensor; mean: tf.Tensor; variance: tf.Tensor } {
  const count = x.size / x.shape[x.rank - 1];
  const statistics: tf.Tensor[] = [];
  const y = differentiable(
    [x, gamma, beta],
    () => {
      const mean = tf.div(sumRows(x), count);
      const variance = tf.div(sumRows(tf.squaredDifference(x, mean)), count);
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      statistics.push(tf.keep(mean), tf.keep(variance));
      return { value: tf.add(tf.mul(tf.mul(tf.sub(x, mean), inverse), gamma), beta), keep: [x, gamma, mean, inverse] };
    },
    (dy, [input, scale, mean, inverse]) => {
      // Computed again rather than kept: an activation's memory for one more pass.
      const unit = tf.mul(tf.sub(input, mean), inverse);
      const toBeta = sumRows(dy);
      const toGamma = sumRows(tf.mul(dy, unit));
      const centred = tf.sub(dy, tf.div(tf.add(toBeta, tf.mul(unit, toGamma)), count));
      return [tf.mul(centred, tf.mul(scale, inverse)), toGamma, toBeta];
    },
  );
  return { y, mean: statistics[0], variance: statistics[1] };
}

/** The same by given statistics. */
export function batchNormInference(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor, epsilon: number): tf.Tensor {
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale)));
}

/**
 * Softmax and categorical cross-entropy in one: the sum over images of weight times -sum(target * log softmax(logits)), in nats.
 * @param targets [n, classes], each row sums to 1. @param weights [n, 1]. Both must outlive the way back.
 */
export function crossEntropySum(logits: tf.Tensor, targets: tf.Tensor2D, weights: tf.Tensor2D): tf.Scalar {
  return differentiable(
    [logits],
    () => {
      const logProbabilities = tf.logSoftmax(logits);
      return { value: tf.neg(tf.sum(tf.mul(tf.mul(targets, logProbabilities), weights))), keep: [logProbabilities] };
    },
    (dy, [logProbabilities]) => [tf.mul(tf.mul(tf.sub(tf.exp(logProbabilities), targets), weights), dy)],
  ) as tf.Scalar;
}

/** tf.customGrad with `keep`: tfjs frees what the forward pass made before it goes back, except what is saved. */
function differentiable(
  inputs: readonly tf.Tensor[],
  forward: () => { readonly value: tf.Tensor; readonly keep: tf.Tensor[] },
  backward: (dy: tf.Tensor, kept: tf.Tensor[]) => tf.Tensor[],
): tf.Tensor {
  const op = tf.customGrad((...inputsAndSave) => {
    const save = inputsAndSave[inputs.length] as tf.GradSaveFunc;
    const { value, keep } = forward();
    save(keep);
    return { value, gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => tf.tidy(() => backward(dy, kept)) };
  });
  return op(...inputs);
}

/**
 * Mean over the part of each window that lies in the image, as Keras has it. tfjs's avgPool gives the same, but its
 * gradient divides by the whole window there too; so the frame of zeros is laid by hand, and its share divided out.
 */
export function averagePool(x: tf.Tensor4D, pool: number, stride: number, padding: Padding): tf.Tensor {
  if (padding === 'valid') return tf.avgPool(x, pool, stride, 'valid');
  const [, height, width] = x.shape;
  const vertical = windowPadding(height, pool, stride, padding);
  const horizontal = windowPadding(width, pool, stride, padding);
  const framed = (image: tf.Tensor4D): tf.Tensor => tf.avgPool(tf.pad(image, [[0, 0], [vertical.before, vertical.after], [horizontal.before, horizontal.after], [0, 0]]), pool, stride, 'valid');
  return tf.div(framed(x), framed(tf.ones([1, height, width, 1])));
}
