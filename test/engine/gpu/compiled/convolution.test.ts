import * as tf from '@tensorflow/tfjs';
import { windowOutput, windowPadding } from '../../../../src/engine/graph/shapes.js';
import { convolutionForward, convolutionInputGradient, type Convolution } from '../../../../src/engine/gpu/compiled/kernels/convolution.js';
import { depthwiseFilterGradient, depthwiseForward, depthwiseInputGradient } from '../../../../src/engine/gpu/compiled/kernels/depthwise.js';
import { activated, partial, toGradient } from '../../../../src/engine/gpu/compiled/kernels/epilogue.js';
import { filterGradient } from '../../../../src/engine/gpu/compiled/kernels/filter-gradient.js';
import { guard } from '../../../../src/engine/gpu/compiled/kernels/guard.js';
import { shallowFilterGradient, shallowForward, shallowForwardTime } from '../../../../src/engine/gpu/compiled/kernels/shallow.js';
import { sumProduct, sumWeights } from '../../../../src/engine/gpu/compiled/kernels/sum-splits.js';
import { STEP_BYTES, whole, type Kernel, type Memory } from '../../../../src/engine/gpu/compiled/kernel.js';
import { FILTER_TILES, PRODUCT_TILES, tileName } from '../../../../src/engine/gpu/compiled/tiles.js';
import { SWIFTSHADER } from '../../../../src/engine/gpu/compiled/tuning.js';
import { pixelsOf, plainChannels, viewOf, type View } from '../../../../src/engine/gpu/compiled/views.js';
import { expectClose, testRandom, uniforms } from '../../../support/close.js';
import { memory, onShapes, packRows, packView, pick, randomView, randomWindow, requestGpu, run, SHAPES, unpackRows } from './harness.js';

const CLOSE = 1e-4;

describe('convolution kernels, against tfjs on the cpu', () => {
  const random = testRandom('convolution kernels');
  let gpu: GPUDevice;
  before(async () => {
    await tf.setBackend('cpu');
    gpu = await requestGpu();
  });
  after(() => gpu.destroy());

  const tiles = <T extends { broadcast: boolean }>(all: readonly T[]) => all.filter((tile) => !tile.broadcast || gpu.features.has('subgroups'));
  const step = memory('step', STEP_BYTES / 4);
  const bad = guard(whole(step), whole(memory('flags', 1)));

  /** Random tensors of a random layer, and how they lie in memory. */
  function layer(kind: 'conv2d' | 'depthwise' | 'dense' | 'shallow') {
    const shape = randomWindow(random);
    if (kind === 'shallow') Object.assign(shape, shallowWindow(shape));
    if (kind === 'dense') Object.assign(shape, { height: 1, width: 1, window: 1, stride: 1, images: 1 + random.below(20) });
    if (kind === 'depthwise') shape.filters = shape.channels;
    const { images, height, width, channels, filters, window, stride, padding } = shape;
    const sides = [windowOutput(height, window, stride, padding), windowOutput(width, window, stride, padding)] as const;
    const input = randomView(random, 'input', images, [height, width], channels);
    const output = randomView(random, 'output', images, sides, filters);
    const x = uniforms(random, images * height * width * channels);
    const dy = uniforms(random, pixelsOf(output) * filters);
    const kernelRows = window * window * (kind === 'depthwise' ? 1 : channels);
    const kernel = uniforms(random, kernelRows * filters);
    const bias = uniforms(random, filters);
    const group = kind === 'depthwise' ? 1 : channels;
    const packedKernel = kind === 'depthwise' ? packTaps(kernel, filters) : packRows(kernel, filters, group);
    const packedBias = packRows(bias, filters, 1).subarray(0, Math.ceil(filters / 4) * 4);
    const packed = new Float32Array(packedKernel.length + packedBias.length);
    packed.set(packedKernel);
    packed.set(packedBias, packedKernel.length);
    const weights = memory('weights', packed.length);
    const before = (side: number) => windowPadding(side, window, stride, padding).before;
    const conv: Convolution = { name: kind, input, output, kernel: window, stride, top: before(height), left: before(width), weights: whole(weights) };
    const tensors = {
      x: () => tf.tensor4d(x, [images, height, width, channels]),
      dy: () => tf.tensor4d(dy, [images, ...sides, filters]),
      kernel: () => tf.tensor4d(kernel, kind === 'depthwise' ? [window, window, channels, 1] : [window, window, channels, filters]),
      bias: () => tf.tensor1d(bias),
    };
    const linear = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
      kind === 'depthwise' ? tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, padding) : tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, padding);
    const contents = new Map<Memory, Float32Array<ArrayBuffer>>([[input.memory, packView(input, x)], [output.memory, packView(output, dy)], [weights, packed]]);
    const unpackWeights = (data: Float32Array) => ({
      kernel: kind === 'depthwise' ? unpackRows(data, kernelRows, filters, 1).map((_, at) => data[Math.floor(at / filters) * packedBias.length + (at % filters)]) : unpackRows(data, kernelRows, filters, group),
      bias: data.slice(packedKernel.length, packedKernel.length + filters),
    });
    return { shape, conv, weights, packedKernel, packed, contents, tensors, linear, x, dy, unpackWeights, title: JSON.stringify(shape) };
  }

  /** Windows of 2 to 8, up to four channels: sometimes all taps fit in a thread, sometimes those of a row. */
  function shallowWindow({ height, width }: { height: number; width: number }): { height: number; width: number; channels: number; window: number } {
    const window = 2 + random.below(7);
    return { height: height + window, width: width + window, channels: 1 + random.below(4), window };
  }

  /** A depthwise kernel's taps, a row of channels each. */
  function packTaps(kernel: Float32Array, channels: number): Float32Array<ArrayBuffer> {
    const length = Math.ceil(channels / 4) * 4;
    const out = new Float32Array((kernel.length / channels) * length);
    kernel.forEach((value, at) => {
      out[Math.floor(at / channels) * length + (at % channels)] = value;
    });
    return out;
  }

  function fromTf(compute: () => tf.Tensor): Float32Array {
    return tf.tidy(() => compute().dataSync() as Float32Array);
  }

  for (const kind of ['conv2d', 'dense', 'depthwise'] as const) {
    it(`${kind} forward, with bias and activation, split or not`, async () => {
      await onShapes(SHAPES, async () => {
        const { conv, contents, packedKernel, tensors, linear, title } = layer(kind);
        const activation = pick(random, ['linear', 'relu', 'relu6'] as const);
        const epilogue = activated(conv.output, conv.weights, packedKernel.length / 4, activation);
        const tile = pick(random, tiles(PRODUCT_TILES));
        const splits = pick(random, [1, Math.min(3, conv.input.channels.quads)]);
        const kernels = kind === 'depthwise' ? [depthwiseForward(conv, epilogue)] : product((e) => convolutionForward(conv, e, tile, splits, 0), conv.output, splits, epilogue);
        const expected = fromTf(() => {
          const sum = tf.add(linear(tensors.x(), tensors.kernel()), tensors.bias());
          return activation === 'relu' ? tf.relu(sum) : activation === 'relu6' ? tf.relu6(sum) : sum;
        });
        expectClose((await run(gpu, kernels, contents)).view(conv.output), expected, CLOSE, `${title} ${tileName(tile)} in ${splits}`);
      });
    });

    it(`${kind} input gradient, through the activation before, alone or on top`, async () => {
      await onShapes(SHAPES, async () => {
        const { conv, contents, tensors, linear, x, shape, title } = layer(kind);
        const activation = pick(random, ['linear', 'relu', 'relu6'] as const);
        const adds = random.below(2) === 1;
        const gradient = randomView(random, 'gradient', shape.images, [shape.height, shape.width], shape.channels);
        const already = uniforms(random, x.length);
        contents.set(gradient.memory, packView(gradient, already));
        const target = toGradient({ gradient, value: conv.input, activation, adds });
        const tile = pick(random, tiles(PRODUCT_TILES));
        const splits = conv.stride === 1 ? pick(random, [1, Math.min(3, conv.output.channels.quads)]) : 1;
        const kernels = kind === 'depthwise' ? [depthwiseInputGradient(conv, target)] : product((e) => convolutionInputGradient(conv, e, tile, splits, 0), conv.input, splits, target);
        const linearGradient = fromTf(() => tf.grad((input: tf.Tensor) => tf.sum(tf.mul(linear(input, tensors.kernel()), tensors.dy())))(tensors.x()));
        const slope = (value: number) => (activation === 'linear' || (value > 0 && (activation === 'relu' || value < 6)) ? 1 : 0);
        const expected = linearGradient.map((value, at) => value * slope(x[at]) + (adds ? already[at] : 0));
        expectClose((await run(gpu, kernels, contents)).view(gradient), expected, CLOSE, `${title} ${tileName(tile)} in ${splits}`);
      });
    });

    it(`${kind} kernel and bias gradient, split or not`, async () => {
      await onShapes(SHAPES, async () => {
        const { conv, contents, weights, packed, packedKernel, tensors, linear, unpackWeights, title } = layer(kind);
        const parts = kind === 'depthwise' ? conv.output.images * conv.output.height : Math.ceil(pixelsOf(conv.output) / 4);
        const splits = pick(random, [1, Math.min(parts, 2 + random.below(4))]);
        const tile = pick(random, tiles(FILTER_TILES));
        const into = memory('weight gradient', packed.length);
        const scratch = memory('scratch', packed.length * splits);
        const to = whole(splits === 1 ? into : scratch);
        const [stretch, biasAt, checked] = [packed.length / 4, packedKernel.length / 4, splits === 1 ? bad : null] as const;
        const first = kind === 'depthwise' ? depthwiseFilterGradient(conv, to, stretch, biasAt, splits, checked) : filterGradient(conv, to, stretch, biasAt, tile, splits, checked, 0);
        const kernels = splits === 1 ? [first] : [first, sumWeights('sum', scratch, splits, whole(into), bad)];
        const expected = {
          kernel: fromTf(() => tf.grad((kernel: tf.Tensor) => tf.sum(tf.mul(linear(tensors.x(), kernel), tensors.dy())))(tensors.kernel())),
          bias: fromTf(() => tf.sum(tensors.dy(), [0, 1, 2])),
        };
        contents.delete(weights);
        const found = unpackWeights((await run(gpu, kernels, contents)).memory(into));
        expectClose(found.kernel, expected.kernel, CLOSE, `kernel, ${title} ${tileName(tile)} in ${splits}`);
        expectClose(found.bias, expected.bias, CLOSE, `bias, ${title} ${tileName(tile)} in ${splits}`);
      });
    });
  }

  it('kernel gradient of more pixels than a float counts by reciprocals', async () => {
    const [images, side, splits] = [2, 725, 8];
    const [input, output] = [viewOf(memory('input', images * side * side * 4), images, [side, side], plainChannels(1)), viewOf(memory('output', images * side * side * 4), images, [side, side], plainChannels(1))];
    const conv: Convolution = { name: 'many', input, output, kernel: 3, stride: 1, top: 1, left: 1, weights: whole(memory('weights', 144)) };
    const dy = uniforms(random, pixelsOf(output));
    const x = new Float32Array(pixelsOf(input));
    const expected = new Float64Array(9);
    // Few that are not zero, or the sum of a million would be all rounding. A third of them in the last image's last rows.
    for (let i = 0; i < 300; i++) {
      const [image, row, column] = i % 3 === 0 ? [images - 1, side - 1 - random.below(2), random.below(side)] : [random.below(images), random.below(side), random.below(side)];
      const at = (image * side + row) * side + column;
      if (x[at] !== 0) continue;
      x[at] = 1 + random.uniform();
      for (let tap = 0; tap < 9; tap++) {
        const [y, z] = [row + 1 - Math.floor(tap / 3), column + 1 - (tap % 3)];
        if (y >= 0 && y < side && z >= 0 && z < side) expected[tap] += x[at] * dy[(image * side + y) * side + z];
      }
    }
    const contents = new Map([[input.memory, packView(input, x)], [output.memory, packView(output, dy)]]);
    for (const tile of [tiles(FILTER_TILES)[0], tiles(FILTER_TILES).at(-1)!]) {
      const scratch = memory('scratch', 144 * splits);
      const into = memory('weight gradient', 144);
      const kernels = [filterGradient(conv, whole(scratch), 36, null, tile, splits, null, 0), sumWeights('sum', scratch, splits, whole(into), bad)];
      expectClose(unpackRows((await run(gpu, kernels, contents)).memory(into), 9, 1, 1), [...expected], CLOSE, tileName(tile));
    }
  });

  it('few channels, all taps in a thread: forward, kernel and bias gradient', async () => {
    if (!gpu.features.has('subgroups')) return;
    await onShapes(SHAPES, async () => {
      const { conv, contents, weights, packed, packedKernel, tensors, linear, unpackWeights, title } = layer('shallow');
      const activation = pick(random, ['linear', 'relu'] as const);
      const biasAt = packedKernel.length / 4;
      const splits = pick(random, [1, Math.min(Math.ceil(pixelsOf(conv.output) / 4), 2 + random.below(4))]);
      const into = memory('weight gradient', packed.length);
      const scratch = memory('scratch', packed.length * splits);
      const gradient = shallowFilterGradient(conv, whole(splits === 1 ? into : scratch), packed.length / 4, biasAt, splits, splits === 1 ? bad : null, 0);
      const backward = await run(gpu, splits === 1 ? [gradient] : [gradient, sumWeights('sum', scratch, splits, whole(into), bad)], contents);
      const found = unpackWeights(backward.memory(into));
      expectClose(found.kernel, fromTf(() => tf.grad((kernel: tf.Tensor) => tf.sum(tf.mul(linear(tensors.x(), kernel), tensors.dy())))(tensors.kernel())), CLOSE, `kernel, ${title} in ${splits}`);
      expectClose(found.bias, fromTf(() => tf.sum(tensors.dy(), [0, 1, 2])), CLOSE, `bias, ${title} in ${splits}`);
      if (shallowForwardTime(SWIFTSHADER, conv) === Infinity) return;
      const expected = fromTf(() => {
        const sum = tf.add(linear(tensors.x(), tensors.kernel()), tensors.bias());
        return activation === 'relu' ? tf.relu(sum) : sum;
      });
      const kernel = shallowForward(conv, activated(conv.output, conv.weights, biasAt, activation), 0);
      contents.set(weights, packed);
      expectClose((await run(gpu, [kernel], contents)).view(conv.output), expected, CLOSE, `forward, ${title}`);
    });
  });

  function product(make: (epilogue: ReturnType<typeof partial>) => Kernel, view: View, splits: number, epilogue: ReturnType<typeof partial>): Kernel[] {
    if (splits === 1) return [make(epilogue)];
    const scratch = memory('scratch', splits * pixelsOf(view) * view.channels.quads * 4);
    return [make(partial(scratch, view)), sumProduct('sum', scratch, splits, view, epilogue)];
  }
});
