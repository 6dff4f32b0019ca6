import { expect } from 'chai';
import { readModel } from '../../src/engine/exchange/formats.js';
import type { DatasetRecord, RunRecord, RunResult } from '../../src/engine/storage/records.js';
import { defaultSettings, type RunSettings } from '../../src/engine/support/settings.js';
import { connectLab, type LabConnection } from '../../src/workers/connect.js';
import type { TrainerEvent, TrainingStart } from '../../src/workers/contract.js';
import { expectError } from '../engine/data/photos.js';

const settings: RunSettings = { ...defaultSettings, size: 32, batch: 8, epochs: 2, limit: 40, patience: 9 };

describe('what a run begins with', () => {
  let lab: LabConnection;
  let dataset: DatasetRecord;
  const events: TrainerEvent[] = [];
  const train = async (change: Partial<RunSettings>, start?: TrainingStart): Promise<{ run: RunRecord; result: RunResult }> => {
    const run = await lab.trainer.train(dataset.id, { ...settings, ...change }, start);
    return { run, result: run.state.kind === 'done' ? run.state.result : expect.fail(JSON.stringify(run.state)) };
  };

  before(async () => {
    lab = await connectLab();
    lab.onTrainer((event) => events.push(event));
    dataset = await lab.data.importDataset('starts test', { kind: 'synthetic', images: 60, seed: 3 });
  });
  after(async () => {
    await lab.data.deleteDataset(dataset.id);
    lab.dispose();
  });

  it('two epochs and two more are four, to the bit', async () => {
    const schedule = { kind: 'step', every: 1, factor: 0.5 } as const;
    for (const engine of ['compiled', 'reference'] as const) {
      const backend = engine === 'reference' ? 'cpu' : 'webgpu';
      const whole = await train({ engine, backend, epochs: 4, schedule });
      const first = await train({ engine, backend, epochs: 2, schedule });
      const second = await train({ engine, backend, epochs: 4, schedule }, { kind: 'continue', run: first.run.id });
      expect(second.run.parent).to.equal(first.run.id);
      // Training's own loss is added up in float32 between readings, whose moments the clock decides.
      const plain = ({ history }: RunRecord) => history.map(({ epoch, accuracy, valLoss, valAccuracy, learningRate }) => ({ epoch, accuracy, valLoss, valAccuracy, learningRate }));
      expect(plain(second.run)).to.deep.equal(plain(whole.run));
      expect(second.result.weightsSha256).to.equal(whole.result.weightsSha256);
      expect(second.result.bestEpoch).to.equal(whole.result.bestEpoch);
    }
  });

  it('a run that gets no better keeps the best of the one before', async () => {
    const first = await train({});
    const ruined = await train({ epochs: 3, optimizer: { kind: 'sgd', learningRate: 1e3, momentum: 0 } }, { kind: 'continue', run: first.run.id });
    expect(ruined.run.history).to.have.length(3);
    expect(ruined.run.history[2].valLoss).to.be.greaterThan(first.result.validation.loss);
    expect(ruined.result.bestEpoch).to.equal(first.result.bestEpoch);
    expect(ruined.result.weightsSha256).to.equal(first.result.weightsSha256);
    expect(ruined.result.validation).to.deep.equal(first.result.validation);
    const maps = await lab.trainer.featureMaps({ run: ruined.run.id, photo: 0, layer: 'conv2d' });
    maps.bitmap.close();
  });

  it('refuses to continue with another network, another split or no more epochs', async () => {
    const { run } = await train({});
    const refused = (change: Partial<RunSettings>) => expectError('settings-invalid', lab.trainer.train(dataset.id, { ...settings, epochs: 4, ...change }, { kind: 'continue', run: run.id }));
    await refused({ epochs: 2 });
    await refused({ arch: 'cnn' });
    await refused({ size: 64 });
    await refused({ seed: 2 });
    await expectError('run-missing', lab.trainer.train(dataset.id, settings, { kind: 'continue', run: 'nobody' }));
  });

  it('a model’s weights before a fresh head, frozen: the base stays, the head learns', async () => {
    const { run, result } = await train({});
    const model = new File([await lab.trainer.exportModel(run.id)], 'model.zip');
    const frozen = await train({ seed: 5, splitSeed: 1, freeze: 'base' }, { kind: 'transfer', model });
    expect(frozen.run.parent).to.equal(result.weightsSha256);
    const maps = async (id: string) => {
      const { bitmap, activity, probabilities } = await lab.trainer.featureMaps({ run: id, photo: 1, layer: 'max_pooling2d_1' });
      bitmap.close();
      return { activity, probabilities };
    };
    const [before, after] = [await maps(run.id), await maps(frozen.run.id)];
    expect(after.activity).to.deep.equal(before.activity);
    expect(after.probabilities).not.to.deep.equal(before.probabilities);

    // Without freezing the base moves, and another size of image is no hindrance to it.
    const free = await train({ size: 48, epochs: 1 }, { kind: 'transfer', model });
    expect(free.run.parent).to.equal(result.weightsSha256);
    await expectError('weights-unfit', lab.trainer.train(dataset.id, { ...settings, arch: 'cnn' }, { kind: 'transfer', model }));
    await expectError('model-broken', lab.trainer.train(dataset.id, settings, { kind: 'transfer', model: new Blob(['no model']) }));
  });

  it('augmented, smoothed and balanced it repeats to the bit, and differs from a plain one', async () => {
    const change: Partial<RunSettings> = {
      epochs: 1, augment: { flipX: 0.5, flipY: 0.5, rotation: 0.1, shift: 0.1, zoom: 0.1, brightness: 0.1 }, loss: { labelSmoothing: 0.1, classWeights: 'balanced' },
    };
    const [first, second, plain] = [await train(change), await train(change), await train({ epochs: 1 })];
    expect(second.result.weightsSha256).to.equal(first.result.weightsSha256);
    expect(plain.result.weightsSha256).not.to.equal(first.result.weightsSha256);
  });

  it('says early of a run that does not learn, and stores it with the run', async () => {
    // So small a rate moves nothing.
    const { run } = await train({ epochs: 4, optimizer: { kind: 'sgd', learningRate: 1e-9, momentum: 0 }, batch: 2 });
    expect(run.advice?.map(({ epoch, notice }) => `${epoch} ${notice.code}`)).to.deep.equal(['2 not-learning']);
    expect(events.filter((event) => event.type === 'advice' && event.run === run.id)).to.have.length(1);
    expect((await lab.trainer.listRuns()).find(({ id }) => id === run.id)?.advice).to.deep.equal(run.advice);
  });

  it('says that batch norm lags where the steps are few, as MobileNet’s does in Keras', async () => {
    const { run } = await train({ arch: 'mobilenet', archOptions: { width: 0.25 }, epochs: 8, optimizer: { kind: 'adam', learningRate: 0.01 } });
    // At such a rate it may also be slow to start; which, turns on the order of sums, and so on the tiles that were quickest here.
    expect(run.advice?.map(({ notice }) => notice.code)).to.include('batch-norm-apart');
  });

  it('evaluates a model on a dataset as its run was', async () => {
    const { run, result } = await train({ testShare: 0.2, perturbation: { ...defaultSettings.perturbation, rotation: 0 } });
    const model = new Blob([await lab.trainer.exportModel(run.id)]);
    const evaluation = await lab.trainer.evaluate(model, dataset.id, { backend: 'auto', engine: 'auto' });
    expect(evaluation).to.deep.include({ arch: 'cnn-light', classes: dataset.classes, split: run.split, weightsSha256: result.weightsSha256, confusion: result.confusion, hits: result.hits });
    expect(evaluation.validation).to.deep.equal(result.validation);
    const { card } = await readModel(model);
    expect(card.speed).to.deep.equal({ adapter: run.adapter.description, backend: run.adapter.backend, latencyMs: result.latencyMs, imagesPerSecond: result.imagesPerSecond });
    for (const { latencyMs, imagesPerSecond } of [card.speed!, evaluation]) expect(Math.min(latencyMs, imagesPerSecond ?? 0)).to.be.above(0);
    expect(evaluation.test).to.deep.equal(result.test);
    expect(evaluation.mistakes).to.deep.equal(result.mistakes);
    for (const [i, { name, probability, truth, predicted }] of evaluation.mistakes.entries()) {
      expect(name.split('/')[0]).to.equal(truth).and.not.to.equal(predicted);
      if (i > 0) expect(probability).to.be.at.most(evaluation.mistakes[i - 1].probability);
    }
    expect(evaluation.mistakes).to.have.length(10 - Math.round(evaluation.validation.accuracy * 10));

    const other = await lab.data.importDataset('other classes', { kind: 'folder', name: 'other', files: await strangers() });
    await expectError('classes-differ', lab.trainer.evaluate(model, other.id, { backend: 'auto', engine: 'auto' }));
    await lab.data.deleteDataset(other.id);
  });
});

async function strangers(): Promise<{ path: string; file: File }[]> {
  const canvas = new OffscreenCanvas(40, 40);
  canvas.getContext('2d')!.fillRect(0, 0, 20, 20);
  const photo = await canvas.convertToBlob();
  return ['cats/1.png', 'cats/2.png', 'dogs/1.png', 'dogs/2.png'].map((path, i) => ({ path: `other/${path}`, file: new File([photo, new Uint8Array([i])], path) }));
}
