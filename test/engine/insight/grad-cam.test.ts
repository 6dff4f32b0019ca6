import { expect } from 'chai';
import { architectures, buildGraph } from '../../../src/engine/architectures/index.js';
import { createViewer, openDevice } from '../../../src/engine/gpu/index.js';
import type { FeatureMap } from '../../../src/engine/gpu/engine.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import type { Layer, Weight } from '../../../src/engine/graph/types.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { camLayers, gradCam, lastCamLayer, paintHeat } from '../../../src/engine/insight/grad-cam.js';
import { expectClose, testRandom, uniforms } from '../../support/close.js';
import { randomBatch } from '../gpu/reference/setup.js';

/** Where each network's last convolution ends. */
const LAST: Readonly<Record<string, string>> = {
  cnn: 'conv2d_2', 'cnn-light': 'conv2d_1', 'cnn-final': 'conv2d_3', googlenet: 'inception_5b_output', 'googlenet-light': 'inception_5b_output',
  mobilenet: 'conv_pw_13_relu', vgg16: 'block5_conv3', 'vgg16-gap': 'block5_conv3', 'vgg-light': 'block4_conv3', 'vgg-custom': 'block3_conv3',
};

/** The layers after the last convolution in double precision, by the book: what they make of its maps. @returns the scores before the softmax. */
function scores(tail: readonly Layer[], weights: ReadonlyMap<string, Weight>, map: FeatureMap, moved: Float64Array): Float64Array {
  let [height, width] = map.shape;
  const channels = map.shape[2];
  let values = moved;
  for (const layer of tail) {
    switch (layer.type) {
      case 'maxPool2d': {
        expect([layer.pool, layer.stride], 'this test knows no other pooling').to.deep.equal([2, 2]);
        const [rows, columns] = [height, width].map((side) => (layer.padding === 'same' ? Math.ceil(side / 2) : Math.floor(side / 2)));
        const pooled = new Float64Array(rows * columns * channels).fill(-Infinity);
        for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) {
          if (y >> 1 >= rows || x >> 1 >= columns) continue;
          const at = ((y >> 1) * columns + (x >> 1)) * channels + c;
          pooled[at] = Math.max(pooled[at], values[(y * width + x) * channels + c]);
        }
        [values, height, width] = [pooled, rows, columns];
        break;
      }
      case 'globalAvgPool2d': {
        const means = new Float64Array(channels);
        values.forEach((value, i) => (means[i % channels] += value / (height * width)));
        values = means;
        break;
      }
      case 'dense': {
        const kernel = weights.get(`${layer.name}/kernel`)!.data;
        const sums = Float64Array.from(weights.get(`${layer.name}/bias`)!.data);
        for (let i = 0, at = 0; i < values.length; i++) for (let unit = 0; unit < layer.units; unit++) sums[unit] += values[i] * kernel[at++];
        values = layer.activation === 'relu' ? sums.map((sum) => Math.max(0, sum)) : sums;
        break;
      }
      case 'flatten':
      case 'dropout':
        break;
      default:
        throw new Error(`this test knows no ${layer.type} after the last convolution`);
    }
  }
  return values;
}

/** Of a bias, for finite differences in float32. */
const STEP = 1e-3;
/** Maps whose importance is measured: the largest network takes a quarter of a second for each. */
const PROBES = 4;

describe('Grad-CAM', () => {
  const random = testRandom('Grad-CAM');

  for (const { id } of architectures) {
    it(`of ${id} is what its definition gives by finite differences`, async () => {
      // Two places a side are the least that can differ: five halvings leave 64 pixels those. Networks of many layers take long to compile.
      const plain = /^(cnn|vgg)/.test(id);
      const device = await openDevice(plain ? 'webgpu' : 'cpu');
      const graph = buildGraph(id, { size: plain ? 32 : 64, classes: 3 });
      const weights = initialWeights(graph, random.uint32());
      const layer = lastCamLayer(graph)!;
      expect(layer).to.equal(LAST[id]);
      const { pixels } = randomBatch(random, graph, 1);
      const label = random.below(3);
      const viewer = createViewer(device, graph, weights);
      const { map, gradient } = await viewer.scoreGradient(pixels, layer, label);
      viewer.dispose();
      const [height, width, maps] = map.shape;
      const places = height * width;

      // A map's importance is the mean gradient over its places: by how much the score changes when the whole map moves.
      const importance = new Float64Array(maps);
      gradient.data.forEach((slope, i) => (importance[i % maps] += slope / places));
      const tail = graph.layers.slice(graph.layers.findIndex(({ name }) => name === layer) + 1);
      const named = new Map(weights.map((weight) => [weight.name, weight]));
      const score = (channel: number, by: number): number => scores(tail, named, map, Float64Array.from(map.data, (value, i) => (i % maps === channel ? value + by : value)))[label];
      const probes = Array.from({ length: Math.min(PROBES, maps) }, () => random.below(maps));
      // Of the maps' own size: those of a deep network with its first weights are small, and a fixed step would cross the bends of ReLUs.
      const step = 1e-6 * map.data.reduce((most, value) => Math.max(most, value), 0);
      expectClose(probes.map((channel) => importance[channel]), probes.map((channel) => (score(channel, step) - score(channel, -step)) / (2 * step) / places), 2e-3, 'importance of maps');

      // And the heat is the sum of the maps by their importance, for this class or, where no place speaks for it, against it.
      const sums = Array.from({ length: places }, (_, place) => importance.reduce((sum, weight, channel) => sum + weight * map.data[place * maps + channel], 0));
      const sign = sums.some((sum) => sum > 0) ? 1 : -1;
      const answer = { map, gradient: { ...gradient, data: gradient.data.map((slope) => sign * slope) } };
      const { heat, peak } = await gradCam({ scoreGradient: async () => answer }, graph, pixels, layer, label);
      expect(peak).to.be.above(0);
      expectClose(heat.map((value) => value * peak), sums.map((sum) => Math.max(0, sign * sum)), 1e-4, 'heat');
    });
  }

  it('goes back through branches, pooling and batch norm: finite differences of every bias of the layer agree', async () => {
    const graph = new GraphBuilder([9, 8, 3], 3)
      .conv(5, 3)
      .concat([(net) => net.conv(4, 1, { name: 'short' }), (net) => net.conv(3, 1).conv(4, 3), (net) => net.maxPool(3, { stride: 1, padding: 'same' }).conv(2, 1), (net) => net.avgPool(3, { stride: 1, padding: 'same' })])
      .depthwise(3, { activation: 'linear', useBias: false }).batchNorm().activation('relu').conv(6, 3, { stride: 2 }).maxPool(2).flatten().dense(7).predictions();
    const weights = initialWeights(graph, random.uint32()).map((weight): Weight => (weight.name.endsWith('/bias') ? { ...weight, data: uniforms(random, weight.data.length, 0.05, 0.3) } : weight));
    const { pixels } = randomBatch(random, graph, 1);
    const cpu = await openDevice('cpu');
    const output = graph.layers.at(-1)!.name;
    /** The score of class 0 over that of class 1, which the softmax leaves as it is. */
    const lead = async (name: string, index: number, by: number): Promise<number> => {
      const viewer = createViewer(cpu, graph, weights.map((weight) => (weight.name === name ? { ...weight, data: weight.data.map((value, i) => (i === index ? value + by : value)) } : weight)));
      const [{ data }] = await viewer.featureMaps(pixels, [output]);
      viewer.dispose();
      return Math.log(data[0] / data[1]);
    };
    for (const layer of ['conv2d', 'short', 'conv2d_2']) {
      const viewer = createViewer(cpu, graph, weights);
      const [first, second] = [await viewer.scoreGradient(pixels, layer, 0), await viewer.scoreGradient(pixels, layer, 1)];
      viewer.dispose();
      const maps = first.map.shape.at(-1)!;
      // A bias moves the map only where the relu lets it through.
      const expected = new Float64Array(maps);
      first.map.data.forEach((value, i) => (expected[i % maps] += value > 0 ? first.gradient.data[i] - second.gradient.data[i] : 0));
      const [slopes, gradients]: [number[], number[]] = [[], []];
      const here = await lead(`${layer}/bias`, 0, 0);
      for (let index = 0; index < maps; index++) {
        const up = (await lead(`${layer}/bias`, index, STEP)) - here;
        const down = here - (await lead(`${layer}/bias`, index, -STEP));
        // Where a relu or a maximum bends within the step, the two sides differ, and neither is the slope.
        if (Math.abs(up - down) > 0.02 * (Math.abs(up) + Math.abs(down)) + 1e-5) continue;
        slopes.push((up + down) / (2 * STEP));
        gradients.push(expected[index]);
      }
      expect(slopes.length, `smooth biases of ${layer}`).to.be.at.least(2);
      expectClose(gradients, slopes, 0.05, layer);
    }
  });

  it('can be taken where convolutions end and branches meet, and nowhere else', async () => {
    const graph = buildGraph('googlenet', { size: 64, classes: 3 });
    const layers = camLayers(graph);
    expect(layers).to.include.members(['conv1_7x7', 'inception_3a_5x5', 'inception_5b_output']);
    expect(layers).not.to.include.members(['pool1']);
    const small = new GraphBuilder([8, 8, 3], 2).conv(2, 3).flatten().predictions();
    const viewer = createViewer(await openDevice('cpu'), small, initialWeights(small, 1));
    const { pixels } = randomBatch(random, small, 1);
    for (const [layer, label] of [['flatten', 0], ['missing', 0], ['conv2d', 2]] as const) {
      expect(await gradCam(viewer, small, pixels, layer, label).catch((error: { code: string }) => error.code)).to.equal('call-invalid');
    }
    viewer.dispose();
  });

  it('leaves nothing on the GPU', async () => {
    const graph = new GraphBuilder([8, 8, 3], 2).conv(4, 3).flatten().predictions();
    const { pixels } = randomBatch(random, graph, 1);
    const cpu = await openDevice('cpu');
    const viewer = createViewer(cpu, graph, initialWeights(graph, 1));
    await gradCam(viewer, graph, pixels, 'conv2d', 0);
    const held = cpu.count();
    await gradCam(viewer, graph, pixels, 'conv2d', 1);
    expect(cpu.count()).to.equal(held);
    viewer.dispose();
  });
});

describe('the heat as a picture', () => {
  it('is the stronger the less transparent, grown without a seam', () => {
    const rgba = paintHeat({ heat: Float32Array.from([0, 1, 0, 1]), height: 2, width: 2 }, 8);
    const alpha = (x: number, y: number): number => rgba[(y * 8 + x) * 4 + 3];
    const row = Array.from({ length: 8 }, (_, x) => alpha(x, 3));
    expect(row[0]).to.equal(0);
    expect(row[7]).to.be.within(210, 225);
    expect([...row].sort((a, b) => a - b)).to.deep.equal(row);
    expect(Array.from({ length: 8 }, (_, y) => alpha(5, y))).to.deep.equal(new Array(8).fill(alpha(5, 0)));
  });
});
