import { expect } from 'chai';
import { architectures, buildGraph } from '../../../src/engine/architectures/index.js';
import { openDevice, type Device } from '../../../src/engine/gpu/device.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { graphCosts } from '../../../src/engine/graph/costs.js';
import { elements, inferShapes } from '../../../src/engine/graph/shapes.js';
import { initialWeights, weightSpecs } from '../../../src/engine/graph/weights.js';
import type { Weight } from '../../../src/engine/graph/types.js';
import { filterLayers } from '../../../src/engine/graph/filter-layers.js';
import type { Keep, Network } from '../../../src/engine/lighten/filters.js';
import { prune, pruneSlots } from '../../../src/engine/lighten/prune.js';
import type { Random } from '../../../src/engine/support/random.js';
import { relativeError, testRandom } from '../../support/close.js';
import { randomBatch, reference } from '../gpu/reference/setup.js';
import { randomGraph, randomKeep, randomWeights, silenced } from './networks.js';

const IMAGES = 3;

async function answers(device: Device, { graph, weights }: Network, pixels: Uint8Array<ArrayBuffer>): Promise<Float32Array> {
  const engine = reference(device, graph, { weights, batch: IMAGES });
  const probabilities = await engine.predict(pixels, IMAGES);
  engine.dispose();
  return probabilities;
}

async function expectSameAnswers(device: Device, random: Random, one: Network, other: Network, what: string): Promise<void> {
  const { pixels } = randomBatch(random, one.graph, IMAGES);
  const [expected, found] = [await answers(device, one, pixels), await answers(device, other, pixels)];
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - found[i])));
  expect(worst, what).to.be.at.most(1e-5);
}

function expectWhole({ graph, weights }: Network): void {
  inferShapes(graph);
  expect(weights.map(({ name, shape, data }) => [name, shape, data.length])).to.deep.equal(weightSpecs(graph).map(({ name, shape }) => [name, shape, elements(shape)]));
}

/** A moving mean with nothing but its entries left out. */
function cutWithoutFold({ graph, weights }: Network, name: string, keep: Keep): Float32Array<ArrayBuffer> | null {
  const layer = filterLayers(graph).find(({ norm }) => norm !== null && name === `${norm}/moving_mean`);
  return layer === undefined ? null : weights.find((weight) => weight.name === name)!.data.filter((_, i) => keep.get(layer.name)!.includes(i));
}

describe('pruning', () => {
  it('of 200 random networks: removed filters are as silenced ones, and the rest is an ordinary network', async function () {
    this.timeout(120_000);
    const random = testRandom('random networks');
    const device = await openDevice('cpu');
    let removed = 0;
    for (let round = 0; round < 200; round++) {
      const graph = randomGraph(random);
      const network = { graph, weights: randomWeights(random, graph) };
      const keep = randomKeep(random, graph);
      const pruned = prune(network, keep);
      expectWhole(pruned);
      for (const { name, filters } of filterLayers(pruned.graph)) {
        const layer = filterLayers(graph).find((before) => before.name === name)!;
        expect(filters).to.equal(keep.get(name)?.length ?? layer.filters);
        removed += layer.filters - filters;
      }
      await expectSameAnswers(device, random, silenced(network, keep), pruned, `round ${round}: ${JSON.stringify({ keep: [...keep], layers: graph.layers })}`);
    }
    expect(removed).to.be.above(500);
  });

  it('changes neither graph nor weights that it is given', () => {
    const random = testRandom('pure');
    const graph = randomGraph(random);
    const network = { graph, weights: randomWeights(random, graph) };
    const before = structuredClone(network);
    prune(network, randomKeep(random, graph));
    expect(network).to.deep.equal(before);
  });

  for (const { id } of architectures) {
    it(`of ${id}: half of every layer's filters`, async function () {
      this.timeout(60_000);
      const random = testRandom(id);
      const graph = id === 'mobilenet' ? buildGraph(id, { size: 32, classes: 5, options: { width: 0.25 } }) : buildGraph(id, { size: 32, classes: 5 });
      const keep: Keep = new Map(filterLayers(graph).map(({ name, filters }) => [name, Array.from({ length: filters >> 1 }, (_, i) => 2 * i + random.below(2))]));
      // Of VGG16's 134 million weights the shapes are enough.
      if (graphCosts(graph).params > 2e7) return expectWhole(prune({ graph, weights: initialWeights(graph, 1) }, keep));
      const network = { graph, weights: randomWeights(random, graph) };
      const pruned = prune(network, keep);
      expectWhole(pruned);
      const [before, after] = [graphCosts(graph), graphCosts(pruned.graph)];
      expect(after.params / before.params, 'params').to.be.below(0.51);
      expect(after.macs / before.macs, 'MACs').to.be.below(0.51);
      if (before.macs < 2e7) await expectSameAnswers(await openDevice('cpu'), random, silenced(network, keep), pruned, id);
    });
  }

  it('of exactly dead filters changes no answer, whatever batch norm makes of them further on', async () => {
    const random = testRandom('dead filters');
    const device = await openDevice('cpu');
    const net = new GraphBuilder([8, 8, 3], 4);
    const bare = { activation: 'linear', useBias: false } as const;
    for (const block of [0, 1, 2]) net.conv(12, block === 0 ? 3 : 1, bare).batchNorm().activation('relu').depthwise(3, bare).batchNorm().activation('relu');
    const graph = net.conv(6, 1, { activation: 'linear' }).flatten().dense(9, { activation: 'linear' }).predictions();
    const keep = new Map(filterLayers(graph).slice(0, 3).map(({ name, filters }): [string, number[]] => [name, Array.from({ length: filters }, (_, i) => i).filter((i) => i !== 1 && (i === 0 || random.below(3) > 0))]));
    // What is before the relu so low that it lets nothing through.
    const lowered = new Map(filterLayers(graph).slice(0, 3).map(({ name, norm }) => [`${norm}/beta`, keep.get(name)!]));
    const weights = randomWeights(random, graph).map((weight): Weight => {
      if (!/bias|beta/.test(weight.name)) return weight;
      const dead = (i: number): boolean => lowered.has(weight.name) && !lowered.get(weight.name)!.includes(i);
      // High enough for relu to let the rest through.
      return { ...weight, data: weight.data.map((value, i) => (dead(i) ? -1e3 : value + 2)) };
    });
    const network = { graph, weights };
    const pruned = prune(network, keep);
    expect(graphCosts(pruned.graph).params).to.be.below(graphCosts(graph).params);

    // Maps rather than probabilities: a softmax near 1 hides differences.
    const maps = async (of: Network, pixels: Uint8Array<ArrayBuffer>): Promise<Float32Array> => {
      const engine = reference(device, of.graph, { weights: of.weights });
      const [{ data }] = await engine.featureMaps(pixels, ['dense']);
      engine.dispose();
      return data;
    };
    const [pixels, others] = [randomBatch(random, graph, 1).pixels, randomBatch(random, graph, 1).pixels];
    const [whole, small] = [await maps(network, pixels), await maps(pruned, pixels)];
    expect(relativeError(small, whole)).to.be.at.most(1e-5);
    expect(relativeError(await maps(pruned, others), small), 'depends on the photo').to.be.above(1e-4);
    const weightsUnfolded = pruned.weights.map((weight) => (weight.name.endsWith('moving_mean') ? { ...weight, data: cutWithoutFold(network, weight.name, keep) ?? weight.data } : weight));
    expect(relativeError(await maps({ graph: pruned.graph, weights: weightsUnfolded }, pixels), small), 'depends on what is folded').to.be.above(1e-4);
  });

  it('gives a layer without a bias one where a constant has to go somewhere', () => {
    const graph = new GraphBuilder([4, 4, 3], 2).conv(4, 1).depthwise(1).conv(3, 1, { useBias: false }).globalAvgPool().predictions();
    const weights = initialWeights(graph, 1).map((weight): Weight => (weight.name === 'depthwise_conv2d/bias' ? { ...weight, data: Float32Array.of(0, 0, 0.5, 0) } : weight));
    const kernel = weights.find(({ name }) => name === 'conv2d_1/kernel')!.data;
    const pruned = prune({ graph, weights }, new Map([['conv2d', [0, 1, 3]]]));
    expectWhole(pruned);
    expect(pruned.weights.find(({ name }) => name === 'conv2d_1/bias')!.data).to.deep.equal(Float32Array.from(kernel.slice(6, 9), (value) => value / 2));
  });

  it('cuts the optimiser’s slots as the weights', () => {
    const random = testRandom('slots');
    const graph = randomGraph(random);
    const weights = randomWeights(random, graph);
    const keep = randomKeep(random, graph);
    const slots = weights.flatMap((weight) => ['m', 'v'].map((slot) => ({ ...weight, name: `${weight.name}/${slot}` })));
    // Without constants to fold, a slot that equals its weight is cut to the same.
    const plain = prune({ graph, weights: weights.map((weight) => (/beta|bias|moving_mean/.test(weight.name) ? { ...weight, data: weight.data.fill(0) } : weight)) }, keep);
    const cut = new Map(pruneSlots(graph, slots, keep).map((slot) => [slot.name, slot]));
    for (const { name, shape, data } of plain.weights) {
      for (const slot of ['m', 'v']) expect(cut.get(`${name}/${slot}`)).to.deep.equal({ name: `${name}/${slot}`, shape, data });
    }
  });

  it('refuses what cannot be', () => {
    const graph = new GraphBuilder([4, 4, 3], 2).conv(4, 1).globalAvgPool().predictions();
    const network = { graph, weights: initialWeights(graph, 1) };
    for (const keep of [['conv2d', []], ['conv2d', [1, 1]], ['conv2d', [4]], ['conv2d', [2, 1]], ['dense', [0]], ['nothing', [0]]] as [string, number[]][]) {
      expect(() => prune(network, new Map([keep])), JSON.stringify(keep)).to.throw(RangeError);
    }
  });
});
