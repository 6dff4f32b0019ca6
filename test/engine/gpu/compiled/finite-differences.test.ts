import { expect } from 'chai';
import { windowOutput, windowPadding } from '../../../../src/engine/graph/shapes.js';
import { convolutionInputGradient, type Convolution } from '../../../../src/engine/gpu/compiled/kernels/convolution.js';
import { toGradient } from '../../../../src/engine/gpu/compiled/kernels/epilogue.js';
import { filterGradient } from '../../../../src/engine/gpu/compiled/kernels/filter-gradient.js';
import { whole } from '../../../../src/engine/gpu/compiled/kernel.js';
import { FILTER_TILES, PRODUCT_TILES } from '../../../../src/engine/gpu/compiled/tiles.js';
import { plainChannels, viewOf } from '../../../../src/engine/gpu/compiled/views.js';
import { testRandom, uniforms } from '../../../support/close.js';
import { memory, onShapes, packRows, packView, pick, randomWindow, requestGpu, run, SHAPES, unpackRows } from './harness.js';

const PROBES = 6;
const STEP = 1e-3;

describe('convolution gradients against finite differences of a float64 reference', () => {
  const random = testRandom('finite differences');
  let gpu: GPUDevice;
  before(async () => {
    gpu = await requestGpu();
  });
  after(() => gpu.destroy());

  const drawn = (length: number): number[] => Array.from({ length: PROBES }, () => random.below(length));

  it('input and kernel', async () => {
    // 50 in `npm run kernels`.
    await onShapes(Math.ceil(SHAPES / 4), async () => {
      const { images, height, width, channels, filters, window, stride, padding } = randomWindow(random);
      const [oh, ow] = [windowOutput(height, window, stride, padding), windowOutput(width, window, stride, padding)];
      const before = (side: number) => windowPadding(side, window, stride, padding).before;
      const [top, left] = [before(height), before(width)];
      const x = Float64Array.from(uniforms(random, images * height * width * channels));
      const kernel = Float64Array.from(uniforms(random, window * window * channels * filters));
      const weight = uniforms(random, images * oh * ow * filters);

      /** Sum over outputs of relu(convolution) squared times a weight: smooth, and not linear in what is probed. */
      const scalar = (xs: Float64Array, ks: Float64Array, each?: (at: number, value: number) => void): number => {
        let total = 0;
        for (let n = 0; n < images; n++) for (let y = 0; y < oh; y++) for (let u = 0; u < ow; u++) for (let f = 0; f < filters; f++) {
          let sum = 0;
          for (let ky = 0; ky < window; ky++) for (let kx = 0; kx < window; kx++) {
            const [iy, ix] = [y * stride + ky - top, u * stride + kx - left];
            if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
            for (let c = 0; c < channels; c++) sum += xs[((n * height + iy) * width + ix) * channels + c] * ks[((ky * window + kx) * channels + c) * filters + f];
          }
          const at = ((n * oh + y) * ow + u) * filters + f;
          total += weight[at] * Math.max(sum, 0) ** 2;
          each?.(at, sum);
        }
        return total;
      };
      const dy = new Float32Array(weight.length);
      scalar(x, kernel, (at, value) => {
        dy[at] = 2 * weight[at] * Math.max(value, 0);
      });

      const [input, output] = [viewOf(memory('input', images * height * width * Math.ceil(channels / 4) * 4), images, [height, width], plainChannels(channels)), viewOf(memory('output', images * oh * ow * Math.ceil(filters / 4) * 4), images, [oh, ow], plainChannels(filters))];
      const target = viewOf(memory('target', input.memory.bytes / 4), images, [height, width], plainChannels(channels));
      const packed = packRows(kernel, filters, channels);
      const [weights, into] = [memory('weights', packed.length), memory('into', packed.length)];
      const conv: Convolution = { name: 'conv', input, output, kernel: window, stride, top, left, weights: whole(weights) };
      const tiles = <T extends { broadcast: boolean }>(all: readonly T[]) => all.filter((tile) => !tile.broadcast || gpu.features.has('subgroups'));
      const probes = { input: drawn(x.length), kernel: drawn(kernel.length) };
      const found = await run(
        gpu,
        [
          convolutionInputGradient(conv, toGradient({ gradient: target, value: input, activation: 'linear', adds: false }), pick(random, tiles(PRODUCT_TILES)), 1, 0),
          filterGradient(conv, whole(into), packed.length / 4, null, pick(random, tiles(FILTER_TILES)), 1, null, 0),
        ],
        new Map([[input.memory, packView(input, x)], [output.memory, packView(output, dy)], [weights, packed]]),
      );
      const gradients = { input: [x, found.view(target)], kernel: [kernel, unpackRows(found.memory(into), window * window * channels, filters, channels)] } as const;
      for (const what of ['input', 'kernel'] as const) {
        const [values, gradient] = gradients[what];
        const scale = Math.max(...gradient.map(Math.abs));
        for (const at of probes[what]) {
          const here = values[at];
          values[at] = here + STEP;
          const above = scalar(x, kernel);
          values[at] = here - STEP;
          const below = scalar(x, kernel);
          values[at] = here;
          expect(Math.abs((above - below) / (2 * STEP) - gradient[at]) / scale, `${what} ${at} of ${JSON.stringify({ images, height, width, channels, filters, window, stride, padding })}`).to.be.at.most(1e-3);
        }
      }
    });
  });
});
