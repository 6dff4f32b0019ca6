import { expect } from 'chai';
import { importOver } from '../../src/workers/folder.js';
import { openWorker, remote, type WorkerConnection } from '../../src/workers/line.js';
import type { BatchSource, DataEvent, DataWorker, ImportRecord, ImportSource } from '../../src/workers/contract.js';
import { readShard, shardIndexes } from '../../src/engine/storage/datasets.js';
import { classFolders, countRecords, expectError, folder, png, zip } from '../engine/data/photos.js';

describe('data worker', () => {
  let worker: WorkerConnection<DataWorker>;
  let events: DataEvent[];
  const start = async () => {
    worker = openWorker('data', new Worker(new URL('../../src/workers/data.ts', import.meta.url), { type: 'module' }));
    events = [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (message: MessageEvent<DataEvent>) => events.push(message.data);
    await worker.api.subscribe(port2);
  };
  beforeEach(start);
  afterEach(() => worker.terminate());

  it('imports, lists, shows, serves batches to another thread, and deletes', async () => {
    const before = await countRecords();
    const dataset = await worker.api.importDataset('job', { kind: 'zip', file: await zip(await classFolders(['a', 'b'], 10)) });
    expect((await worker.api.listDatasets()).map(({ id }) => id)).to.include(dataset.id);
    // Events come over a port of their own, in no fixed order with a call's answer.
    while (!events.some(({ type }) => type === 'datasets-changed')) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(events.find((event) => event.type === 'import-progress')).to.include({ job: 'job', total: 20 });

    const samples = await worker.api.samples(dataset.id, 3, 16);
    expect(samples.map(({ label }) => label)).to.deep.equal([0, 0, 0, 1, 1, 1]);
    expect(samples[0].bitmap.width).to.equal(16);
    const photo = await worker.api.photo(dataset.id, 4, 12);
    expect(photo.bitmap.height).to.equal(12);
    for (const { bitmap } of [...samples, photo]) bitmap.close();

    const { port1, port2 } = new MessageChannel();
    await worker.api.serveBatches(port1);
    const source = remote<BatchSource>(port2);
    const split = { dataset: dataset.id, seed: 1, validationShare: 0.2, testShare: 0, limit: null };
    expect(await source.split(split)).to.deep.include({ train: [8, 8], validation: [2, 2], test: [0, 0] });
    const batch = await source.batch({ split, part: 'train', size: 5, batch: 16, epoch: 1, perturb: 'all' }, 0);
    expect([batch.size, batch.pixels.length, batch.labels.length]).to.deep.equal([16, 16 * 75, 16]);
    expect(await source.pixels(dataset.id, 0, 5)).to.have.length(75);

    await worker.api.deleteDataset(dataset.id);
    await expectError('dataset-missing', source.split(split));
    await expectError('dataset-missing', worker.api.photo(dataset.id, 0, 8));
    expect(await countRecords()).to.deep.equal(before);
    port2.close();
  });

  it('leaves nothing of an import that is cancelled', async () => {
    const before = await countRecords();
    const running = worker.api.importDataset('job', { kind: 'synthetic', images: 100_000, seed: 1 });
    running.catch(() => {});
    while (!events.some((event) => event.type === 'import-progress' && event.done > 100)) await new Promise((resolve) => setTimeout(resolve, 20));
    await worker.api.cancelImport('job');
    await expectError('cancelled', running);
    expect(await countRecords()).to.deep.equal(before);
  });

  it('goes on, when the same files come again, where a killed worker left off, and ends with what it would have had', async () => {
    const before = await countRecords();
    const photos = await Promise.all(Array.from({ length: 200 }, (_, shade) => png(shade)));
    const padding = new Uint8Array(100_000);
    const files = Array.from({ length: 1200 }, (_, i) => ({ path: `${'aab'[i % 3]}/${i}.png`, file: new File(i % 97 === 5 ? ['no photo'] : [photos[i % 200], padding], 'x.png') }));
    const source: ImportSource = { kind: 'folder', name: 'heavy', files };
    const whole = await importOver(worker.api, 'whole', source);

    const running = importOver(worker.api, 'job', source);
    running.catch(() => {});
    while ((await countRecords()).shards < before.shards + whole.shards + 12) await new Promise((resolve) => setTimeout(resolve, 5));
    worker.terminate();
    await expectError('worker-failed', running);
    await start();
    // The lock of a worker that was killed is free a moment later.
    let cut: ImportRecord[] = [];
    while ((cut = await worker.api.cutImports()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(cut[0]).to.include({ name: 'heavy', total: 1200 });
    expect(cut[0].done).to.be.within(200, 1199);
    const resumed = await importOver(worker.api, 'job', source);
    const first = events.find((event) => event.type === 'import-progress')!;
    expect(first).to.have.property('done').that.is.at.least(cut[0].done);
    expect(resumed.id).to.equal(cut[0].id);
    expect({ ...resumed, id: '', created: '' }).to.deep.equal({ ...whole, id: '', created: '' });
    const [indexes, expected] = await Promise.all([shardIndexes(resumed.id), shardIndexes(whole.id)]);
    expect(indexes.map((index) => ({ ...index, dataset: '' }))).to.deep.equal(expected.map((index) => ({ ...index, dataset: '' })));
    for (let shard = 0; shard < whole.shards; shard += 7) expect(indexedDB.cmp(await readShard(resumed.id, shard), await readShard(whole.id, shard))).to.equal(0);
    expect(await worker.api.cutImports()).to.deep.equal([]);
    for (const { id } of [whole, resumed]) await worker.api.deleteDataset(id);
    expect(await countRecords()).to.deep.equal(before);
  });

  it('removes what was cut off, when asked', async () => {
    const before = await countRecords();
    const running = worker.api.importDataset('job', { kind: 'synthetic', images: 100_000, seed: 1 });
    running.catch(() => {});
    while ((await countRecords()).imports === before.imports) await new Promise((resolve) => setTimeout(resolve, 20));
    worker.terminate();
    await expectError('worker-failed', running);
    await start();
    let cut: ImportRecord[] = [];
    while ((cut = await worker.api.cutImports()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await worker.api.discardImport(cut[0].id);
    expect(await countRecords()).to.deep.equal(before);
  });

  it('carries the errors of an import, with what to do', async () => {
    const error = await expectError('one-class', importOver(worker.api, 'job', folder(await classFolders(['only'], 3))));
    expect(error.remedy).to.not.equal('');
  });
});
