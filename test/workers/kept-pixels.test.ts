import { expect } from 'chai';
import { encodePng } from '../../src/engine/data/png.js';
import { importOver } from '../../src/workers/folder.js';
import { openWorker, remote, type WorkerConnection } from '../../src/workers/line.js';
import type { BatchSource, DataWorker, StreamSpec } from '../../src/workers/contract.js';
import { folder } from '../engine/data/photos.js';

describe('decoded photos kept on the disk', () => {
  let worker: WorkerConnection<DataWorker>;
  let source: BatchSource;
  const start = async () => {
    worker = openWorker('data', new Worker(new URL('../../src/workers/data.ts', import.meta.url), { type: 'module' }));
    const { port1, port2 } = new MessageChannel();
    await worker.api.serveBatches(port1);
    source = remote<BatchSource>(port2);
  };
  beforeEach(start);
  afterEach(() => worker.terminate());

  it('give the same batches as those that are decoded, in a later session too, and go with their dataset', async () => {
    const files: [string, Uint8Array<ArrayBuffer>][] = [];
    for (let i = 0; i < 40; i++) files.push([`${'ab'[i % 2]}/${i}.png`, await encodePng(Uint8Array.from({ length: 192 }, (_, at) => (at * 7 + i * 13) % 256), 8, 8, 3)]);
    const hurt = files[4][1].slice();
    hurt.fill(0x55, 45, 70);
    files.push(['a/hurt.png', hurt]);
    const dataset = await importOver(worker.api, 'job', folder(files));
    const spec = (epoch: number): StreamSpec => ({ split: { dataset: dataset.id, seed: 1, validationShare: 0.1, testShare: 0, limit: null }, part: 'train', size: 6, batch: 64, epoch, perturb: null });
    const decoded = await source.batch(spec(1), 0);

    expect(await worker.api.pixels(dataset.id, 6)).to.deep.equal({ kept: false, bytes: 41 * 109, photos: 0 });
    expect(await worker.api.keepPixels(dataset.id, 6, true)).to.deep.equal({ kept: true, bytes: 41 * 109, photos: 0 });
    const filling = await source.batch(spec(1), 0);
    expect(indexedDB.cmp(filling.pixels, decoded.pixels)).to.equal(0);
    const { photos } = await worker.api.pixels(dataset.id, 6);
    expect(photos).to.equal(filling.size + filling.undecodable.length);

    // Another size lets the file go, and so it is on the disk.
    await source.batch({ ...spec(1), size: 4 }, 0);
    worker.terminate();
    await start();
    // The file of a thread that was ended is free a moment later.
    let again = await worker.api.pixels(dataset.id, 6);
    for (let tries = 0; again.photos === 0 && tries < 50; tries++) {
      await source.batch({ ...spec(1), size: 4 }, 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      again = await worker.api.pixels(dataset.id, 6);
    }
    expect(again.photos).to.equal(photos);
    const read = await source.batch(spec(1), 0);
    expect([indexedDB.cmp(read.pixels, decoded.pixels), indexedDB.cmp(read.indices, decoded.indices), read.undecodable]).to.deep.equal([0, 0, decoded.undecodable]);

    expect((await worker.api.keepPixels(dataset.id, 6, false)).kept).to.equal(false);
    await worker.api.keepPixels(dataset.id, 6, true);
    await worker.api.deleteDataset(dataset.id);
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('winnow-pixels');
    const left: string[] = [];
    for await (const name of root.keys()) left.push(name);
    expect(left).not.to.include(dataset.id);
  });
});
