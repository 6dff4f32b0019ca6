import { expect } from 'chai';
import { openDevice } from '../../../src/engine/gpu/device.js';
import type { PixelBatch } from '../../../src/engine/gpu/engine.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import type { Weight } from '../../../src/engine/graph/types.js';
import { freeze } from '../../../src/engine/graph/freeze.js';
import { measureFilters } from '../../../src/engine/lighten/measure.js';
import { expectClose, testRandom } from '../../support/close.js';
import { gradients, randomBatch } from '../gpu/reference/setup.js';
import { randomWeights } from './networks.js';

const graph = new GraphBuilder([8, 8, 3], 3)
  .conv(5, 3).maxPool(2).conv(6, 3, { activation: 'linear', useBias: false }).batchNorm().activation('relu').dropout(0.4)
  .globalAvgPool().dense(4).dropout(0.4).predictions();
const loss = { labelSmoothing: 0, classWeights: null };
const PHOTOS = 24;
const BATCH = 8;

async function* stream(batches: readonly PixelBatch[]): AsyncGenerator<PixelBatch> {
  yield* batches;
}

for (const [backend, path] of [['cpu', 'reference'], ['webgpu', 'compiled']] as const) {
  describe(`measures of filters (${backend}, ${path})`, () => {
    const random = testRandom(`measures ${backend}`);
    const weights = randomWeights(random, graph).map((weight): Weight => {
      // One dead filter.
      const dead = weight.name === 'conv2d/bias' ? 2 : -1;
      return { ...weight, data: weight.data.map((value, i) => (i === dead ? -100 : value)) };
    });
    const batches = Array.from({ length: PHOTOS / BATCH }, () => randomBatch(random, graph, BATCH));

    it('are those of every filter that can go, and Taylor’s term is the slope of the loss by a factor on the map, as its reader sees it', async function () {
      this.timeout(60_000);
      const device = await openDevice(backend);
      // What is frozen is measured all the same.
      const measures = await measureFilters({ graph: freeze(graph, ['conv2d', 'batch_normalization']), weights }, stream(batches), { device, path, loss, batch: BATCH, photos: PHOTOS });
      expect(measures.map(({ layer, taylor }) => [layer, taylor.length])).to.deep.equal([['conv2d', 5], ['conv2d_1', 6], ['dense', 4]]);
      expect(measures[0].zeroPlaces[2]).to.equal(1);
      expect(measures[0].zeroPhotos[2]).to.equal(1);
      expect(measures[0].taylor[2]).to.be.closeTo(0, 1e-12);
      expect(measures[2].zeroPlaces).to.deep.equal(measures[2].zeroPhotos);

      // The factor goes on what reads the map.
      const readers = { conv2d: ['conv2d_1/kernel', 6], conv2d_1: ['dense/kernel', 4], dense: ['dense_1/kernel', 3] } as const;
      const cpu = await openDevice('cpu');
      const plain = { ...graph, layers: graph.layers.filter(({ type }) => type !== 'dropout').map((layer) => ({ ...layer, inputs: layer.inputs.map((name) => (name === 'dropout' ? 're_lu' : name === 'dropout_1' ? 'dense' : name)) })) };
      const slopes = await Promise.all(batches.map((batch) => gradients(cpu, plain, weights, batch)));
      for (const { layer, taylor } of measures) {
        const [reader, outputs] = readers[layer as keyof typeof readers];
        const { data } = weights.find(({ name }) => name === reader)!;
        const expected = taylor.map((_, filter) => {
          const changes = slopes.map((slope) => data.reduce((sum, value, i) => sum + (Math.floor(i / outputs) % taylor.length === filter ? value * slope.get(reader)![i] : 0), 0));
          return changes.reduce((sum, change) => sum + change ** 2, 0) / batches.length;
        });
        expectClose(taylor, expected, 1e-3, layer);
      }
    });

    it('take the norm of what batch norm makes of the kernel', async () => {
      const device = await openDevice(backend);
      const [, second] = await measureFilters({ graph, weights }, stream(batches.slice(0, 1)), { device, path, loss, batch: BATCH, photos: BATCH });
      const value = (name: string): Float32Array => weights.find((weight) => weight.name === name)!.data;
      const kernel = value('conv2d_1/kernel');
      second.magnitude.forEach((found, filter) => {
        const norm = Math.hypot(...kernel.filter((_, i) => i % 6 === filter));
        const scale = value('batch_normalization/gamma')[filter] / Math.sqrt(value('batch_normalization/moving_variance')[filter] + 1e-3);
        expect(found).to.be.closeTo(norm * scale, 1e-5);
      });
    });

    it('leave nothing on the device', async () => {
      const device = await openDevice(backend);
      const once = () => measureFilters({ graph, weights }, stream(batches.slice(0, 1)), { device, path, loss, batch: BATCH, photos: BATCH });
      await once();
      const before = device.count();
      await once();
      expect(device.count()).to.equal(before);
    });
  });
}
