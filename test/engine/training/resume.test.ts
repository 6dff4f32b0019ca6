import { expect } from 'chai';
import { openDevice } from '../../../src/engine/gpu/device.js';
import type { OptimizerState } from '../../../src/engine/gpu/engine.js';
import { ReferenceEngine } from '../../../src/engine/gpu/reference/engine.js';
import type { Weight } from '../../../src/engine/graph/types.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { Checkpoints } from '../../../src/engine/training/checkpoint.js';
import { RunControl } from '../../../src/engine/training/control.js';
import { fit, startState, type FitRequest, type FitState } from '../../../src/engine/training/fit.js';
import { weightsSha256 } from '../../../src/engine/training/measure.js';
import { toyClasses, StopsAfter, toyEngine, toyGraph, toySettings, ToySource, toySplit } from './toy.js';

interface Kept {
  readonly state: FitState;
  readonly weights: readonly Weight[];
  readonly optimizer: OptimizerState;
  readonly best: readonly Weight[] | null;
}

const settings = { ...toySettings, epochs: 8, patience: 3, schedule: { kind: 'plateau', factor: 0.5, patience: 1, least: 0 } } as const;

describe('a fit that goes on from a checkpoint', () => {
  /** Keeps a checkpoint wherever one is offered. */
  async function train(part: Partial<FitRequest> = {}, from?: Kept): Promise<{ kept: Kept[]; sha: string; result: Awaited<ReturnType<typeof fit>> }> {
    const engine = await toyEngine();
    const source = new ToySource();
    const kept: Kept[] = [];
    let best: readonly Weight[] | null = from?.best ?? null;
    if (from) {
      engine.writeWeights(from.weights);
      engine.writeOptimizer(from.optimizer);
    }
    const result = await fit({
      engine, source, split: toySplit, counts: source.counts, classes: toyClasses.length, settings, control: new RunControl(), asked: performance.now(), undecodable: new Set(),
      onEpoch: (_, weights) => void (best = weights ?? best),
      checkpoint: {
        due: () => true,
        async take(state) {
          kept.push({ state: structuredClone(state), weights: await engine.readWeights(), optimizer: await engine.readOptimizer(), best });
        },
      },
      ...(from && { before: { state: from.state, bestWeights: from.best, taken: from.optimizer.step } }),
      ...part,
    });
    const sha = await weightsSha256(await engine.readWeights());
    engine.dispose();
    return { kept, sha, result };
  }

  it('ends with the weights, the history and the best epoch of one that never stopped, from wherever it goes on', async () => {
    const whole = await train();
    const ends = whole.kept.filter(({ state }) => state.step === 0);
    expect(ends.length).to.be.at.least(5);
    for (const kept of ends) {
      const { sha, result } = await train({}, kept);
      expect(sha).to.equal(whole.sha);
      expect(result.best?.epoch).to.equal(whole.result.best?.epoch);
      expect(result.stoppedEarly).to.equal(whole.result.stoppedEarly);
      const plain = ({ history }: typeof result) => history.map(({ seconds: _, imagesPerSecond: __, ...rest }) => rest);
      expect(plain(result)).to.deep.equal(plain(whole.result));
    }
  });

  it('has a history that does not hang on the clock', async () => {
    const slow = new ToySource();
    slow.before = async ({ part }, step) => {
      if (part === 'train' && step > 0) await new Promise((resolve) => setTimeout(resolve, 120));
    };
    const short = { settings: { ...settings, epochs: 3 } };
    const [quick, late] = [await train(short), await train({ ...short, source: slow })];
    const losses = ({ result }: typeof quick) => result.history.map(({ loss }) => loss);
    expect(losses(late)).to.deep.equal(losses(quick));
  });

  it('goes on in the middle of an epoch', async () => {
    const whole = await train();
    const control = new StopsAfter(Infinity);
    let epoch = 0;
    const onStage = (stage: string): void => {
      if (stage === 'training' && ++epoch === 3) control.stopAfter(2);
    };
    const { kept } = await train({ control, onStage });
    const [stopped] = kept.filter(({ state }) => state.step > 0).slice(-1);
    expect(stopped.state.history).to.have.length(2);
    expect(stopped.state.sums.images).to.equal(Math.min(20, stopped.state.step * settings.batch));
    const asked = new ToySource();
    const { sha, result } = await train({ source: asked }, stopped);
    expect(sha).to.equal(whole.sha);
    expect(result.history.map(({ accuracy }) => accuracy)).to.deep.equal(whole.result.history.map(({ accuracy }) => accuracy));
    expect(asked.asked.filter(({ part, epoch }) => part === 'train' && epoch === 3)).to.have.length(3 - stopped.state.step);
  });

  it('without its best weights, takes the next epoch’s for the best', async () => {
    const { kept } = await train();
    const { result } = await train({}, { ...kept.find(({ state }) => state.history.length === 2)!, best: null });
    expect(result.best!.epoch).to.be.at.least(3);
  });

  it('has state on the GPU as it was, to the bit', async () => {
    const device = await openDevice('webgpu');
    const { kept } = await train();
    const { weights, optimizer } = kept.at(-1)!;
    const engine = new ReferenceEngine(device, { graph: toyGraph, weights: initialWeights(toyGraph, 9), batch: settings.batch, optimizer: settings.optimizer, loss: { labelSmoothing: 0, classWeights: null }, seed: 1 });
    engine.writeWeights(weights);
    engine.writeOptimizer(optimizer);
    expect(await engine.readWeights()).to.deep.equal(weights);
    expect(await engine.readOptimizer()).to.deep.equal(optimizer);
    engine.dispose();
    device.close();
  });
});

describe('how often a checkpoint is written', () => {
  it('so that checkpoints take 3 % of the time at most, what they cost being measured', async () => {
    const control = new RunControl();
    const run = crypto.randomUUID();
    const engine = { readWeights: async () => [], readOptimizer: async () => ({ step: 0, slots: [] }) };
    const cost = { count: 10, spent: 200, trained: 10_000 };
    const checkpoints = new Checkpoints({ run, engine, bytes: 1_000_000, control, cost, failed: () => expect.fail('stored') });
    // 10 ms, and 1 MB at 100 MB a second.
    expect([checkpoints.due('step'), checkpoints.due('epoch')]).to.deep.equal([false, true]);
    await checkpoints.take({ fit: startState, sentinel: { said: [], lastGap: 0, apart: false }, rates: null, path: 'reference', adapter: (await toyEngine()).adapter, undecodable: [], cost });
    expect(checkpoints.cost.count).to.equal(11);
    expect(checkpoints.cost.spent).to.be.greaterThan(200);
  });
});
