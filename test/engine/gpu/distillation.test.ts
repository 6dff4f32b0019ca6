import { expect } from 'chai';
import { createCompiledEngine } from '../../../src/engine/gpu/compiled/engine.js';
import { openDevice } from '../../../src/engine/gpu/device.js';
import type { EngineOptions, PixelBatch, TrainingEngine } from '../../../src/engine/gpu/engine.js';
import { ReferenceEngine } from '../../../src/engine/gpu/reference/engine.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import type { LayerGraph, Weight } from '../../../src/engine/graph/types.js';
import { soften } from '../../../src/engine/lighten/distil.js';
import type { DistillationSettings } from '../../../src/engine/support/settings.js';
import { expectClose, testRandom, uniforms } from '../../support/close.js';
import { randomBatch } from './reference/setup.js';

const PROBES = 8;
const STEP = 1e-4;

describe('a loss that distils', () => {
  const random = testRandom('distillation');
  /** A device that is opened ends the one before. */
  const on = async <T>(path: TrainingEngine['path'], options: EngineOptions, use: (engine: TrainingEngine) => Promise<T>): Promise<T> => {
    const device = await openDevice(path === 'compiled' ? 'webgpu' : 'cpu');
    const engine = path === 'compiled' ? await createCompiledEngine(options, device) : new ReferenceEngine(device, options);
    try {
      return await use(engine);
    } finally {
      engine.dispose();
      device.close();
    }
  };
  const paths = ['compiled', 'reference'] as const;

  const taughtBatch = (graph: LayerGraph, size: number, temperature: number): Required<PixelBatch> => {
    const { pixels, labels } = randomBatch(random, graph, size);
    const rows = Array.from({ length: size }, () => {
      const powers = uniforms(random, graph.classes, -3, 3).map(Math.exp);
      const sum = powers.reduce((a, b) => a + b);
      return powers.map((power) => power / sum);
    });
    return { pixels, labels, size, targets: soften(Float32Array.from(rows.flatMap((row) => [...row])), graph.classes, temperature) };
  };
  const settings = (distillation: DistillationSettings) => ({ batch: 6, seed: 5, loss: { labelSmoothing: 0.1, classWeights: [1, 2, 0.5, 1, 1.5], distillation } });

  it('trains in the compiled engine as in the reference one', async () => {
    const graph = new GraphBuilder([9, 7, 3], 5).conv(6, 3).maxPool(2).flatten().dense(7).predictions();
    for (const distillation of [{ temperature: 4, share: 0.7 }, { temperature: 1, share: 1 }]) {
      const options: EngineOptions = { ...settings(distillation), graph, weights: initialWeights(graph, random.uint32()), optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9 } };
      const batches = [6, 4].map((size) => taughtBatch(graph, size, distillation.temperature));
      const train = async (engine: TrainingEngine) => {
        for (const batch of batches) await engine.step(batch);
        return { sums: await engine.takeSums(), weights: await engine.readWeights() };
      };
      const mine = await on('compiled', options, train);
      const expected = await on('reference', options, train);
      expect(mine.sums.loss).to.be.closeTo(expected.sums.loss, 1e-4 * expected.sums.loss);
      mine.weights.forEach(({ name, data }, at) => expectClose(data, expected.weights[at].data, 1e-4, name));
    }
  });

  it('has the gradient that finite differences of its definition give', async () => {
    const graph = new GraphBuilder([3, 3, 3], 5).flatten().predictions();
    const distillation = { temperature: 1.5 + 4 * random.uniform(), share: 0.2 + 0.6 * random.uniform() };
    const given = settings(distillation);
    const weights = initialWeights(graph, random.uint32());
    const batch = taughtBatch(graph, 5, distillation.temperature);
    const values = new Map(weights.map(({ name, data }) => [name, Float64Array.from(data)]));
    const loss = () => definition(batch, values.get('dense/kernel')!, values.get('dense/bias')!, given.loss);
    for (const path of paths) {
      const { sums, state: { slots } } = await on(path, { ...given, graph, weights, optimizer: { kind: 'sgd', learningRate: 1, momentum: 0 } }, async (engine) => {
        await engine.step(batch);
        return { sums: await engine.takeSums(), state: await engine.readOptimizer() };
      });
      expect(sums.loss / batch.size).to.be.closeTo(loss(), 1e-5 * loss());
      for (const slot of slots) {
        const here = values.get(slot.name.replace('/velocity', ''))!;
        const scale = Math.max(...slot.data.map(Math.abs));
        for (let probe = 0; probe < PROBES; probe++) {
          const at = random.below(here.length);
          const was = here[at];
          here[at] = was + STEP;
          const above = loss();
          here[at] = was - STEP;
          const below = loss();
          here[at] = was;
          expect(Math.abs((above - below) / (2 * STEP) + slot.data[at]) / scale, `${path} ${slot.name} ${at}`).to.be.at.most(1e-3);
        }
      }
    }
  });

  it('without targets is refused, and at share 0 is the plain loss', async () => {
    const graph = new GraphBuilder([3, 3, 3], 5).flatten().predictions();
    const weights = initialWeights(graph, 1);
    const batch = taughtBatch(graph, 5, 2);
    const options = { ...settings({ temperature: 2, share: 0 }), graph, weights, optimizer: { kind: 'sgd', learningRate: 0.5, momentum: 0 } } as const;
    const stepped = (change: Partial<EngineOptions>): Promise<Weight[]> =>
      on('compiled', { ...options, ...change }, async (engine) => {
        await engine.step(batch);
        return engine.readWeights();
      });
    const plain = await stepped({ loss: { labelSmoothing: 0.1, classWeights: options.loss.classWeights } });
    (await stepped({})).forEach(({ name, data }, at) => expectClose(data, plain[at].data, 1e-6, name));
    const { targets: _, ...bare } = batch;
    for (const path of paths) expect(await on(path, options, (engine) => engine.step(bare).then(() => '', String))).to.match(/needs the targets/);
  });
});

describe('softening', () => {
  it('is the softmax of the same logits at the temperature', () => {
    const logits = [2, -1, 0.5, 4];
    const softmax = (temperature: number) => {
      const powers = logits.map((logit) => Math.exp(logit / temperature));
      return powers.map((power) => power / powers.reduce((a, b) => a + b));
    };
    expectClose(soften(Float32Array.from([...softmax(1), ...softmax(1)]), 4, 3), [...softmax(3), ...softmax(3)], 1e-6);
    expect([...soften(Float32Array.of(1, 0), 2, 4)]).to.deep.equal([1, 0]);
  });
});

interface DistilledLoss {
  readonly labelSmoothing: number;
  readonly classWeights: readonly number[];
  readonly distillation: DistillationSettings;
}

/** Of a dense layer over the pixels, in float64, from the definition: no softmax of ours. */
function definition({ pixels, labels, size, targets }: Required<PixelBatch>, kernel: Float64Array, bias: Float64Array, { labelSmoothing, classWeights, distillation: { temperature, share } }: DistilledLoss): number {
  const classes = bias.length;
  const inputs = kernel.length / classes;
  let total = 0;
  for (let image = 0; image < size; image++) {
    const logits = Array.from(bias, (start, c) => {
      let sum = start;
      for (let i = 0; i < inputs; i++) sum += (pixels[image * inputs + i] / 255) * kernel[i * classes + c];
      return sum;
    });
    const logSoftmax = (at: number) => {
      const sum = Math.log(logits.reduce((powers, logit) => powers + Math.exp(logit / at), 0));
      return logits.map((logit) => logit / at - sum);
    };
    const aims = logits.map((_, c) => labelSmoothing / classes + (c === labels[image] ? 1 - labelSmoothing : 0));
    const hard = -logSoftmax(1).reduce((sum, log, c) => sum + aims[c] * log, 0);
    const soft = -logSoftmax(temperature).reduce((sum, log, c) => sum + targets[image * classes + c] * log, 0);
    total += classWeights[labels[image]] * ((1 - share) * hard + share * temperature ** 2 * soft);
  }
  return total / size;
}
