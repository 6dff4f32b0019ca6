import { expect } from 'chai';
import { architectures, buildGraph } from '../../src/engine/architectures/index.js';
import { createEngine, openDevice, type Device, type EnginePath } from '../../src/engine/gpu/index.js';
import type { TrainingEngine } from '../../src/engine/gpu/engine.js';
import { graphCosts } from '../../src/engine/graph/costs.js';
import { summaryRows } from '../../src/engine/graph/summary.js';
import { weightSpecs } from '../../src/engine/graph/weights.js';
import type { Backend, OptimizerSettings } from '../../src/engine/support/settings.js';
import { EarlyStopping } from '../../src/engine/training/early-stopping.js';
import { relativeError } from '../support/close.js';
import { probe, probeError, type Probe } from './counters.js';
import { batchOf, graphOf, madeAfresh, readVectors, weightsOf, type EarlyStoppingRun, type NamedProbe, type Vectors } from './networks.js';

const FORWARD = 1e-5;
const GRADIENT = 1e-4;
const FIRST_STEPS = 1e-3;

/** Its velocity after one step is the negative gradient. */
const plainSgd: OptimizerSettings = { kind: 'sgd', learningRate: 1, momentum: 0 };

interface EngineUnderTest {
  readonly path: EnginePath;
  readonly backend: Backend;
  readonly gradients: (id: string) => boolean;
  readonly adam: (id: string) => boolean;
}

/**
 * Op by op, the reference takes seconds a step of a deep network on a software adapter: in every test run it is held to a
 * few networks there, in `npm run parity` to all. The compiled engine on webgpu and the reference on cpu hold all gradients always.
 */
const engines: readonly EngineUnderTest[] = [
  { path: 'compiled', backend: 'webgpu', gradients: () => true, adam: () => true },
  { path: 'reference', backend: 'webgpu', gradients: (id) => madeAfresh || ['cnn-light', 'cnn-final', 'mobilenet'].includes(id), adam: (id) => madeAfresh || id === 'cnn-light' },
  { path: 'reference', backend: 'cpu', gradients: () => true, adam: (id) => madeAfresh || id === 'mobilenet' },
];

function expectProbe(actual: Probe, expected: Probe, tolerance: number, what: string): void {
  expect(probeError(actual, expected), what).to.be.at.most(tolerance);
}

async function expectMoving(engine: TrainingEngine, expected: readonly NamedProbe[], tolerance: number): Promise<void> {
  const weights = await engine.readWeights();
  for (const [name, wanted] of expected) {
    const index = weights.findIndex((weight) => weight.name === name);
    expectProbe(probe(index, weights[index].data), wanted, tolerance, name);
  }
}

/** A recorded history on which Keras and Winnow part on purpose (README). */
const AFTER_NONE = 'a number after none';

type Outcome = Pick<EarlyStoppingRun, 'epochs' | 'stopped' | 'best' | 'restored'>;
const outcome = ({ epochs, stopped, best, restored }: EarlyStoppingRun): Outcome => ({ epochs, stopped, best, restored });

function follow({ losses, patience }: EarlyStoppingRun): Outcome {
  const stopping = new EarlyStopping(patience);
  let epochs = 0;
  let stopped = false;
  let restored = 0;
  while (!stopped && epochs < losses.length) {
    const { best, stop } = stopping.observe(epochs + 1, losses[epochs] ?? NaN);
    epochs++;
    if (best) restored = epochs;
    stopped = stop;
  }
  return { epochs, stopped, best: stopping.bestEpoch, restored };
}

describe('Keras', () => {
  it('stops early at the same epoch, and goes back to the same one', async () => {
    const { runs } = await readVectors<{ runs: EarlyStoppingRun[] }>('early-stopping');
    const same = runs.filter(({ title }) => title !== AFTER_NONE);
    expect(same).to.not.be.empty;
    for (const run of same) expect(follow(run), `${run.title}, patience ${run.patience}`).to.deep.equal(outcome(run));
  });

  it('part where the first loss is no number: Keras keeps that epoch for good, Winnow the best that is one', async () => {
    const { runs } = await readVectors<{ runs: EarlyStoppingRun[] }>('early-stopping');
    const parted = runs.filter(({ title }) => title === AFTER_NONE);
    expect(parted.map((run) => [run.patience, outcome(run).restored, follow(run).restored])).to.deep.equal([[1, 1, 3], [2, 1, 5], [3, 1, 5]]);
  });

  for (const { id } of architectures) {
    it(`prints the summary of ${id} row for row`, async () => {
      const { summary } = await readVectors<Vectors>(id);
      const graph = buildGraph(id, { size: 224, classes: 5 });
      const rows = summaryRows(graph).map(({ name, type, shape, costs }) => [name, type, [...shape], costs.params]);
      expect(rows).to.deep.equal(summary.rows);
      const { params, trainableParams } = graphCosts(graph);
      expect({ params, trainableParams }).to.deep.equal({ params: summary.params, trainableParams: summary.trainableParams });
    });
  }

  for (const { path, backend, gradients, adam } of engines) {
    describe(`and the ${path} engine on ${backend}`, () => {
      let device: Device;
      before(async () => {
        device = await openDevice(backend);
      });
      after(() => device.close());

      for (const { id } of architectures.filter((each) => gradients(each.id))) {
        describe(id, () => {
          let vectors: Vectors;
          before(async () => {
            vectors = await readVectors<Vectors>(id);
          });

          /** An engine from the counters' weights; disposed whatever happens. */
          async function withEngine(optimizer: OptimizerSettings, use: (engine: TrainingEngine) => Promise<void>): Promise<void> {
            const graph = graphOf(vectors);
            const loss = { labelSmoothing: 0, classWeights: null };
            const engine = await createEngine(path, device, { graph, weights: weightsOf(graph), batch: vectors.batch, optimizer, loss, seed: 1 });
            try {
              await use(engine);
            } finally {
              engine.dispose();
            }
          }

          it('have the same outputs, layer by layer, and the same gradient of every weight', async () => {
            const specs = weightSpecs(graphOf(vectors));
            expect(specs.map((spec) => [spec.name, [...spec.shape]])).to.deep.equal(vectors.weights);
            const batch = batchOf(0, vectors);
            await withEngine(plainSgd, async (engine) => {
              expect(relativeError(await engine.predict(batch.pixels, vectors.batch), vectors.forward.probabilities), 'probabilities').to.be.at.most(FORWARD);
              const maps = await engine.featureMaps(batch.pixels.subarray(0, batch.pixels.length / vectors.batch));
              expect(maps.map((map) => map.layer)).to.deep.equal(vectors.forward.layers.map(([layer]) => layer));
              maps.forEach((map, index) => expectProbe(probe(index, map.data), vectors.forward.layers[index][1], FORWARD, map.layer));

              await engine.step(batch);
              const gradients = new Map((await engine.readOptimizer()).slots.map((slot) => [slot.name, slot.data.map((value) => -value)]));
              expect([...gradients.keys()]).to.deep.equal(vectors.gradients.map(([name]) => `${name}/velocity`));
              for (const [name, expected] of vectors.gradients) {
                const index = specs.findIndex((spec) => spec.name === name);
                expectProbe(probe(index, gradients.get(`${name}/velocity`)!), expected, GRADIENT, name);
              }
            });
          });

          if (adam(id)) {
            it('take the same ten steps of Adam', async () => {
              const { learningRate, losses, drift, moving, movingDrift } = vectors.training;
              await withEngine({ kind: 'adam', learningRate }, async (engine) => {
                let driftSoFar = 0;
                for (const [step, expected] of losses.entries()) {
                  await engine.step(batchOf(step, vectors));
                  const { loss, images } = await engine.takeSums();
                  driftSoFar = Math.max(driftSoFar, drift[step]);
                  const tolerance = step < 3 ? FIRST_STEPS * expected : 3 * driftSoFar;
                  expect(Math.abs(loss / images - expected), `loss of step ${step + 1}`).to.be.at.most(tolerance);
                  if (step === 2) await expectMoving(engine, moving[0], FIRST_STEPS);
                }
                await expectMoving(engine, moving[1], 3 * movingDrift);
              });
            });
          }
        });
      }
    });
  }
});
