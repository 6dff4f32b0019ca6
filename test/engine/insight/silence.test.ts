import { expect } from 'chai';
import { createViewer, openDevice } from '../../../src/engine/gpu/index.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { measureSilence } from '../../../src/engine/insight/silence.js';
import { deadMaps, SilenceCount } from '../../../src/engine/insight/zeros.js';
import { testRandom } from '../../support/close.js';
import { randomBatch } from '../gpu/reference/setup.js';

describe('silence of maps', () => {
  it('counts places and photos at which a map is zero, and a map as dead only where it is dark on every photo', () => {
    const count = new SilenceCount(3);
    // Two places, three maps: the first speaks on one photo, the second nowhere, the third below zero, which is an answer.
    count.add(Float32Array.from([0, 0, -1, 2, 0, -1]));
    count.add(Float32Array.from([0, 0, -1, 0, 0, -1]));
    const silence = count.result();
    expect(silence).to.deep.equal({ zeroPlaces: [0.75, 1, 0], zeroPhotos: [0.5, 1, 0] });
    expect(deadMaps(silence)).to.deep.equal([1]);
  });

  it('is measured over photos, filters judged after their batch norm and activation, and finds those that a bias has killed', async () => {
    const random = testRandom('silence');
    const graph = new GraphBuilder([8, 8, 3], 2).conv(4, 3, { activation: 'linear' }).batchNorm().activation('relu').conv(3, 3).flatten().dense(5).predictions();
    const device = await openDevice('cpu');
    const weights = initialWeights(graph, random.uint32()).map((weight) => {
      if (weight.name.endsWith('beta')) return { ...weight, data: Float32Array.from([-1e3, 1e3, -1e3, 1e3]) };
      if (weight.name === 'conv2d_1/bias') return { ...weight, data: Float32Array.from([1e6, -1e6, 1e6]) };
      return weight.name === 'dense/bias' ? { ...weight, data: weight.data.map((_, unit) => (unit === 4 ? -1e9 : 1e9)) } : weight;
    });
    const viewer = createViewer(device, graph, weights);
    async function* photos(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      for (let i = 0; i < 5; i++) yield randomBatch(random, graph, 1).pixels;
    }
    const silence = await measureSilence(viewer, graph, photos());
    viewer.dispose();
    expect(silence.photos).to.equal(5);
    expect(silence.layers.map(({ layer, kind }) => [layer, kind])).to.deep.equal([['re_lu', 'filters'], ['conv2d_1', 'filters'], ['dense', 'units']]);
    expect(silence.layers.map(deadMaps)).to.deep.equal([[0, 2], [1], [4]]);
    expect(silence.layers[0].zeroPlaces).to.deep.equal([1, 0, 1, 0]);
  });
});
