import { expect } from 'chai';
import { saveRun } from '../../src/engine/storage/runs.js';
import type { DatasetRecord, RunRecord } from '../../src/engine/storage/records.js';
import { defaultSettings, type RunSettings } from '../../src/engine/support/settings.js';
import { connectLab, startClassifier, type LabConnection } from '../../src/workers/connect.js';
import type { TrainerEvent } from '../../src/workers/contract.js';
import { expectError } from '../engine/data/photos.js';

const settings: RunSettings = { ...defaultSettings, size: 32, batch: 8, epochs: 2, limit: 40 };

describe('trainer worker', () => {
  let lab: LabConnection;
  let dataset: DatasetRecord;
  let events: TrainerEvent[];
  const of = <T extends TrainerEvent['type']>(type: T) => events.filter((event): event is Extract<TrainerEvent, { type: T }> => event.type === type);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const connect = async (): Promise<void> => {
    lab = await connectLab();
    events = [];
    lab.onTrainer((event) => events.push(event));
  };

  before(async () => {
    await connect();
    dataset = await lab.data.importDataset('trainer test', { kind: 'synthetic', images: 60, seed: 3 });
  });
  after(async () => {
    await lab.data.deleteDataset(dataset.id);
    lab.dispose();
  });
  beforeEach(() => {
    events = [];
  });

  let trained: RunRecord;
  it('trains a run, tells how it goes, and measures it', async () => {
    trained = await lab.trainer.train(dataset.id, { ...settings, testShare: 0.2 });
    expect(trained.state.kind, JSON.stringify(trained.state)).to.equal('done');
    const result = trained.state.kind === 'done' ? trained.state.result : expect.fail();
    expect(trained).to.deep.include({ dataset: dataset.id, synthetic: true, classes: dataset.classes });
    expect(trained.adapter.backend).to.equal('webgpu');
    expect(trained.split).to.deep.equal({ train: Array(5).fill(4), validation: Array(5).fill(2), test: Array(5).fill(2) });
    expect(trained.history.map(({ epoch }) => epoch)).to.deep.equal([1, 2]);
    expect(result.validation.loss).to.equal(trained.history[result.bestEpoch - 1].valLoss);
    expect(result.validation.accuracy).to.be.within(0, 1);
    expect(result.train.accuracy).to.be.within(0, 1);
    expect(result.test.accuracy).to.be.within(0, 1);
    expect(result.test.perturbed.of).to.equal('test');
    expect(Object.keys(result.test.perturbed.byKind).sort()).to.deep.equal(['contrast', 'flip', 'rotation', 'shift', 'zoom']);
    expect(result.confusion.flat().reduce((sum, count) => sum + count, 0)).to.equal(10);
    expect(result.weightsSha256).to.match(/^[0-9a-f]{64}$/);
    for (const value of [result.latencyMs, result.stepMs, result.compileMs, result.peakGpuBytes, result.predictedGpuBytes]) expect(value).to.be.greaterThan(0);
    expect(result.undecodable).to.deep.equal([]);

    await until(() => of('run').some(({ run }) => run.state.kind === 'done'));
    const compiled = of('stage').flatMap(({ stage, share }) => (stage === 'compiling' && share !== undefined ? [share] : []));
    expect(compiled).to.deep.equal([...compiled].sort((one, other) => one - other));
    expect(compiled.at(-1)).to.equal(1);
    expect(of('stage').filter(({ share }) => share === undefined).map(({ stage }) => stage)).to.deep.equal(['preparing', 'compiling', 'training', 'validating', 'training', 'validating', 'measuring']);
    expect(of('epoch').map(({ record }) => record)).to.deep.equal(trained.history);
    const progress = of('progress');
    expect(progress.filter(({ step, steps }) => step === steps).map(({ epoch }) => epoch)).to.deep.equal([1, 2]);
    expect(progress.every(({ gpuBytes, loss }) => gpuBytes > 0 && loss > 0)).to.equal(true);
    expect(of('notice')).to.deep.equal([]);
  });

  it('gives the same weights again from the same settings, on either engine', async () => {
    for (const engine of ['reference', 'compiled'] as const) {
      const runs = [];
      for (let i = 0; i < 2; i++) runs.push(await lab.trainer.train(dataset.id, { ...settings, engine, epochs: 1 }));
      const shas = runs.map(({ state, path }) => {
        expect(path).to.equal(engine);
        return state.kind === 'done' ? state.result.weightsSha256 : expect.fail(JSON.stringify(state));
      });
      expect(shas[1], engine).to.equal(shas[0]);
      for (const { id } of runs) await lab.trainer.deleteRun(id);
    }
  });

  it('shows feature maps from the stored weights, any layer, and the model goes to the classifier', async () => {
    const maps = await lab.trainer.featureMaps({ run: trained.id, photo: 0, layer: 'conv2d_1' });
    expect(maps.shape).to.deep.equal([4, 4, 16]);
    expect([maps.columns, maps.tile, maps.bitmap.width, maps.bitmap.height]).to.deep.equal([4, 4, 16, 16]);
    expect(maps.activity).to.have.length(16);
    expect(maps.probabilities.reduce((sum, p) => sum + p, 0)).to.be.closeTo(1, 1e-5);
    maps.bitmap.close();
    (await lab.trainer.featureMaps({ run: trained.id, photo: 1, layer: 'dense' })).bitmap.close();
    await expectError('call-invalid', lab.trainer.featureMaps({ run: trained.id, photo: 0, layer: 'nowhere' }));
    await expectError('run-missing', lab.trainer.featureMaps({ run: 'nobody', photo: 0, layer: 'conv2d' }));

    const model = new Blob([await lab.trainer.exportModel(trained.id)]);
    const classifier = startClassifier();
    try {
      await expectError('call-invalid', classifier.api.classify(new Blob(['no model yet'])));
      expect(await classifier.api.load(model, 'auto')).to.deep.include({ classes: dataset.classes, size: 32, arch: 'cnn-light' });
      const { bitmap } = await lab.data.photo(dataset.id, 0, 32);
      const canvas = new OffscreenCanvas(32, 32);
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
      bitmap.close();
      const { top, ms } = await classifier.api.classify(await canvas.convertToBlob({ type: 'image/png' }));
      expect(ms).to.be.greaterThan(0);
      expect(top.map((entry) => entry.class).sort()).to.deep.equal([...dataset.classes].sort());
      for (const [i, { probability }] of top.entries()) {
        if (i > 0) expect(probability).to.be.at.most(top[i - 1].probability);
        // The photo is drawn at the network's own size: nearly what training saw.
        expect(probability).to.be.closeTo(maps.probabilities[dataset.classes.indexOf(top[i].class)], 0.05);
      }
      await expectError('image-broken', classifier.api.classify(new Blob(['no photo'])));
      await expectError('model-broken', classifier.api.load(new Blob(['no model']), 'auto'));
      // A model that cannot be read does not take the place of the one that was.
      await classifier.api.classify(await canvas.convertToBlob());
    } finally {
      classifier.terminate();
    }
  });

  it('rests, goes on, shows live maps, and stops with what it has', async () => {
    const training = lab.trainer.train(dataset.id, { ...settings, epochs: 500, patience: 500 });
    await until(() => of('progress').length > 0);
    const { run } = of('progress')[0];
    await lab.trainer.watch({ run, photo: 2, layer: 'max_pooling2d' });
    await until(() => of('maps').length > 1);
    for (const { maps } of of('maps')) {
      expect(maps.shape).to.deep.equal([8, 8, 8]);
      maps.bitmap.close();
    }
    (await lab.trainer.featureMaps({ run, photo: 0, layer: 'conv2d' })).bitmap.close();
    (await lab.trainer.featureMaps({ run: trained.id, photo: 0, layer: 'conv2d' })).bitmap.close();
    await lab.trainer.watch(null);

    await lab.trainer.pause();
    await until(() => of('run').at(-1)?.run.state.kind === 'paused');
    const rested = of('progress').length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(of('progress')).to.have.length(rested);
    expect((await lab.trainer.listRuns()).find(({ id }) => id === run)?.state.kind).to.equal('paused');
    await lab.trainer.resume();
    await until(() => of('progress').length > rested);
    await expectError('call-invalid', lab.trainer.train(dataset.id, settings));

    await until(() => of('epoch').length > 0);
    await lab.trainer.stop();
    const stopped = await training;
    expect(stopped.state.kind).to.equal('stopped');
    expect(stopped.state.kind === 'stopped' && stopped.state.result !== null && stopped.state.result.bestEpoch).to.be.within(1, stopped.history.length);
    await lab.trainer.deleteRun(stopped.id);
    await expectError('run-missing', lab.trainer.exportModel(stopped.id));
  });

  it('refuses before it begins what cannot be trained, and stores no run of it', async () => {
    const before = (await lab.trainer.listRuns()).length;
    const refused = (code: Parameters<typeof expectError>[0], change: Partial<RunSettings>, id = dataset.id) => expectError(code, lab.trainer.train(id, { ...settings, ...change }));
    await refused('dataset-missing', {}, 'nobody');
    await refused('arch-unknown', { arch: 'resnet' });
    await refused('size-invalid', { size: 8 });
    await refused('settings-invalid', { batch: 0 });
    await refused('settings-invalid', { validationShare: 1 });
    await refused('gpu-memory', { arch: 'cnn', size: 512, batch: 4096 });
    expect(await lab.trainer.listRuns()).to.have.length(before);
  });

  it('finds its runs again in a new session, and those that a closed tab cut off as interrupted', async () => {
    await saveRun({ ...trained, id: 'cut off', state: { kind: 'running' } });
    await saveRun({ ...trained, id: 'cut off resting', state: { kind: 'paused' } });
    await lab.trainer.deleteRun('nobody');
    lab.dispose();
    await connect();
    const runs = await lab.trainer.listRuns();
    expect(runs.find(({ id }) => id === trained.id)).to.deep.equal(trained);
    for (const id of ['cut off', 'cut off resting']) {
      const run = runs.find((found) => found.id === id);
      expect(run?.state).to.deep.equal({ kind: 'interrupted' });
      expect(run?.history).to.deep.equal(trained.history);
      await lab.trainer.deleteRun(id);
    }
    (await lab.trainer.featureMaps({ run: trained.id, photo: 0, layer: 'conv2d' })).bitmap.close();
  });
});
