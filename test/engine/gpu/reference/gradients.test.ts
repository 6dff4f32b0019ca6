import { expect } from 'chai';
import { openDevice, probeAdapter } from '../../../../src/engine/gpu/device.js';
import { GraphBuilder } from '../../../../src/engine/graph/builder.js';
import { initialWeights } from '../../../../src/engine/graph/weights.js';
import type { LayerGraph, Weight } from '../../../../src/engine/graph/types.js';
import { testRandom, uniforms } from '../../../support/close.js';
import { gradients, randomBatch, reference } from './setup.js';

const build = (channels = 3): GraphBuilder => new GraphBuilder([9, 8, channels], 3);
const graphs: Record<string, LayerGraph> = {
  'conv2d, same': build().conv(5, 3).conv(4, 3, { stride: 2, activation: 'linear', useBias: false }).flatten().predictions(),
  'conv2d, valid, even window': build(1).conv(4, 2, { padding: 'valid' }).conv(6, 4, { padding: 'valid', stride: 2, activation: 'relu6' }).flatten().predictions(),
  'conv2d, many channels, 1x1': build().conv(20, 1).conv(24, 3, { stride: 2 }).conv(18, 1, { stride: 2, padding: 'valid' }).globalAvgPool().predictions(),
  'depthwise, batch norm, relu6': build().conv(6, 3, { activation: 'linear' }).batchNorm().activation('relu6').depthwise(3, { stride: 2, activation: 'linear', useBias: false }).batchNorm().activation('relu').globalAvgPool().predictions(),
  'pooling and concat': build().concat([(net) => net.conv(3, 1), (net) => net.maxPool(3, { stride: 1, padding: 'same' }).conv(2, 1), (net) => net.conv(2, 1).avgPool(3, { stride: 1, padding: 'same' })]).maxPool(3, { stride: 2, padding: 'same' }).avgPool(2).flatten().dense(7).predictions(),
  'dropout and a frozen layer': frozen(build().conv(4, 3).batchNorm().flatten().dense(40).dropout(0.4).dense(10).predictions(), 'conv2d', 'batch_normalization'),
};

const PROBES = 5;

const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => norm(Array.from(a, (value, i) => value - b[i]));

function frozen(graph: LayerGraph, ...names: string[]): LayerGraph {
  return { ...graph, layers: graph.layers.map((layer) => (names.includes(layer.name) ? { ...layer, trainable: false } : layer)) };
}

for (const [name, graph] of Object.entries(graphs)) {
  describe(`gradients of the reference engine: ${name}`, () => {
    const random = testRandom(name);
    // Initial zeros would hide a bias, and a moving variance of 1 a wrong use of it.
    const weights = initialWeights(graph, random.uint32()).map((weight): Weight =>
      /kernel|gamma/.test(weight.name) ? weight : { ...weight, data: uniforms(random, weight.data.length, 0.1, 0.9) });
    const batch = randomBatch(random, graph, 4);

    it('are those of finite differences of the loss (cpu)', async () => {
      const device = await openDevice('cpu');
      const found = await gradients(device, graph, weights, batch);
      const lossWith = async (name: string, index: number, change: number): Promise<number> => {
        const engine = reference(device, graph, {
          weights: weights.map((weight) => (weight.name === name ? { ...weight, data: weight.data.map((value, i) => (i === index ? value + change : value)) } : weight)),
        });
        await engine.step(batch);
        const { loss, images } = await engine.takeSums();
        engine.dispose();
        return loss / images;
      };
      const here = await lossWith('', 0, 0);
      for (const weight of weights) {
        const gradient = found.get(weight.name)!;
        const learns = !/moving/.test(weight.name) && graph.layers.find((layer) => weight.name.startsWith(`${layer.name}/`))!.trainable !== false;
        if (!learns) {
          if (!/moving/.test(weight.name)) expect(gradient.every((value) => value === 0), weight.name).to.equal(true);
          continue;
        }
        const scale = Math.max(...gradient.map(Math.abs), 1e-3);
        // A kink of a relu or of max pooling on one side leaves the other side's slope; a wrong gradient is wrong at most probes.
        const errors: number[] = [];
        for (let probe = 0; probe < PROBES; probe++) {
          const index = random.below(weight.data.length);
          const slopes = [];
          for (const h of [1e-2, 1e-3, 3e-4]) {
            const [above, below] = [await lossWith(weight.name, index, h), await lossWith(weight.name, index, -h)];
            slopes.push((above - below) / (2 * h), (above - here) / h, (here - below) / h);
          }
          errors.push(Math.min(...slopes.map((slope) => Math.abs(slope - gradient[index]) / scale)));
        }
        errors.sort((a, b) => a - b);
        expect(errors[PROBES >> 1], `${weight.name}: ${errors.join(' ')}`).to.be.at.most(0.03);
      }
    });

    /** A value within rounding of a relu's kink may fall on either side of it: rare, and not in both of two batches. */
    const expectAsOnCpu = async (backend: 'webgpu' | 'webgl'): Promise<void> => {
      const errors: number[] = [];
      for (let attempt = 0; attempt < 2; attempt++) {
        const images = randomBatch(random, graph, 4);
        const onCpu = await gradients(await openDevice('cpu'), graph, weights, images);
        const found = await gradients(await openDevice(backend), graph, weights, images);
        const norms = weights.map(({ name: weight }) => norm(onCpu.get(weight)!));
        // Read as what a step changed, a gradient is known to a float32 quantum of its weight: one that is zero but for that (a bias before a batch norm) has no relative error of its own.
        const floor = 1e-3 * Math.hypot(...norms);
        errors.push(Math.max(...weights.map(({ name: weight }, i) => distance(found.get(weight)!, onCpu.get(weight)!) / Math.max(norms[i], floor))));
        if (errors[attempt] <= 2e-4) return;
      }
      expect(Math.min(...errors), 'worst relative error of a weight\'s gradient').to.be.at.most(2e-4);
    };

    it('are the same on webgpu as on cpu', () => expectAsOnCpu('webgpu'));

    // Its shaders take long to compile: two graphs of all kinds of layers are enough.
    if (/depthwise|pooling/.test(name)) it('are the same on webgl as on cpu, where the browser has webgl', async function () {
      if (await probeAdapter('webgl').then(() => false, () => true)) this.skip();
      await expectAsOnCpu('webgl');
    });
  });
}
