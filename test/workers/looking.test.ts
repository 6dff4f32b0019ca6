import { expect } from 'chai';
import { photosOfCell, unpackPredictions } from '../../src/engine/comparison/predictions.js';
import { deadMaps } from '../../src/engine/insight/zeros.js';
import type { DatasetRecord, RunRecord } from '../../src/engine/storage/records.js';
import { defaultSettings } from '../../src/engine/support/settings.js';
import { connectLab, type LabConnection } from '../../src/workers/connect.js';
import { expectError } from '../engine/data/photos.js';

describe('looking into a model', () => {
  let lab: LabConnection;
  let dataset: DatasetRecord;
  let run: RunRecord;

  before(async () => {
    lab = await connectLab();
    dataset = await lab.data.importDataset('looking test', { kind: 'synthetic', images: 60, seed: 3 });
    run = await lab.trainer.train(dataset.id, { ...defaultSettings, arch: 'cnn-light', size: 32, batch: 8, epochs: 3, patience: 9 });
    expect(run.state.kind).to.equal('done');
  });
  after(async () => {
    await lab.data.deleteDataset(dataset.id);
    lab.dispose();
  });

  it('goes back to every epoch, and sees the best one as it is stored', async () => {
    expect(await lab.trainer.epochs(run.id)).to.deep.equal([1, 2, 3]);
    const best = run.state.kind === 'done' ? run.state.result.bestEpoch : expect.fail();
    const activity = async (epoch: number | null): Promise<readonly number[]> => {
      const maps = await lab.trainer.featureMaps({ run: run.id, photo: 2, layer: 'conv2d', epoch });
      maps.bitmap.close();
      return maps.activity;
    };
    const byEpoch = [await activity(1), await activity(2), await activity(3)];
    expect(new Set(byEpoch.map(String)).size).to.equal(3);
    const stored = await activity(null);
    stored.forEach((mean, map) => expect(mean).to.be.closeTo(byEpoch[best - 1][map], 1e-5));
    // Asked at once, each is answered by its own weights.
    expect(await Promise.all([activity(3), activity(1)])).to.deep.equal([byEpoch[2], byEpoch[0]]);
    await expectError('call-invalid', activity(9));
  });

  it('shows its filters and where it looked', async () => {
    const filters = await lab.trainer.filterWeights({ run: run.id, layer: 'conv2d', channel: null });
    expect({ channels: filters.channels, channel: filters.channel, filters: filters.norms.length }).to.deep.equal({ channels: 3, channel: null, filters: 8 });
    expect(filters.bitmap.width).to.equal(filters.columns * filters.tile);
    filters.bitmap.close();
    const peaks = [];
    for (let label = 0; label < 5; label++) {
      const cam = await lab.trainer.gradCam({ run: run.id, photo: 2, layer: 'conv2d_1', label });
      expect({ layer: cam.layer, label: cam.label, height: cam.height, width: cam.width }).to.deep.equal({ layer: 'conv2d_1', label, height: 4, width: 4 });
      cam.bitmap.close();
      peaks.push(cam.peak);
    }
    expect(Math.max(...peaks)).to.be.above(0);
    await expectError('call-invalid', lab.trainer.gradCam({ run: run.id, photo: 2, layer: 'dense', label: 0 }));
  });

  it('counts the silent filters over validation photos', async () => {
    const silence = await lab.trainer.silence(run.id, 8);
    expect(silence.photos).to.equal(8);
    expect(silence.layers.map(({ layer, kind, zeroPhotos }) => [layer, kind, zeroPhotos.length])).to.deep.equal([['conv2d', 'filters', 8], ['conv2d_1', 'filters', 16], ['dense', 'units', 16]]);
    // What is dead over the sample is dark on each of its photos; all validation photos are more, so that no more are dead.
    const all = await lab.trainer.silence(run.id, 1000);
    expect(all.photos).to.equal(run.split.validation.reduce((sum, count) => sum + count, 0));
    silence.layers.forEach((layer, i) => expect(deadMaps(layer)).to.include.members(deadMaps(all.layers[i])));
  });

  it('finds the photos behind every cell of its confusion matrix', async () => {
    const { confusion, predictions } = run.state.kind === 'done' ? run.state.result : expect.fail();
    const answers = unpackPredictions(predictions!);
    confusion.forEach((row, actual) => row.forEach((count, predicted) => expect(photosOfCell(answers, actual, predicted)).to.have.length(count)));
    const photo = await lab.data.photo(dataset.id, answers.indices[0], 16);
    photo.bitmap.close();
    expect(photo.label).to.equal(answers.truth[0]);
  });
});
