import { expect } from 'chai';
import { importDataset } from '../../src/engine/data/import.js';
import { BYTES_AT_ONCE, FILES_AT_ONCE, PickedFiles } from '../../src/engine/data/sources/picked.js';
import { deleteDataset, readShard, shardIndexes } from '../../src/engine/storage/datasets.js';
import type { DataWorker } from '../../src/workers/contract.js';
import { folderOver, importOver } from '../../src/workers/folder.js';
import { openWorker, type WorkerConnection } from '../../src/workers/line.js';
import { classFolders, countRecords, expectError, folder } from '../engine/data/photos.js';

/** Some are padded with zeros, which a reader of headers passes over. */
async function photos(count: number): Promise<ReturnType<typeof folder>> {
  const padded = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
    const more = new Uint8Array(60_000);
    more.set(bytes);
    return more;
  };
  return folder((await classFolders(['a', 'b'], count / 2)).map(([path, bytes], i) => [path, i % 7 === 0 ? padded(bytes as Uint8Array<ArrayBuffer>) : bytes]));
}

describe('a folder that the page reads for the data worker', () => {
  let worker: WorkerConnection<DataWorker>;
  beforeEach(() => {
    worker = openWorker('data', new Worker(new URL('../../src/workers/data.ts', import.meta.url), { type: 'module' }));
  });
  afterEach(() => worker.terminate());

  it('is stored as one that is read in the same thread, byte for byte', async () => {
    const before = await countRecords();
    const source = await photos(2 * FILES_AT_ONCE + 30);
    const [over, here] = [await importOver(worker.api, 'job', source), await importDataset(source)];
    expect({ ...over, id: '', created: '' }).to.deep.equal({ ...here, id: '', created: '' });
    expect((await shardIndexes(over.id)).map((index) => ({ ...index, dataset: '' }))).to.deep.equal((await shardIndexes(here.id)).map((index) => ({ ...index, dataset: '' })));
    for (let shard = 0; shard < over.shards; shard++) expect(indexedDB.cmp(await readShard(over.id, shard), await readShard(here.id, shard))).to.equal(0);
    for (const { id } of [over, here]) await deleteDataset(id);
    expect(await countRecords()).to.deep.equal(before);
  });

  it('comes a few megabytes at a time, in order; what is too large or gone is said and not brought', async () => {
    const large = new File([new Uint8Array(21e6)], 'large');
    const gone = new File(['x'], 'gone');
    const files = Array.from({ length: 40 }, (_, i) => ({ path: `a/${i}`, file: i === 3 ? large : i === 4 ? gone : new File([new Uint8Array(500_000).fill(i)], 'x') }));
    const read = FileReader.prototype.readAsArrayBuffer;
    FileReader.prototype.readAsArrayBuffer = function (this: FileReader, blob: Blob) {
      if (blob === gone) setTimeout(() => this.dispatchEvent(new ProgressEvent('error')));
      else read.call(this, blob);
    };
    try {
      const picked = new PickedFiles({ kind: 'folder', name: 'x', files });
      const places = files.map((_, i) => i);
      expect(await picked.stat([3])).to.deep.equal([{ size: 21e6, lastModified: large.lastModified }]);
      for (let at = 0; at < files.length; ) {
        const found = await picked.read(places.slice(at));
        expect(found.length).to.be.within(1, BYTES_AT_ONCE / 500_000 + 34);
        for (const [i, each] of found.entries()) {
          if (at + i === 3) expect(each).to.equal(21e6);
          else if (at + i === 4) expect(each).to.equal(null);
          else expect([(each as Uint8Array).length, (each as Uint8Array)[9]]).to.deep.equal([500_000, at + i]);
        }
        at += found.length;
      }
    } finally {
      FileReader.prototype.readAsArrayBuffer = read;
    }
  });

  it('is refused where no port comes with it, or another answer than was asked for', async () => {
    const before = await countRecords();
    await expectError('call-invalid', worker.api.importDataset('job', { kind: 'folder', name: 'x', paths: ['a/1.png', 'b/1.png'] }));
    for (const answer of ['x', [], [{ size: 1 }], [1, 2, 3], null]) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => port1.postMessage(answer);
      await expectError('call-invalid', worker.api.importDataset('job', { kind: 'folder', name: 'x', paths: ['a/1.png', 'b/1.png'] }, port2));
      port1.close();
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => port1.postMessage([{}]);
    await expectError('call-invalid', folderOver(port2, 'x', ['a/1.png']).read([0]));
    port1.close();
    expect(await countRecords()).to.deep.equal(before);
  });
});
