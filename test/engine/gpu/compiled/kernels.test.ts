import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { windowOutput, windowPadding } from '../../../../src/engine/graph/shapes.js';
import { affineGradient, frozenNormGradient, mergeStatistics, normalise, normaliseGradient, partialStatistics, type BatchNorm } from '../../../../src/engine/gpu/compiled/kernels/batch-norm.js';
import { copy, dropout } from '../../../../src/engine/gpu/compiled/kernels/elementwise.js';
import { activated, toGradient } from '../../../../src/engine/gpu/compiled/kernels/epilogue.js';
import { guard } from '../../../../src/engine/gpu/compiled/kernels/guard.js';
import { softmax, softmaxCrossEntropy } from '../../../../src/engine/gpu/compiled/kernels/loss.js';
import { optimize } from '../../../../src/engine/gpu/compiled/kernels/optimizer.js';
import { normalisePixels } from '../../../../src/engine/gpu/compiled/kernels/pixels.js';
import { averagePool, averagePoolGradient, globalAverage, globalAverageGradient, maxPool, maxPoolGradient, type Pooling } from '../../../../src/engine/gpu/compiled/kernels/pooling.js';
import { sumWeights } from '../../../../src/engine/gpu/compiled/kernels/sum-splits.js';
import { STEP_BYTES, whole } from '../../../../src/engine/gpu/compiled/kernel.js';
import { pixelsOf, quadsOf, regionOf, slice } from '../../../../src/engine/gpu/compiled/views.js';
import { adamAlpha } from '../../../../src/engine/gpu/slots.js';
import { dropoutMask } from '../../../../src/engine/support/dropout.js';
import type { OptimizerSettings } from '../../../../src/engine/support/settings.js';
import { expectClose, testRandom, uniforms } from '../../../support/close.js';
import { memory, onShapes, packView, pick, randomView, randomWindow, requestGpu, run, SHAPES } from './harness.js';

const CLOSE = 1e-4;

describe('kernels around the convolutions, against tfjs on the cpu', () => {
  const random = testRandom('kernels');
  let gpu: GPUDevice;
  before(async () => {
    await tf.setBackend('cpu');
    gpu = await requestGpu();
  });
  after(() => gpu.destroy());

  const step = memory('step', STEP_BYTES / 4);
  const flags = memory('flags', 1);
  const never = 0xffffffff;
  const fresh = new Uint32Array([never]);
  const bad = guard(whole(step), whole(flags));
  const stepOf = (size: number, number = 1, rate = 0, decay = 0): Float32Array<ArrayBuffer> => {
    const numbers = new Float32Array([0, 0, rate, decay]);
    new Uint32Array(numbers.buffer).set([size, number]);
    return numbers;
  };
  const fromTf = (compute: () => tf.Tensor): Float32Array => tf.tidy(() => compute().dataSync() as Float32Array);

  /** By hand: tfjs divides by the whole window where its own forward divides by the part inside. */
  function averageGradient({ input, output, pool, stride, top, left }: Pooling, dy: Float32Array): Float32Array {
    const channels = input.channels.count;
    const slopes = new Float32Array(pixelsOf(input) * channels);
    const reach = (at: number, before: number, side: number) => Array.from({ length: pool }, (_, k) => at * stride + k - before).filter((i) => i >= 0 && i < side);
    for (let image = 0; image < input.images; image++) {
      for (let oy = 0; oy < output.height; oy++) {
        for (let ox = 0; ox < output.width; ox++) {
          const [rows, columns] = [reach(oy, top, input.height), reach(ox, left, input.width)];
          for (const y of rows) for (const x of columns) for (let c = 0; c < channels; c++) {
            slopes[((image * input.height + y) * input.width + x) * channels + c] += dy[((image * output.height + oy) * output.width + ox) * channels + c] / (rows.length * columns.length);
          }
        }
      }
    }
    return slopes;
  }

  for (const kind of ['max', 'average'] as const) {
    it(`${kind} pooling and its gradient, through the activation before`, async () => {
      await onShapes(SHAPES, async () => {
        const { images, height, width, channels, window: pool, stride, padding } = randomWindow(random);
        const sides = [windowOutput(height, pool, stride, padding), windowOutput(width, pool, stride, padding)] as const;
        const [input, output] = [randomView(random, 'input', images, [height, width], channels), randomView(random, 'output', images, sides, channels)];
        const gradient = randomView(random, 'gradient', images, sides, channels);
        const target = randomView(random, 'target', images, [height, width], channels);
        const activation = pick(random, ['linear', 'relu', 'relu6'] as const);
        const slope = (value: number) => (activation === 'linear' || (value > 0 && (activation === 'relu' || value < 6)) ? 1 : 0);
        const top = activation === 'relu6' ? 8 : 1;
        const x = uniforms(random, pixelsOf(input) * channels, -top, top).map((value) => (activation === 'linear' ? value : Math.min(Math.max(value, 0), activation === 'relu6' ? 6 : Infinity)));
        const dy = uniforms(random, pixelsOf(output) * channels);
        const already = uniforms(random, x.length);
        const adds = random.below(2) === 1;
        const before = (side: number) => windowPadding(side, pool, stride, padding).before;
        const pooling: Pooling = { name: kind, input, output, pool, stride, top: before(height), left: before(width) };
        const winners = memory('winners', quadsOf(output));
        const to = { gradient: target, value: input, activation, adds };
        const kernels = kind === 'max' ? [maxPool(pooling, winners, activation), maxPoolGradient(pooling, gradient, winners, to)] : [averagePool(pooling), averagePoolGradient(pooling, gradient, to)];
        const found = await run(gpu, kernels, new Map([[input.memory, packView(input, x)], [gradient.memory, packView(gradient, dy)], [target.memory, packView(target, already)]]));
        const pooled = (value: tf.Tensor) => (kind === 'max' ? tf.maxPool : tf.avgPool)(value as tf.Tensor4D, pool, stride, padding);
        const tensor = () => tf.tensor4d(x, [images, height, width, channels]);
        const title = JSON.stringify({ images, height, width, channels, pool, stride, padding, activation });
        expectClose(found.view(output), fromTf(() => pooled(tensor())), CLOSE, title);
        const slopes = kind === 'max' ? fromTf(() => tf.grad((value: tf.Tensor) => tf.sum(tf.mul(pooled(value), tf.tensor4d(dy, [images, ...sides, channels]))))(tensor())) : averageGradient(pooling, dy);
        expectClose(found.view(target), slopes.map((value, at) => value * slope(x[at]) + (adds ? already[at] : 0)), CLOSE, `gradient, ${title}`);
      });
    });
  }

  it('global average pooling and its gradient; a copy into a slice', async () => {
    await onShapes(SHAPES, async () => {
      const { images, height, width, channels } = randomWindow(random);
      const [input, output] = [randomView(random, 'input', images, [height, width], channels), randomView(random, 'output', images, [1, 1], channels)];
      const [gradient, target] = [randomView(random, 'gradient', images, [1, 1], channels), randomView(random, 'target', images, [height, width], channels)];
      const wide = randomView(random, 'wide', images, [height, width], channels + 9);
      const part = slice(wide, 1, input.channels);
      const [x, dy] = [uniforms(random, pixelsOf(input) * channels), uniforms(random, images * channels)];
      const kernels = [
        globalAverage('pool', input, output),
        globalAverageGradient('pool', gradient, { gradient: target, value: input, activation: 'relu', adds: false }),
        copy('copy', input, activated(part, regionOf(part), null, 'linear')),
      ];
      const found = await run(gpu, kernels, new Map([[input.memory, packView(input, x)], [gradient.memory, packView(gradient, dy)]]));
      expectClose(found.view(output), fromTf(() => tf.mean(tf.tensor4d(x, [images, height, width, channels]), [1, 2])), CLOSE);
      expectClose(found.view(target), x.map((value, at) => (value > 0 ? dy[Math.floor(at / channels / height / width) * channels + (at % channels)] / height / width : 0)), CLOSE);
      expect([...found.view(part)]).to.deep.equal([...x]);
    });
  });

  it('batch norm in training, with images left out, and its gradients', async () => {
    await onShapes(SHAPES, async () => {
      const { images, height, width, channels } = randomWindow(random);
      const live = 1 + random.below(images);
      const quads = Math.ceil(channels / 4);
      const [input, output] = [randomView(random, 'input', images, [height, width], channels), randomView(random, 'output', images, [height, width], channels)];
      const [gradient, target] = [randomView(random, 'gradient', images, [height, width], channels), randomView(random, 'target', images, [height, width], channels)];
      // Far from zero: sums of squares would lose the variance.
      const x = uniforms(random, pixelsOf(input) * channels, 50, 52);
      const dy = uniforms(random, x.length).map((value, at) => (at < live * height * width * channels ? value : 0));
      const [gamma, beta] = [uniforms(random, channels, 0.5, 1.5), uniforms(random, channels)];
      const affine = new Float32Array(quads * 8);
      affine.set(gamma);
      affine.set(beta, quads * 4);
      const [affineMemory, statistics, into] = ['affine', 'statistics', 'affine gradient'].map((label) => memory(label, quads * 8));
      const norm: BatchNorm = { name: 'norm', input, output, epsilon: 1e-3, affine: whole(affineMemory), statistics: whole(statistics), statisticsFirst: 0 };
      const splits = 1 + random.below(5);
      const scratch = memory('scratch', splits * quads * 8);
      const to = { gradient: target, value: input, activation: 'linear', adds: false } as const;
      const kernels = [
        partialStatistics(norm, scratch, splits, whole(step)), mergeStatistics(norm, scratch, splits, whole(step)), normalise(norm, 'linear'),
        affineGradient(norm, gradient, whole(into), 1, whole(step), bad), normaliseGradient(norm, gradient, whole(into), to, whole(step)),
      ];
      const found = await run(gpu, kernels, new Map<ReturnType<typeof memory>, ArrayBufferView<ArrayBuffer>>([
        [input.memory, packView(input, x)], [gradient.memory, packView(gradient, dy)], [affineMemory, affine], [step, stepOf(live)], [flags, fresh],
      ]));
      const count = live * height * width * channels;
      const tensor = () => tf.tensor2d(x.slice(0, count), [count / channels, channels]);
      const normed = (value: tf.Tensor, g: tf.Tensor, b: tf.Tensor): tf.Tensor => {
        const { mean, variance } = tf.moments(value, 0);
        return tf.add(tf.mul(tf.div(tf.sub(value, mean), tf.sqrt(tf.add(variance, 1e-3))), g), b);
      };
      const title = JSON.stringify({ images, live, height, width, channels, splits });
      const [g, b] = [() => tf.tensor1d(gamma), () => tf.tensor1d(beta)];
      // x carries about 2e-6 of itself, 1e-4 of its deviation.
      expectClose(found.view(output).subarray(0, count), fromTf(() => normed(tensor(), g(), b())), 3 * CLOSE, title);
      const slopes = (index: number) => fromTf(() => tf.grads((value: tf.Tensor, first: tf.Tensor, second: tf.Tensor) => tf.sum(tf.mul(normed(value, first, second), tf.tensor2d(dy.slice(0, count), [count / channels, channels]))))([tensor(), g(), b()])[index]);
      const sums = found.memory(into);
      // Sums of dy times a number of variance 1, and of dy: of one channel they may cancel to next to nothing, their errors do not.
      const scale = Math.hypot(...dy);
      expectClose(sums.subarray(0, channels), slopes(1), 10 * CLOSE, `gamma, ${title}`, scale);
      expectClose(sums.subarray(quads * 4, quads * 4 + channels), slopes(2), CLOSE, `beta, ${title}`, scale);
      if (count / channels > 2) expectClose(found.view(target).subarray(0, count), slopes(0), 10 * CLOSE, `input, ${title}`);
      expect(found.view(target).subarray(count).every((value) => value === 0), title).to.equal(true);
    });
  });

  it('frozen batch norm, and the gradient through it', async () => {
    await onShapes(SHAPES, async () => {
      const { images, height, width, channels } = randomWindow(random);
      const quads = Math.ceil(channels / 4);
      const [input, output] = [randomView(random, 'input', images, [height, width], channels), randomView(random, 'output', images, [height, width], channels)];
      const [gradient, target] = [randomView(random, 'gradient', images, [height, width], channels), randomView(random, 'target', images, [height, width], channels)];
      const [x, dy] = [uniforms(random, pixelsOf(input) * channels), uniforms(random, pixelsOf(input) * channels)];
      const parts = [uniforms(random, channels, 0.5, 1.5), uniforms(random, channels), uniforms(random, channels), uniforms(random, channels, 0.5, 2)];
      const all = new Float32Array(quads * 16);
      parts.forEach((part, at) => all.set(part, at * quads * 4));
      const weights = memory('weights', all.length);
      const norm: BatchNorm = { name: 'norm', input, output, epsilon: 1e-3, affine: whole(weights), statistics: whole(weights), statisticsFirst: 2 * quads };
      const to = { gradient: target, value: input, activation: 'linear', adds: false } as const;
      const found = await run(gpu, [normalise(norm, 'relu6'), frozenNormGradient(norm, gradient, to)], new Map([[input.memory, packView(input, x)], [gradient.memory, packView(gradient, dy)], [weights, all]]));
      const scale = parts[0].map((value, c) => value / Math.sqrt(parts[3][c] + 1e-3));
      // Of a pixel or two the shift may cancel the rest.
      const shifts = Math.hypot(...x.map((_, at) => parts[1][at % channels]));
      expectClose(found.view(output), x.map((value, at) => Math.min(Math.max((value - parts[2][at % channels]) * scale[at % channels] + parts[1][at % channels], 0), 6)), CLOSE, 'output', shifts);
      expectClose(found.view(target), dy.map((value, at) => value * scale[at % channels]), CLOSE);
    });
  });

  it('softmax with cross-entropy: loss, accuracy and gradient of a part of a batch, smoothed and weighted', async () => {
    await onShapes(SHAPES, async () => {
      const images = 1 + random.below(100);
      const live = 1 + random.below(images);
      const classes = 2 + random.below(12);
      const smoothing = pick(random, [0, 0.1]);
      const [logits, gradient, output] = ['logits', 'gradient', 'output'].map((label) => randomView(random, label, images, [1, 1], classes));
      const z = uniforms(random, images * classes, -5, 5);
      const labels = Array.from({ length: images }, () => random.below(classes));
      const weights = uniforms(random, images, 0.5, 2);
      const packed = new Uint32Array(images * 2);
      const asFloats = new Float32Array(packed.buffer);
      labels.forEach((label, image) => {
        packed[image * 2] = label;
        asFloats[image * 2 + 1] = weights[image];
      });
      const [labelMemory, sums] = [memory('labels', images * 2), memory('sums', 64)];
      const kernels = [softmaxCrossEntropy({ logits, gradient, labels: whole(labelMemory), classes, labelSmoothing: smoothing }, sums, bad), softmax('softmax', logits, output, classes)];
      const found = await run(gpu, kernels, new Map<ReturnType<typeof memory>, ArrayBufferView<ArrayBuffer>>([[logits.memory, packView(logits, z)], [labelMemory, packed], [step, stepOf(live)], [flags, fresh]]));
      const probabilities = fromTf(() => tf.softmax(tf.tensor2d(z, [images, classes])));
      expectClose(found.view(output), probabilities, CLOSE);
      let [loss, correct] = [0, 0];
      const slopes = new Float32Array(z.length);
      for (let image = 0; image < live; image++) {
        const row = probabilities.subarray(image * classes, (image + 1) * classes);
        if (row.indexOf(Math.max(...row)) === labels[image]) correct++;
        row.forEach((p, c) => {
          const aim = smoothing / classes + (c === labels[image] ? 1 - smoothing : 0);
          loss -= aim * Math.log(p) * weights[image];
          slopes[image * classes + c] = ((p - aim) * weights[image]) / live;
        });
      }
      expectClose(found.view(gradient), slopes, CLOSE);
      const totals = found.memory(sums);
      expect(totals[3]).to.be.closeTo(loss, CLOSE * loss);
      expect([totals[4], totals[5]]).to.deep.equal([correct, live]);
    });
  });

  it('dropout: the mask of support/dropout.ts, forward and backward', async () => {
    await onShapes(SHAPES, async () => {
      const { images, height, width, channels } = randomWindow(random);
      const [input, output, target] = ['input', 'output', 'target'].map((label) => randomView(random, label, images, [height, width], channels));
      const x = uniforms(random, pixelsOf(input) * channels);
      const [seed, layer, number, rate] = [random.uint32(), random.below(200), 1 + random.below(1000), random.between(0.1, 0.8)];
      const settings = { seed, layer, rate };
      const kernels = [dropout('forward', input, activated(output, regionOf(output), null, 'linear'), settings, whole(step)), dropout('backward', input, toGradient({ gradient: target, value: input, activation: 'relu', adds: false }), settings, whole(step))];
      const found = await run(gpu, kernels, new Map([[input.memory, packView(input, x)], [step, stepOf(images, number)]]));
      const mask = dropoutMask(seed, layer, number, x.length, rate);
      expectClose(found.view(output), x.map((value, at) => value * mask[at]), 1e-6);
      expectClose(found.view(target), x.map((value, at) => (value > 0 ? value * mask[at] : 0)), 1e-6);
    });
  });

  it('pixels: bytes over 255, zeros beyond the step\'s images', async () => {
    await onShapes(SHAPES, async () => {
      const { images, height, width, channels } = randomWindow(random);
      const live = 1 + random.below(images);
      const output = randomView(random, 'output', images, [height, width], channels);
      const pixels = Uint8Array.from({ length: Math.ceil((pixelsOf(output) * channels) / 4) * 4 }, () => random.below(256));
      const bytes = memory('bytes', pixels.length / 4);
      const found = await run(gpu, [normalisePixels(whole(bytes), whole(step), output)], new Map<ReturnType<typeof memory>, ArrayBufferView<ArrayBuffer>>([[bytes, pixels], [step, stepOf(live)]]));
      const count = pixelsOf(output) * channels;
      expectClose(found.view(output), Float32Array.from({ length: count }, (_, at) => (at < live * height * width * channels ? pixels[at] / 255 : 0)), 1e-6);
    });
  });

  it('Adam, AdamW and SGD, and nothing of them in a bad step or after it', async () => {
    const all: OptimizerSettings[] = [{ kind: 'adam', learningRate: 0.01 }, { kind: 'adamw', learningRate: 0.01, weightDecay: 0.1 }, { kind: 'sgd', learningRate: 0.1, momentum: 0.9 }];
    await onShapes(SHAPES, async () => {
      const settings = pick(random, all);
      const length = 64 * (1 + random.below(60));
      const [w, g, m, v] = [uniforms(random, length), uniforms(random, length), uniforms(random, length), uniforms(random, length, 0, 1)];
      const number = 1 + random.below(50);
      const good = random.below(3) > 0;
      const [weights, gradients, first, second, sums] = [memory('weights', length), memory('gradients', length), memory('first', length), memory('second', length), memory('sums', 64)];
      const adam = settings.kind !== 'sgd';
      const rate = adam ? adamAlpha(settings.learningRate, number) : settings.learningRate;
      const decay = settings.kind === 'adamw' ? settings.learningRate * settings.weightDecay : 0;
      const kernel = optimize(settings, weights, gradients, adam ? [first, second] : [first], whole(step), sums, flags, pick(random, [1, 64]));
      const found = await run(gpu, [kernel], new Map<ReturnType<typeof memory>, ArrayBufferView<ArrayBuffer>>([
        [weights, w], [gradients, g], [first, m], [second, v], [step, stepOf(1, number, rate, decay)], [flags, new Uint32Array([good ? number + 1 : number - random.below(2)])], [sums, new Float32Array([1, 2, 3, 10, 20, 30])],
      ]));
      const [m1, v1] = adam ? [m.map((value, at) => value + (g[at] - value) * 0.1), v.map((value, at) => value + (g[at] ** 2 - value) * 0.001)] : [m.map((value, at) => value * 0.9 - g[at] * rate), v];
      const w1 = w.map((value, at) => (adam ? value - value * decay - (m1[at] * rate) / (Math.sqrt(v1[at]) + 1e-7) : value + m1[at]));
      expectClose(found.memory(weights), good ? w1 : w, good ? 1e-6 : 0);
      expectClose(found.memory(first), good ? m1 : m, good ? 1e-6 : 0);
      if (adam) expectClose(found.memory(second), good ? v1 : v, good ? 1e-6 : 0);
      expect([...found.memory(sums).subarray(0, 3)]).to.deep.equal(good ? [11, 22, 33] : [1, 2, 3]);
    });
  });

  it('marks a step bad where a gradient is infinite or not a number', async () => {
    for (const [value, marked] of [[1, false], [Infinity, true], [NaN, true], [-Infinity, true]] as const) {
      const data = new Float32Array([1, 2, 3, 4, 1, 2, value, 4]);
      const [partial, gradient] = [memory('partial', 8), memory('gradient', 4)];
      const found = await run(gpu, [sumWeights('sum', partial, 2, whole(gradient), bad)], new Map<ReturnType<typeof memory>, ArrayBufferView<ArrayBuffer>>([[partial, data], [step, stepOf(1, 9)], [flags, fresh]]));
      expect([...new Uint32Array(found.memory(flags).buffer)]).to.deep.equal([marked ? 9 : never]);
    }
  });
});
