import { expect } from 'chai';
import { RunControl } from '../../../src/engine/training/control.js';
import { fit, type FitProgress, type FitRequest } from '../../../src/engine/training/fit.js';
import { measure, weightsSha256 } from '../../../src/engine/training/measure.js';
import type { EpochRecord } from '../../../src/engine/storage/records.js';
import type { ReferenceEngine } from '../../../src/engine/gpu/reference/engine.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import { toyClasses, StopsAfter, toyEngine, toySettings, ToySource, toySplit } from './toy.js';

/** What measuring needs beside what fitting does. */
const measured = { counts: { train: 20, validation: 10, test: 0 }, classes: toyClasses, settings: toySettings, predictedGpuBytes: 1 };

function request(engine: ReferenceEngine, overrides: Partial<FitRequest> = {}): FitRequest {
  const source = new ToySource();
  return {
    engine,
    source,
    split: toySplit,
    counts: source.counts,
    classes: toyClasses.length,
    settings: toySettings,
    control: new RunControl(),
    asked: performance.now(),
    undecodable: new Set(),
    ...overrides,
  };
}

describe('fit', () => {
  it('learns what can be learned, and measures it', async () => {
    const engine = await toyEngine();
    const progress: FitProgress[] = [];
    const told: EpochRecord[] = [];
    const wanted = request(engine, { onProgress: (now) => progress.push(now), onEpoch: (record) => void told.push(record) });
    const fitted = await fit(wanted);
    expect(fitted.history).to.deep.equal(told);
    expect(fitted.history.map(({ epoch }) => epoch)).to.deep.equal(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(fitted.history[11].valLoss).to.be.lessThan(fitted.history[0].valLoss);
    expect(fitted.stoppedEarly).to.equal(false);
    expect(progress.filter(({ step, steps }) => step === steps).length).to.equal(12);
    expect(progress[0].steps).to.equal(3);
    expect(fitted.compileMs).to.be.greaterThan(0);
    expect(fitted.stepMs).to.be.greaterThan(0);
    expect(fitted.dataWaitShare).to.be.within(0, 1);

    const { best } = fitted;
    const sizes: number[] = [];
    const predict = engine.predict.bind(engine);
    engine.predict = (pixels, size) => (sizes.push(size), predict(pixels, size));
    const result = (await measure({ ...wanted, ...measured }, fitted, best!))!;
    // The training split in 3 batches and the perturbed validation photos 6 times in 2, then the latency, one photo at a time, then the speed, a batch at a time.
    const timed = sizes.slice(15);
    const full = timed.indexOf(8);
    expect(full).to.be.greaterThan(3);
    expect(new Set(timed.slice(0, full))).to.deep.equal(new Set([1]));
    expect(new Set(timed.slice(full))).to.deep.equal(new Set([8]));
    expect(result.train.accuracy).to.equal(1);
    expect(result.validation).to.deep.include({ accuracy: 1, loss: fitted.history[best!.epoch - 1].valLoss, topK: { k: 2, accuracy: 1 }, confusion: [[4, 0, 0], [0, 3, 0], [0, 0, 3]] });
    expect(result.validation.perClass).to.deep.equal([4, 3, 3].map((images) => ({ precision: 1, recall: 1, f1: 1, images })));
    expect(result.train.perClass?.map(({ images }) => images)).to.deep.equal([7, 7, 6]);
    expect(result.mistakes).to.deep.equal([]);
    expect(result.hits).to.deep.equal({ validation: { images: 10, bits: btoa('\xff\x03') }, perturbed: { images: 10, bits: btoa('\0\0') } });
    expect(result.test.accuracy).to.equal(null);
    expect(result.test.perturbed.of).to.equal('validation');
    expect(result.test.perturbed.accuracy).to.equal(0);
    expect(result.test.perturbed.byKind.zoom.accuracy).to.equal(0);
    expect(result.test.perturbed.interval[0]).to.equal(0);
    expect(result.test.perturbed.interval[1]).to.be.within(0.2, 0.4);
    expect(result.confusion).to.deep.equal([[4, 0, 0], [0, 3, 0], [0, 0, 3]]);
    expect(result.undecodable).to.deep.equal(['broken.jpg']);
    // A toy on the cpu can be quicker than the clock ticks.
    expect(result.latencyMs).to.be.at.least(0);
    expect(result.weightsSha256).to.equal(await weightsSha256(await engine.readWeights()));
    engine.dispose();
  });

  it('asks the source for shuffled batches, two epochs never alike, and for validation in order', async () => {
    const engine = await toyEngine();
    const source = new ToySource();
    await fit(request(engine, { source, settings: { ...toySettings, epochs: 2 } }));
    const epochs = source.asked.map(({ part, epoch }) => `${part} ${epoch}`);
    expect(epochs).to.deep.equal([...Array(3).fill('train 1'), ...Array(2).fill('validation null'), ...Array(3).fill('train 2'), ...Array(2).fill('validation null')]);
    engine.dispose();
  });

  it('gives the same weights bit for bit when it runs again', async () => {
    const sha = async () => {
      const engine = await toyEngine();
      const { best } = await fit(request(engine, { settings: { ...toySettings, epochs: 3 } }));
      engine.dispose();
      return weightsSha256(best!.weights);
    };
    expect(await sha()).to.equal(await sha());
  });

  it('stops by patience and leaves the best epoch\'s weights in the engine', async () => {
    // So large a rate overshoots: the loss falls, then rises.
    const optimizer = { kind: 'sgd', learningRate: 60, momentum: 0.9 } as const;
    const engine = await toyEngine({ optimizer });
    const fitted = await fit(request(engine, { settings: { ...toySettings, optimizer, epochs: 40, patience: 2 } }));
    expect(fitted.stoppedEarly).to.equal(true);
    const losses = fitted.history.map(({ valLoss }) => valLoss);
    const { epoch, weights } = fitted.best!;
    expect(losses[epoch - 1]).to.equal(Math.min(...losses));
    expect(losses.length).to.equal(epoch + 2);
    expect(await engine.readWeights()).to.deep.equal(weights);
    engine.dispose();
  });

  it('ends at the next step when it is stopped, with the best weights so far', async () => {
    const engine = await toyEngine();
    const control = new RunControl();
    let epochs = 0;
    const fitted = await fit(request(engine, { control, onEpoch: () => void (++epochs === 2 && control.stop()) }));
    expect(fitted.history.length).to.equal(2);
    expect(fitted.stoppedEarly).to.equal(false);
    expect(fitted.best!.epoch).to.be.within(1, 2);
    engine.dispose();
  });

  it('keeps a part of the first epoch when it is stopped in it, and nothing when it is stopped before', async () => {
    const engine = await toyEngine();
    const control = new StopsAfter(2);
    const fitted = await fit(request(engine, { control }));
    expect(control.passed, 'the third step is not taken').to.be.at.least(3);
    expect(fitted.history.length).to.equal(1);
    expect(fitted.best!.epoch).to.equal(1);

    const stopped = new RunControl();
    stopped.stop();
    expect((await fit(request(engine, { control: stopped }))).best).to.equal(null);
    engine.dispose();
  });

  it('has the first batches of the next epoch under way while it validates', async () => {
    const engine = await toyEngine();
    const source = new ToySource();
    const fitted = await fit(request(engine, { source }));
    const epochs = fitted.history.length;
    const places = (part: string, epoch: number | null) => source.asked.flatMap((spec, at) => (spec.part === part && spec.epoch === epoch ? [at] : []));
    const validations = places('validation', null);
    const perEpoch = validations.length / epochs;
    for (let epoch = 1; epoch < epochs; epoch++) expect(places('train', epoch + 1)[0]).to.be.within(validations[(epoch - 1) * perEpoch], validations[epoch * perEpoch]);
    expect(places('train', epochs + 1), 'after the last').to.deep.equal([]);
    engine.dispose();
  });

  it('rests while it is paused and counts no time of it', async () => {
    const engine = await toyEngine();
    const changes: boolean[] = [];
    const control = new RunControl((paused) => changes.push(paused));
    const source = new ToySource();
    let atRest = 0;
    let asked = 0;
    source.before = () => {
      if (++asked !== 4) return;
      control.pause();
      setTimeout(() => (atRest = asked), 200);
      setTimeout(() => {
        expect(asked).to.equal(atRest);
        control.resume();
      }, 400);
    };
    const from = performance.now();
    const fitted = await fit(request(engine, { control, source, settings: { ...toySettings, epochs: 2 } }));
    const wall = performance.now() - from;
    expect(changes).to.deep.equal([true, false]);
    expect(control.pausedMs).to.be.greaterThan(100);
    expect(fitted.history.reduce((sum, { seconds }) => sum + seconds * 1000, 0)).to.be.at.most(wall - control.pausedMs + 1);
    engine.dispose();
  });

  it('ends at a loss that is no number, says where, and leaves weights that are', async () => {
    const optimizer = { kind: 'sgd', learningRate: 1e38, momentum: 0 } as const;
    const engine = await toyEngine({ optimizer });
    const error = await fit(request(engine, { settings: { ...toySettings, optimizer } })).then(() => null, (thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(WinnowError);
    expect((error as WinnowError).code).to.equal('not-finite');
    expect((error as WinnowError).details.epoch).to.equal(1);
    expect((error as WinnowError).details.step).to.be.within(2, 3);
    for (const { data, name } of await engine.readWeights()) expect(data.every(Number.isFinite), name).to.equal(true);
    engine.dispose();
  });

  it('measures no further once stop is asked for again', async () => {
    const engine = await toyEngine();
    const wanted = request(engine, { settings: { ...toySettings, epochs: 1 } });
    const fitted = await fit(wanted);
    wanted.control.stop();
    expect(await measure({ ...wanted, ...measured }, fitted, fitted.best!)).not.to.equal(null);
    wanted.control.stop();
    expect(await measure({ ...wanted, ...measured }, fitted, fitted.best!)).to.equal(null);
    engine.dispose();
  });
});
