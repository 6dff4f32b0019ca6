import { expect } from 'chai';
import { architectures } from '../../src/engine/architectures/index.js';
import { createEngine, openDevice, type Device } from '../../src/engine/gpu/index.js';
import { relativeError } from '../support/close.js';
import { probe, probeError } from './counters.js';
import { batchOf, graphOf, readVectors, weightsOf, type Vectors } from './networks.js';

/** Run by `npm run parity`, not by `npm test`: its vectors are made each time, and the largest network holds 134 MB. */
describe('Keras at full width', () => {
  let device: Device;
  before(async () => {
    device = await openDevice('webgpu');
  });
  after(() => device.close());

  for (const path of ['compiled', 'reference'] as const) {
    for (const { id } of architectures) {
      it(`gives the outputs of ${id}, layer by layer, as the ${path} engine does`, async () => {
        const vectors = await readVectors<Vectors>(id);
        const graph = graphOf(vectors);
        const options = { optimizer: { kind: 'sgd', learningRate: 1, momentum: 0 }, loss: { labelSmoothing: 0, classWeights: null }, seed: 1 } as const;
        const engine = await createEngine(path, device, { graph, weights: weightsOf(graph), batch: vectors.batch, ...options });
        try {
          const { pixels } = batchOf(0, vectors);
          expect(relativeError(await engine.predict(pixels, vectors.batch), vectors.forward.probabilities), 'probabilities').to.be.at.most(1e-5);
          const maps = await engine.featureMaps(pixels);
          maps.forEach((map, index) => expect(probeError(probe(index, map.data), vectors.forward.layers[index][1]), map.layer).to.be.at.most(1e-5));
        } finally {
          engine.dispose();
        }
      }).timeout(300_000);
    }
  }
});
