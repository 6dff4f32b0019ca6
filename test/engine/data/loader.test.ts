import { expect } from 'chai';
import { decodeToPixels } from '../../../src/engine/data/decode.js';
import { importDataset } from '../../../src/engine/data/import.js';
import { Loader } from '../../../src/engine/data/loader.js';
import { perturb } from '../../../src/engine/data/perturb.js';
import type { LoadedBatch, StreamSpec } from '../../../src/engine/data/types.js';
import { deleteDataset } from '../../../src/engine/storage/datasets.js';
import type { DatasetRecord } from '../../../src/engine/storage/records.js';
import { encodePng } from '../../../src/engine/data/png.js';
import { expectError, folder } from './photos.js';

const SIZE = 6;
const COUNT = 23;
const PADDING = 60_000;

describe('loader', () => {
  let dataset: DatasetRecord;
  /** Bytes of each photo, by name. Padded, so that they fill several shards. */
  const photos = new Map<string, Uint8Array<ArrayBuffer>>();
  const broken = ['a/5.png', 'b/7.png'];
  const spec = (fields: Partial<StreamSpec> = {}): StreamSpec => ({
    split: { dataset: dataset.id, seed: 4, validationShare: 0.25, testShare: 0.1, limit: null }, part: 'train', size: SIZE, batch: 8, epoch: 1, perturb: null, ...fields,
  });
  const epoch = async (loader: Loader, asked: StreamSpec) => {
    const counts = (await loader.split(asked.split))[asked.part];
    const steps = Math.ceil(counts.reduce((sum, count) => sum + count, 0) / asked.batch);
    const batches: LoadedBatch[] = [];
    for (let step = 0; step < steps; step++) batches.push(await loader.batch(asked, step));
    return batches;
  };

  before(async () => {
    for (const name of ['a', 'b', 'c']) {
      for (let i = 0; i < COUNT; i++) {
        const pixels = Uint8Array.from({ length: 10 * 10 * 3 }, (_, at) => (at * 7 + i * 31 + name.charCodeAt(0) * 57) % 256);
        const photo = new Uint8Array([...(await encodePng(pixels, 10, 10, 3)), ...new Uint8Array(PADDING)]);
        if (broken.includes(`${name}/${i}.png`)) photo.fill(0x55, 40, 80);
        photos.set(`${name}/${i}.png`, photo);
      }
    }
    dataset = await importDataset(folder([...photos]));
    expect(dataset.shards).to.be.at.least(2);
    expect(dataset.images).to.equal(3 * COUNT);
  });
  after(() => deleteDataset(dataset.id));

  it('visits every image of a part once, with its own pixels and label; what does not decode is dropped and named', async () => {
    const loader = new Loader();
    const seen = new Set<number>();
    const undecodable: string[] = [];
    for (const part of ['train', 'validation', 'test'] as const) {
      const before = seen.size + undecodable.length;
      for (const batch of await epoch(loader, spec({ part }))) {
        expect(batch.size).to.equal(batch.labels.length).and.to.equal(batch.indices.length);
        expect(batch.pixels).to.have.length(batch.size * SIZE * SIZE * 3);
        undecodable.push(...batch.undecodable);
        for (let i = 0; i < batch.size; i++) {
          const shown = await loader.photo(dataset.id, batch.indices[i], 8);
          shown.bitmap.close();
          expect(shown.label).to.equal(batch.labels[i]);
          expect(shown.name.split('/')[0]).to.equal(dataset.classes[batch.labels[i]]);
          expect(seen.has(batch.indices[i])).to.equal(false);
          seen.add(batch.indices[i]);
          const pixels = batch.pixels.subarray(i * SIZE * SIZE * 3, (i + 1) * SIZE * SIZE * 3);
          expect(indexedDB.cmp(pixels, await decodeToPixels(photos.get(shown.name)!, SIZE)), shown.name).to.equal(0);
          expect(indexedDB.cmp(pixels, await loader.pixels(dataset.id, batch.indices[i], SIZE))).to.equal(0);
        }
      }
      const counts = (await loader.split(spec().split))[part];
      expect(seen.size + undecodable.length - before).to.equal(counts.reduce((sum, count) => sum + count, 0));
    }
    expect(undecodable.sort()).to.deep.equal(broken);
    expect(seen.size + undecodable.length).to.equal(dataset.images);
  });

  it('gives the same batch for the same step, in whatever order and by whichever loader it is asked', async () => {
    const first = await epoch(new Loader(), spec());
    const other = new Loader();
    for (const step of [3, 0, 4, 4, 1]) {
      const again = await other.batch(spec(), step);
      expect(indexedDB.cmp(again.pixels, first[step].pixels)).to.equal(0);
      expect([...again.indices]).to.deep.equal([...first[step].indices]);
    }
    expect(indexedDB.cmp((await new Loader().batch(spec({ epoch: 2 }), 0)).indices, first[0].indices)).not.to.equal(0);
  });

  it('keeps the order of the dataset where no epoch is given', async () => {
    const indices = (await epoch(new Loader(), spec({ epoch: null, part: 'validation' }))).flatMap((batch) => [...batch.indices]);
    expect(indices).to.deep.equal([...indices].sort((a, b) => a - b));
  });

  it('perturbs by the seed and the index of the image', async () => {
    const loader = new Loader();
    const [plain] = await epoch(loader, spec({ part: 'test', epoch: null }));
    const [turned] = await epoch(loader, spec({ part: 'test', epoch: null, perturb: 'rotation' }));
    expect([...turned.indices]).to.deep.equal([...plain.indices]);
    const values = SIZE * SIZE * 3;
    for (let i = 0; i < plain.size; i++) {
      const expected = perturb(plain.pixels.subarray(i * values, (i + 1) * values), SIZE, 'rotation', 4, plain.indices[i]);
      expect(indexedDB.cmp(turned.pixels.subarray(i * values, (i + 1) * values), expected)).to.equal(0);
    }
  });

  it('shows the first photos of each class that decode', async () => {
    const loader = new Loader();
    const samples = await loader.samples(dataset.id, 7, 8);
    expect(samples.map(({ label }) => label)).to.deep.equal([0, 1, 2].flatMap((label) => Array.from({ length: 7 }, () => label)));
    for (const { bitmap } of samples) bitmap.close();
    const all = await loader.samples(dataset.id, 1000, 8);
    expect(all).to.have.length(dataset.images - broken.length);
    for (const { bitmap } of all) bitmap.close();
  });

  it('says what it cannot do', async () => {
    const loader = new Loader();
    await expectError('dataset-missing', loader.split({ ...spec().split, dataset: 'none' }));
    await expectError('dataset-missing', loader.batch(spec({ split: { ...spec().split, dataset: 'none' } }), 0));
    await expectError('settings-invalid', loader.split({ ...spec().split, limit: 1 }));
    const all = await loader.samples(dataset.id, 1000, 4);
    const decodable = new Set(all.map(({ index }) => index));
    for (const { bitmap } of all) bitmap.close();
    const bad = Array.from({ length: dataset.images }, (_, index) => index).filter((index) => !decodable.has(index));
    const error = await expectError('image-broken', loader.photo(dataset.id, bad[0], 8));
    expect(broken).to.include(error.details.source);
    await expectError('image-broken', loader.pixels(dataset.id, bad[0], 8));
  });

  it('fails, and does not stall, where the dataset is deleted under it', async () => {
    const doomed = await importDataset(folder([...photos].slice(0, 2 * COUNT), 'doomed'));
    const loader = new Loader();
    const asked = spec({ split: { ...spec().split, dataset: doomed.id } });
    await loader.batch(asked, 0);
    await deleteDataset(doomed.id);
    await loader.forget(doomed.id);
    await expectError('dataset-missing', loader.batch(asked, 1));
  });
});
