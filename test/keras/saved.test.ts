import { expect } from 'chai';
import { readCarriedModel } from '../../src/engine/exchange/formats.js';
import { openDevice } from '../../src/engine/gpu/device.js';
import { reference } from '../engine/gpu/reference/setup.js';
import { relativeError } from '../support/close.js';
import { weightValue } from './counters.js';
import { batchOf } from './networks.js';

interface Saved {
  readonly size: number;
  readonly batch: number;
  readonly classes: number;
  readonly weights: readonly (readonly [name: string, shape: readonly number[]])[];
  readonly probabilities: readonly number[];
}

describe('a model that Keras saved', () => {
  it('is read, its optimiser passed over: weights bit for bit, and the same answers', async () => {
    const said = (await (await fetch('/test/keras/saved/saved.json')).json()) as Saved;
    const { graph, weights, card } = await readCarriedModel(await (await fetch('/test/keras/saved/saved.keras')).blob());
    expect(card).to.equal(null);
    expect(weights.map(({ name }) => name)).to.have.members(said.weights.map(([name]) => name.replace('depthwise_kernel', 'kernel')));
    for (const [index, [name, shape]] of said.weights.entries()) {
      const weight = weights.find((one) => one.name === name.replace('depthwise_kernel', 'kernel'))!;
      expect(weight.shape, name).to.deep.equal(shape);
      expect(weight.data, name).to.deep.equal(weightValue(index, name, shape));
    }
    const device = await openDevice('cpu');
    const engine = reference(device, graph, { weights });
    expect(relativeError(await engine.predict(batchOf(0, said).pixels, said.batch), said.probabilities)).to.be.at.most(1e-5);
    engine.dispose();
    device.close();
  });
});
