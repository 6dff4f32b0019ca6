import { expect } from 'chai';
import { buildGraph } from '../../../../src/engine/architectures/index.js';
import { createCompiledEngine, predictCompiled, type CompiledEngine, type CompiledOptions } from '../../../../src/engine/gpu/compiled/engine.js';
import { openDevice, type Device } from '../../../../src/engine/gpu/device.js';
import type { EngineOptions, PixelBatch, TrainingEngine } from '../../../../src/engine/gpu/engine.js';
import { ReferenceEngine } from '../../../../src/engine/gpu/reference/engine.js';
import { GraphBuilder } from '../../../../src/engine/graph/builder.js';
import { initialWeights } from '../../../../src/engine/graph/weights.js';
import type { LayerGraph, Weight } from '../../../../src/engine/graph/types.js';
import { WinnowError } from '../../../../src/engine/support/errors.js';
import { expectClose, testRandom, uniforms } from '../../../support/close.js';
import { randomBatch } from '../reference/setup.js';

const build = (channels = 3): GraphBuilder => new GraphBuilder([11, 9, channels], 3);

/** Together every kind of layer, in odd widths, and every way that layers are fused, renamed or written into a concat. */
const graphs: Record<string, LayerGraph> = {
  'odd widths, flattened': build(1).conv(5, 3).conv(7, 5, { stride: 2, padding: 'valid', activation: 'relu6' }).flatten().dense(9).predictions(),
  'depthwise, batch norm, activations': build().conv(6, 3, { activation: 'linear', useBias: false }).batchNorm().activation('relu6').depthwise(3, { stride: 2, activation: 'linear', useBias: false }).batchNorm().activation('relu').depthwise(3).globalAvgPool().predictions(),
  'a concat in place, read twice': build().conv(6, 3).concat([(net) => net.conv(5, 1), (net) => net.conv(3, 3).conv(2, 3), (net) => net.maxPool(3, { stride: 1, padding: 'same' }).conv(3, 1)])
    .concat([(net) => net.conv(4, 1), (net) => net.conv(4, 3)]).maxPool(3, { stride: 2, padding: 'same' }).globalAvgPool().predictions(),
  'a concat of copies, flattened with gaps': build().conv(5, 3).concat([(net) => net.conv(3, 1, { activation: 'relu6' }), (net) => net.maxPool(3, { stride: 1, padding: 'same' }), () => undefined]).flatten().dense(6).predictions(),
  'dropout and frozen layers': frozen(build().conv(4, 3).batchNorm().conv(6, 3).dropout(0.3).flatten().dense(20).dropout(0.5).predictions(), 'conv2d', 'batch_normalization'),
  'an activation on its own, average pooling': build(2).conv(6, 3, { activation: 'relu' }).activation('relu6').avgPool(2).conv(5, 1).flatten().predictions(),
};

function frozen(graph: LayerGraph, ...names: string[]): LayerGraph {
  return { ...graph, layers: graph.layers.map((layer) => (names.includes(layer.name) ? { ...layer, trainable: false } : layer)) };
}

const settings = { optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9 }, loss: { labelSmoothing: 0.1, classWeights: [1, 2, 0.5] }, seed: 5, batch: 6 } as const;

describe('the compiled engine', () => {
  const random = testRandom('compiled engine');
  let device: Device;
  beforeEach(async () => {
    device = await openDevice('webgpu');
  });
  afterEach(() => device.close());

  const compiled = (graph: LayerGraph, options: Partial<CompiledOptions> = {}): Promise<CompiledEngine> => createCompiledEngine({ ...settings, graph, weights: initialWeights(graph, 3), ...options }, device);

  for (const [name, graph] of Object.entries(graphs)) {
    it(`trains as the reference engine does: ${name}`, async () => {
      // Initial zeros would hide a bias, and a moving variance of 1 a wrong use of it.
      const weights = initialWeights(graph, random.uint32()).map((weight): Weight => (/kernel|gamma/.test(weight.name) ? weight : { ...weight, data: uniforms(random, weight.data.length, 0.1, 0.9) }));
      const options: EngineOptions = { ...settings, graph, weights };
      // The last of an epoch is smaller.
      const batches = [6, 6, 4].map((size) => randomBatch(random, graph, size));
      const one = randomBatch(random, graph, 1);
      const everything = async (engine: TrainingEngine) => {
        for (const batch of batches) await engine.step(batch);
        const results = { sums: await engine.takeSums(), weights: await engine.readWeights(), state: await engine.readOptimizer(), predicted: await engine.predict(batches[0].pixels, 6), maps: await engine.featureMaps(one.pixels) };
        engine.dispose();
        return results;
      };
      const mine = await everything(await createCompiledEngine(options, device));
      const expected = await everything(new ReferenceEngine(await openDevice('cpu'), options));
      expect(mine.sums.images).to.equal(16);
      expect(mine.sums.correct).to.equal(expected.sums.correct);
      expect(mine.sums.loss).to.be.closeTo(expected.sums.loss, 1e-4 * expected.sums.loss);
      const compare = (found: readonly Weight[], wanted: readonly Weight[], tolerance: number) => {
        expect(found.map((weight) => [weight.name, [...weight.shape]])).to.deep.equal(wanted.map((weight) => [weight.name, [...weight.shape]]));
        found.forEach((weight, at) => expectClose(weight.data, wanted[at].data, tolerance, weight.name));
      };
      compare(mine.weights, expected.weights, 1e-4);
      expect(mine.state.step).to.equal(3);
      compare(mine.state.slots, expected.state.slots, 2e-3);
      expectClose(mine.predicted, expected.predicted, 1e-4);
      expect(mine.maps.map(({ layer, shape }) => [layer, [...shape]])).to.deep.equal(expected.maps.map(({ layer, shape }) => [layer, [...shape]]));
      mine.maps.forEach((map, at) => expectClose(map.data, expected.maps[at].data, 1e-3, map.layer));
    });
  }

  it('computes one photo alone, not a batch with one photo in it', async () => {
    const graph = buildGraph('cnn-light', { size: 64, classes: 3 });
    const engine = await compiled(graph, { batch: 16 });
    const { pixels } = randomBatch(random, graph, 16);
    const each = pixels.length / 16;
    const dispatch = GPUComputePassEncoder.prototype.dispatchWorkgroups;
    let groups = 0;
    const groupsOf = async (size: number): Promise<{ groups: number; probabilities: Float32Array }> => {
      groups = 0;
      const probabilities = await engine.predict(pixels.subarray(0, size * each), size);
      return { groups, probabilities };
    };
    GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, y, z) {
      groups += x * (y ?? 1) * (z ?? 1);
      return dispatch.call(this, x, y, z);
    };
    try {
      const all = await groupsOf(16);
      const one = await groupsOf(1);
      expect(one.groups).to.be.lessThan(all.groups / 4);
      expectClose(one.probabilities, all.probabilities.subarray(0, graph.classes), 1e-5);
    } finally {
      GPUComputePassEncoder.prototype.dispatchWorkgroups = dispatch;
      engine.dispose();
    }
  });

  it('repeats 100 steps bit for bit, 20 times of 20, and differs with another seed', async () => {
    const graph = new GraphBuilder([12, 12, 3], 3).conv(8, 3).batchNorm().conv(16, 3, { stride: 2 }).flatten().dropout(0.25).dense(12).predictions();
    const batches = Array.from({ length: 5 }, () => randomBatch(random, graph, 6));
    const train = async (seed: number) => {
      const engine = await compiled(graph, { seed, optimizer: { kind: 'adam', learningRate: 0.01 } });
      for (let step = 0; step < 100; step++) await engine.step(batches[step % 5]);
      const weights = await engine.readWeights();
      engine.dispose();
      return weights.flatMap(({ data }) => [...data]);
    };
    const once = await train(5);
    expect(once.every(Number.isFinite)).to.equal(true);
    for (let again = 1; again < 20; again++) expect(await train(5)).to.deep.equal(once);
    expect(await train(6)).not.to.deep.equal(once);
  });

  it('goes on from weights and optimiser state as if it had never stopped', async () => {
    const graph = graphs['odd widths, flattened'];
    const batches = Array.from({ length: 4 }, () => randomBatch(random, graph, 6));
    const optimizer = { kind: 'adam', learningRate: 0.01 } as const;
    const whole = await compiled(graph, { optimizer });
    for (const batch of batches) await whole.step(batch);
    const expected = await whole.readWeights();
    const first = await compiled(graph, { optimizer });
    for (const batch of batches.slice(0, 2)) await first.step(batch);
    const [weights, state] = [await first.readWeights(), await first.readOptimizer()];
    const second = await compiled(graph, { optimizer, weights, rates: first.rates });
    second.writeOptimizer(state);
    for (const batch of batches.slice(2)) await second.step(batch);
    expect(await second.readWeights()).to.deep.equal(expected);
    expect((await second.readOptimizer()).step).to.equal(4);
    for (const engine of [whole, first, second]) engine.dispose();
  });

  it('changes nothing in a step that is not finite, says which it was and where it began, and changes nothing after it', async () => {
    const graph = graphs['depthwise, batch norm, activations'];
    const engine = await compiled(graph);
    const batch = randomBatch(random, graph, 6);
    await engine.step(batch);
    const good = await engine.readWeights();
    const state = await engine.readOptimizer();
    const broken = good.map((weight) => (weight.name === 'dense/kernel' ? { ...weight, data: weight.data.map(() => Infinity) } : weight));
    engine.writeWeights(broken);
    await engine.takeSums();
    await engine.step(batch);
    await engine.step(batch);
    expect(await engine.readWeights()).to.deep.equal(broken);
    expect((await engine.readOptimizer()).slots).to.deep.equal(state.slots);
    expect(await engine.takeSums()).to.deep.equal({ images: 0, loss: 0, correct: 0, firstBadStep: 2 });
    expect(await engine.firstNotFinite(batch)).to.equal('dense forward');
    engine.writeWeights(good);
    expect(await engine.firstNotFinite(batch)).to.equal(null);
    await engine.step(batch);
    expect(await engine.takeSums()).to.deep.equal({ images: 0, loss: 0, correct: 0, firstBadStep: 2 });
    expect(await engine.readWeights()).to.deep.equal(good);
    engine.dispose();
  });

  it('moves with the learning rate that is set', async () => {
    const graph = graphs['odd widths, flattened'];
    const engine = await compiled(graph, { optimizer: { kind: 'sgd', learningRate: 1, momentum: 0 } });
    const before = await engine.readWeights();
    engine.setLearningRate(0);
    await engine.step(randomBatch(random, graph, 6));
    expect(await engine.readWeights()).to.deep.equal(before);
    engine.dispose();
  });

  it('predicts any number of images in chunks', async () => {
    const graph = graphs['a concat in place, read twice'];
    const engine = await compiled(graph, { batch: 4 });
    const { pixels } = randomBatch(random, graph, 10);
    const all = await engine.predict(pixels, 10);
    expect(all.length).to.equal(30);
    const bytes = pixels.length / 10;
    for (let image = 0; image < 10; image++) expectClose(await engine.predict(pixels.slice(image * bytes, (image + 1) * bytes), 1), all.subarray(image * 3, image * 3 + 3), 1e-5);
    const [one] = await engine.featureMaps(pixels, ['dense']);
    expectClose(one.data, all.subarray(0, 3), 1e-5);
    engine.dispose();
  });

  it('holds what was predicted, no more after ten steps than after two, and nothing once disposed', async () => {
    for (const id of ['cnn-light', 'cnn']) {
      const graph = buildGraph(id, { size: 32, classes: 3 });
      const before = [device.count(), device.memory().bytes];
      const engine = await compiled(graph);
      const batch: PixelBatch = randomBatch(random, graph, 6);
      const round = async () => {
        await engine.step(batch);
        await engine.takeSums();
        await engine.predict(batch.pixels, 6);
        await engine.featureMaps(batch.pixels.subarray(0, 32 * 32 * 3));
        await device.settle();
      };
      await round();
      const held = device.memory().bytes;
      const { peakBytes } = predictCompiled({ ...settings, graph }, engine.rates);
      expect(peakBytes / held).to.be.within(0.85, 1.15);
      for (let i = 0; i < 9; i++) await round();
      expect(device.memory().bytes).to.equal(held);
      engine.dispose();
      expect([device.count(), device.memory().bytes]).to.deep.equal(before);
      await engine.step(batch).then(() => expect.fail('a disposed engine took a step'), (error: Error) => expect(error.message).to.match(/disposed/));
    }
  });

  it('compiles every pipeline ahead, and says how far it is', async () => {
    const seen: [number, number][] = [];
    const engine = await compiled(graphs['odd widths, flattened'], { progress: (done, of) => seen.push([done, of]) });
    expect(seen.at(-1)![0]).to.equal(seen.at(-1)![1]);
    expect(seen.length).to.equal(seen.at(-1)![1]);
    expect(seen.length).to.be.at.most(2 * engine.dispatches);
    engine.dispose();
  });

  it('fails with a typed error when the device is lost, and leaves no buffer where it cannot be made', async () => {
    const graph = graphs['odd widths, flattened'];
    const engine = await compiled(graph);
    const lost = device.failed;
    device.gpu!.device.destroy();
    expect((await lost).code).to.equal('gpu-lost');
    await engine.step(randomBatch(random, graph, 6)).then(() => expect.fail('a lost device took a step'), (error: unknown) => expect(error).to.be.instanceOf(WinnowError));
    const count = device.count();
    await compiled(graph).then(() => expect.fail('a lost device compiled'), (error: unknown) => expect(error).to.be.instanceOf(WinnowError));
    expect(device.count()).to.equal(count);
  });
});
