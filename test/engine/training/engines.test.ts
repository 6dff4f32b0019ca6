import { expect } from 'chai';
import { createEngine, openDevice, type Device } from '../../../src/engine/gpu/index.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { freeze } from '../../../src/engine/graph/freeze.js';
import type { LayerGraph, Weight } from '../../../src/engine/graph/types.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import type { RunSettings } from '../../../src/engine/support/settings.js';
import { RunControl } from '../../../src/engine/training/control.js';
import { fit } from '../../../src/engine/training/fit.js';
import { resolveLoss } from '../../../src/engine/training/loss.js';
import { relativeError } from '../../support/close.js';
import { toyClasses, toyGraph, toySettings, ToySource, toySplit } from './toy.js';

type Path = 'reference' | 'compiled';

describe('both engines honour the settings', () => {
  let device: Device;
  before(async () => {
    device = await openDevice('webgpu');
  });
  after(() => device.close());

  async function trained(path: Path, settings: RunSettings, graph: LayerGraph = toyGraph): Promise<{ weights: readonly Weight[]; losses: readonly number[]; rates: readonly (number | undefined)[] }> {
    const source = new ToySource();
    const { optimizer, batch, seed } = settings;
    const loss = resolveLoss(settings.loss, [10, 6, 4]);
    const engine = await createEngine(path, device, { graph, weights: initialWeights(graph, 1), batch, optimizer, loss, seed });
    try {
      const { history } = await fit({ engine, source, split: toySplit, counts: source.counts, classes: toyClasses.length, settings, control: new RunControl(), asked: performance.now(), undecodable: new Set() });
      return { weights: await engine.readWeights(), losses: history.map(({ loss: each }) => each), rates: history.map(({ learningRate }) => learningRate) };
    } finally {
      engine.dispose();
    }
  }

  const short: RunSettings = { ...toySettings, epochs: 3, optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0 } };
  const cases: Record<string, Partial<RunSettings>> = {
    'a cosine schedule': { schedule: { kind: 'cosine', alpha: 0.1 } },
    'a step schedule': { schedule: { kind: 'step', every: 1, factor: 0.25 } },
    'a plateau schedule that falls at once': { schedule: { kind: 'plateau', factor: 0.1, patience: 1, least: 0 }, optimizer: { kind: 'sgd', learningRate: 30, momentum: 0 } },
    momentum: { optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9 } },
    'weight decay': { optimizer: { kind: 'adamw', learningRate: 0.01, weightDecay: 0.5 } },
    'balanced class weights': { loss: { labelSmoothing: 0, classWeights: 'balanced' } },
    'class weights as given': { loss: { labelSmoothing: 0, classWeights: [0, 1, 5] } },
    'label smoothing': { loss: { labelSmoothing: 0.3, classWeights: null } },
  };
  for (const [what, change] of Object.entries(cases)) {
    it(`${what}: alike, and unlike training without it`, async () => {
      const settings = { ...short, ...change };
      const [reference, compiled, plain] = [await trained('reference', settings), await trained('compiled', settings), await trained('compiled', short)];
      compiled.losses.forEach((loss, i) => expect(loss, `epoch ${i + 1}`).to.be.closeTo(reference.losses[i], 1e-3 * reference.losses[i]));
      expect(compiled.rates).to.deep.equal(reference.rates);
      const apart = reference.weights.map(({ data }, i) => relativeError(compiled.weights[i].data, data));
      if (!what.includes('plateau')) expect(Math.max(...apart)).to.be.lessThan(1e-2);
      expect(plain.losses.at(-1)).not.to.be.closeTo(reference.losses.at(-1)!, 1e-4);
    });
  }

  it('frozen layers do not move, and a frozen batch norm keeps its statistics and uses them', async () => {
    const graph = new GraphBuilder([6, 6, 3], 3).conv(4, 3, { activation: 'linear' }).batchNorm().activation('relu').globalAvgPool().predictions();
    const frozen = freeze(graph, ['conv2d', 'batch_normalization']);
    const first = initialWeights(graph, 1);
    const [reference, compiled, free] = [await trained('reference', short, frozen), await trained('compiled', short, frozen), await trained('compiled', short, graph)];
    for (const { weights } of [reference, compiled]) {
      weights.forEach(({ name, data }, i) => {
        if (name.startsWith('dense')) expect(data, name).not.to.deep.equal(first[i].data);
        else expect(data, name).to.deep.equal(first[i].data);
      });
    }
    // The statistics of the batch would give another loss from the first step on.
    expect(compiled.losses[0]).to.be.closeTo(reference.losses[0], 1e-4);
    expect(Math.abs(free.losses[0] - compiled.losses[0])).to.be.greaterThan(1e-3);
  });
});
