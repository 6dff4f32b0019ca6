import { expect } from 'chai';
import { openDevice } from '../../../../src/engine/gpu/device.js';
import { GraphBuilder } from '../../../../src/engine/graph/builder.js';
import { initialWeights } from '../../../../src/engine/graph/weights.js';
import type { LossSettings, OptimizerSettings } from '../../../../src/engine/support/settings.js';
import { expectClose, testRandom } from '../../../support/close.js';
import { randomBatch, reference } from './setup.js';
import { softmaxRegression } from './softmax-regression.js';

const graph = new GraphBuilder([2, 3, 2], 4).flatten().predictions();
const plain: LossSettings = { labelSmoothing: 0, classWeights: null };
const cases: [OptimizerSettings, LossSettings][] = [
  [{ kind: 'adam', learningRate: 0.05 }, plain],
  [{ kind: 'adamw', learningRate: 0.05, weightDecay: 0.1 }, plain],
  [{ kind: 'sgd', learningRate: 0.5, momentum: 0 }, plain],
  [{ kind: 'sgd', learningRate: 0.2, momentum: 0.9 }, { labelSmoothing: 0.1, classWeights: [0.5, 1, 2, 3] }],
];

for (const [optimizer, loss] of cases) {
  for (const backend of ['cpu', 'webgpu'] as const) {
    describe(`${optimizer.kind}${loss === plain ? '' : ', smoothed and weighted'}, on ${backend}`, () => {
      it('goes where Keras\'s formulas go in double precision, step by step', async () => {
        const random = testRandom(`${optimizer.kind} ${backend}`);
        const weights = initialWeights(graph, random.uint32());
        const engine = reference(await openDevice(backend), graph, { weights, optimizer, loss });
        const expected = softmaxRegression(weights[0].data, weights[1].data, graph.classes, optimizer, loss);
        for (let step = 0; step < 5; step++) {
          const batch = randomBatch(random, graph, 6);
          await engine.step(batch);
          const { loss: found, correct, images } = await engine.takeSums();
          const { loss: sum, correct: hits } = expected.step(batch);
          expect(images).to.equal(6);
          expect(correct).to.equal(hits);
          expect(found).to.be.closeTo(sum, 1e-4 * sum);
        }
        const [kernel, bias] = await engine.readWeights();
        expectClose(kernel.data, expected.kernel, 1e-5, 'kernel');
        expectClose(bias.data, expected.bias, 1e-5, 'bias');
        expect((await engine.readOptimizer()).step).to.equal(5);
        engine.dispose();
      });
    });
  }
}

describe('optimizer state', () => {
  it('read from one engine and written to another goes on as if it had never stopped', async () => {
    const random = testRandom('optimizer state');
    const device = await openDevice('cpu');
    const net = new GraphBuilder([4, 4, 3], 3).conv(4, 3).batchNorm().flatten().dropout(0.3).predictions();
    const batches = Array.from({ length: 4 }, () => randomBatch(random, net, 5));
    const whole = reference(device, net);
    for (const batch of batches) await whole.step(batch);

    const first = reference(device, net);
    for (const batch of batches.slice(0, 2)) await first.step(batch);
    const second = reference(device, net, { weights: await first.readWeights() });
    second.writeOptimizer(await first.readOptimizer());
    for (const batch of batches.slice(2)) await second.step(batch);

    expect(await second.readWeights()).to.deep.equal(await whole.readWeights());
    expect(await second.readOptimizer()).to.deep.equal(await whole.readOptimizer());
    for (const engine of [whole, first, second]) engine.dispose();
  });
});
