import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { openDevice, type Device } from '../../../../src/engine/gpu/device.js';
import { GraphBuilder } from '../../../../src/engine/graph/builder.js';
import { initialWeights } from '../../../../src/engine/graph/weights.js';
import { expectClose, testRandom } from '../../../support/close.js';
import { randomBatch, reference } from './setup.js';

/** Its first dense layer has 2048 inputs: tfjs would sum them in any order. */
const graph = new GraphBuilder([16, 16, 3], 4).conv(8, 3).batchNorm().conv(32, 3, { stride: 2 }).flatten().dropout(0.25).dense(12).predictions();

for (const backend of ['cpu', 'webgpu'] as const) {
  describe(`reference engine on ${backend}`, () => {
    const random = testRandom(backend);
    let device: Device;
    before(async () => {
      device = await openDevice(backend);
    });

    it('gives the same weights bit for bit when it trains again, and others with another seed', async () => {
      const batches = Array.from({ length: 3 }, () => randomBatch(random, graph, 8));
      const train = async (seed: number) => {
        const engine = reference(device, graph, { seed });
        for (const batch of batches) await engine.step(batch);
        const weights = await engine.readWeights();
        engine.dispose();
        return weights;
      };
      const once = await train(5);
      expect(await train(5)).to.deep.equal(once);
      expect(await train(6)).not.to.deep.equal(once);
    });

    it('changes nothing in a step that is not finite, says which it was and where it began, and changes nothing after it', async () => {
      const engine = reference(device, graph);
      const batch = randomBatch(random, graph, 8);
      await engine.step(batch);
      const good = await engine.readWeights();
      const state = await engine.readOptimizer();
      const broken = good.map((weight) => (weight.name === 'dense_1/kernel' ? { ...weight, data: weight.data.map(() => 3e38) } : weight));
      engine.writeWeights(broken);
      await engine.takeSums();
      await engine.step(batch);
      await engine.step(batch);
      expect(await engine.readWeights()).to.deep.equal(broken);
      expect((await engine.readOptimizer()).slots).to.deep.equal(state.slots);
      expect(await engine.takeSums()).to.deep.equal({ images: 0, loss: 0, correct: 0, firstBadStep: 2 });
      expect(await engine.firstNotFinite(batch)).to.equal('dense_1 forward');
      engine.writeWeights(good);
      expect(await engine.firstNotFinite(batch)).to.equal(null);
      await engine.step(batch);
      expect(await engine.takeSums()).to.deep.equal({ images: 0, loss: 0, correct: 0, firstBadStep: 2 });
      expect(await engine.readWeights()).to.deep.equal(good);
      engine.dispose();
    });

    it('moves the statistics of batch norm as Keras 3 does', async () => {
      const net = new GraphBuilder([3, 3, 2], 2).batchNorm().flatten().predictions();
      const engine = reference(device, net);
      const batch = randomBatch(random, net, 8);
      await engine.step(batch);
      const moved = await engine.readWeights();
      for (const channel of [0, 1]) {
        const values = [...batch.pixels].filter((_, i) => i % 2 === channel).map((value) => value / 255);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        expect(moved[2].data[channel]).to.be.closeTo(0.01 * mean, 1e-6);
        expect(moved[3].data[channel]).to.be.closeTo(0.99 + 0.01 * variance, 1e-6);
      }
      engine.dispose();
    });

    it('predicts any number of images in chunks, by rows that sum to 1', async () => {
      const engine = reference(device, graph, { batch: 4 });
      const { pixels } = randomBatch(random, graph, 10);
      const all = await engine.predict(pixels, 10);
      expect(all.length).to.equal(40);
      for (let image = 0; image < 10; image++) {
        const row = all.subarray(image * 4, image * 4 + 4);
        expect(row.reduce((sum, value) => sum + value, 0)).to.be.closeTo(1, 1e-5);
        expectClose(await engine.predict(pixels.slice(image * 768, image * 768 + 768), 1), row, 1e-4);
      }
      engine.dispose();
    });

    it('gives the feature maps of every layer, the last of them the prediction', async () => {
      const engine = reference(device, graph);
      const { pixels } = randomBatch(random, graph, 1);
      const maps = await engine.featureMaps(pixels);
      expect(maps.map(({ layer, shape }) => `${layer} ${shape.join('x')}`)).to.deep.equal([
        'conv2d 16x16x8', 'batch_normalization 16x16x8', 'conv2d_1 8x8x32', 'flatten 2048', 'dropout 2048', 'dense 12', 'dense_1 4',
      ]);
      expectClose(maps.at(-1)!.data, await engine.predict(pixels, 1), 1e-6);
      expect(Math.min(...maps[0].data)).to.equal(0);
      const [one] = await engine.featureMaps(pixels, ['dense']);
      expect([...one.data]).to.deep.equal([...maps[5].data]);
      engine.dispose();
    });

    it('holds no more after ten steps than after two, and nothing once disposed', async () => {
      const before = tf.memory().numTensors;
      const engine = reference(device, graph);
      const batch = randomBatch(random, graph, 8);
      const round = async () => {
        await engine.step(batch);
        await engine.takeSums();
        await engine.predict(batch.pixels, 8);
        await engine.featureMaps(batch.pixels.subarray(0, 768));
        await device.settle();
      };
      await round();
      await round();
      const [tensors, held] = [tf.memory().numTensors, device.memory().bytes];
      for (let i = 0; i < 8; i++) await round();
      expect(tf.memory().numTensors).to.equal(tensors);
      expect(device.memory().bytes).to.equal(held);
      expect(device.memory().peakBytes).to.be.at.least(held);
      engine.dispose();
      expect(tf.memory().numTensors).to.equal(before);
      await engine.step(batch).then(() => expect.fail('a disposed engine took a step'), (error: Error) => expect(error.message).to.match(/disposed/));
    });

    it('takes what weights it is given as a copy', async () => {
      const weights = initialWeights(graph, 1);
      const engine = reference(device, graph, { weights });
      weights[0].data.fill(7);
      const read = await engine.readWeights();
      expect(read[0].data[0]).not.to.equal(7);
      read[0].data.fill(9);
      expect((await engine.readWeights())[0].data[0]).not.to.equal(9);
      engine.dispose();
    });
  });
}
