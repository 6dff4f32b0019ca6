import { expect } from 'chai';
import { importDataset, type ImportProgress } from '../../../src/engine/data/import.js';
import { SHARD_BYTES } from '../../../src/engine/data/packer.js';
import { AHEAD_BYTES } from '../../../src/engine/data/sources/read-ahead.js';
import { WINDOW_BUDGET } from '../../../src/engine/data/sources/windows.js';
import { deleteDataset, readShard, shardIndexes } from '../../../src/engine/storage/datasets.js';
import type { DatasetRecord } from '../../../src/engine/storage/records.js';
import type { ImportSource } from '../../../src/engine/data/types.js';
import { decodeToPixels } from '../../../src/engine/data/decode.js';
import { classFolders, countRecords, encoded, expectError, folder, png, withFullDisk, zip, type Files } from './photos.js';

const zipped = async (files: Files, name?: string): Promise<ImportSource> => ({ kind: 'zip', file: await zip(files, name) });
const refusals = ({ refused }: DatasetRecord) => Object.fromEntries(refused.map(({ name, code }) => [name, code]));

/** Every stored image: name, class and bytes. */
async function stored(dataset: DatasetRecord): Promise<Map<string, { class: string; bytes: Uint8Array }>> {
  const found = new Map<string, { class: string; bytes: Uint8Array }>();
  for (const { shard, names, labels, offsets, lengths } of await shardIndexes(dataset.id)) {
    const buffer = await readShard(dataset.id, shard);
    names.forEach((name, i) => found.set(name, { class: dataset.classes[labels[i]], bytes: new Uint8Array(buffer, offsets[i], lengths[i]) }));
  }
  return found;
}

function idx(type: number, dimensions: readonly number[], values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, type, dimensions.length]);
  dimensions.forEach((side, i) => view.setUint32(4 + 4 * i, side));
  bytes.set(values, 4 + 4 * dimensions.length);
  return bytes;
}
const gzip = (bytes: Uint8Array<ArrayBuffer>) => new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))).blob();

describe('import', () => {
  let before: Record<string, number>;
  const made: string[] = [];
  const load = async (source: ImportSource, onProgress?: (progress: ImportProgress) => void) => {
    const dataset = await importDataset(source, onProgress ? { onProgress } : {});
    made.push(dataset.id);
    return dataset;
  };
  beforeEach(async () => void (before = await countRecords()));
  afterEach(async () => {
    for (const id of made.splice(0)) await deleteDataset(id);
    expect(await countRecords(), 'records left behind').to.deep.equal(before);
  });

  it("takes in a zip of Kaggle's layout untouched, original bytes and all", async () => {
    const photos: Files = [
      ['Rice_Image_Dataset/Rice_Citation_Request.txt', 'Please cite'],
      ['Rice_Image_Dataset/Basmati/basmati (1).jpg', await encoded('image/jpeg', '#fff')],
      ['Rice_Image_Dataset/Basmati/basmati (2).jpg', await encoded('image/jpeg', '#eee')],
      ['Rice_Image_Dataset/Arborio/Arborio (1).jpg', await png(1)],
      ['Rice_Image_Dataset/Arborio/Arborio (2).jpg', await encoded('image/webp', '#ddd')],
      ['__MACOSX/Rice_Image_Dataset/Arborio/._Arborio (1).jpg', 'x'],
    ];
    const dataset = await load(await zipped(photos, 'rice.zip'));
    expect(dataset).to.include({ name: 'rice', source: 'zip', images: 4, shards: 1, refusedCount: 1 });
    expect(dataset.classes).to.deep.equal(['Arborio', 'Basmati']);
    expect(dataset.counts).to.deep.equal([2, 2]);
    expect(refusals(dataset)).to.deep.equal({ 'Rice_Image_Dataset/Rice_Citation_Request.txt': 'not-an-image' });
    const found = await stored(dataset);
    for (const [path, bytes] of photos.slice(1, 5)) {
      expect(found.get(path)?.class).to.equal(path.split('/')[1]);
      expect(indexedDB.cmp(found.get(path)!.bytes, bytes), path).to.equal(0);
    }
    expect(dataset.bytes).to.equal([...found.values()].reduce((sum, { bytes }) => sum + bytes.length, 0));
  });

  it('lists what is left out with its reason, and drops a folder that held no image', async () => {
    const jpeg = await encoded('image/jpeg');
    const dataset = await load(folder([
      ...(await classFolders(['cat', 'dog'], 3, 'set/')),
      ['set/cat/notes.txt', 'no photo'], ['set/cat/cut.jpg', jpeg.slice(0, -9)], ['set/dog/none.png', ''], ['set/about/readme.md', 'about'], ['set/dog/a.gif', 'GIF89a'], ['set/beside.jpg', jpeg],
    ]));
    expect(dataset.classes).to.deep.equal(['cat', 'dog']);
    expect(dataset.counts).to.deep.equal([3, 3]);
    expect(refusals(dataset)).to.deep.equal({
      'set/cat/notes.txt': 'not-an-image', 'set/cat/cut.jpg': 'truncated', 'set/dog/none.png': 'empty', 'set/about/readme.md': 'not-an-image', 'set/dog/a.gif': 'unsupported-format', 'set/beside.jpg': 'no-class',
    });
    expect(dataset.refused.every(({ reason }) => /^[A-Z].*\.$/.test(reason))).to.equal(true);
    for (const [path, { class: name }] of await stored(dataset)) expect(path.split('/')[1]).to.equal(name);
  });

  it('takes IDX pairs, gzipped or not, as PNGs of the same pixels', async () => {
    const labels = [3, 10, 3, 10, 3];
    const pixels = Uint8Array.from({ length: 5 * 6 }, (_, i) => i * 8);
    const images = idx(8, [5, 2, 3], pixels);
    for (const packed of [false, true]) {
      const dataset = await load({
        kind: 'idx',
        images: new File([packed ? await gzip(images) : images], 'train-images-idx3-ubyte.gz'),
        labels: new File([packed ? await gzip(idx(8, [5], labels)) : idx(8, [5], labels)], 'train-labels-idx1-ubyte.gz'),
      });
      expect(dataset).to.include({ name: 'train', source: 'idx', images: 5 });
      expect(dataset.classes).to.deep.equal(['03', '10']);
      expect(dataset.counts).to.deep.equal([3, 2]);
      const found = await stored(dataset);
      for (const [i, label] of labels.entries()) {
        const photo = found.get(`${String(label).padStart(2, '0')}/${i}.png`)!;
        const bitmap = await createImageBitmap(new Blob([photo.bytes.slice()]));
        const context = new OffscreenCanvas(3, 2).getContext('2d')!;
        context.drawImage(bitmap, 0, 0);
        expect([bitmap.width, bitmap.height]).to.deep.equal([3, 2]);
        const grey = context.getImageData(0, 0, 3, 2).data.filter((_, at) => at % 4 === 1);
        expect([...grey]).to.deep.equal([...pixels.subarray(i * 6, i * 6 + 6)]);
      }
    }
  });

  it('says what is wrong with an IDX pair', async () => {
    const good = idx(8, [4, 2, 2], new Uint8Array(16));
    const goodLabels = idx(8, [4], [0, 0, 1, 1]);
    const cases: [Blob | Uint8Array<ArrayBuffer>, Blob | Uint8Array<ArrayBuffer>, string][] = [
      [good.slice(0, -1), goodLabels, 'it has 31 bytes and should have 32'],
      [Uint8Array.of(1, 2, 3), goodLabels, 'it does not begin as one'],
      [idx(0x0d, [4, 2, 2], new Uint8Array(16)), goodLabels, 'its values are not unsigned bytes'],
      [goodLabels, goodLabels, 'it has 1 dimensions, images have 3'],
      [good, idx(8, [3], [0, 1, 1]), 'it holds 3 labels for 4 images'],
      [(await gzip(good)).slice(0, 30), goodLabels, 'its gzip data is damaged or cut off'],
    ];
    for (const [images, labels, why] of cases) {
      const error = await expectError('idx-broken', importDataset({ kind: 'idx', images: new File([images], 'i'), labels: new File([labels], 'l') }));
      expect(error.details.why).to.equal(why);
    }
  });

  it('takes in the synthetic rice under its own name', async () => {
    const dataset = await load({ kind: 'synthetic', images: 12, seed: 3 });
    expect(dataset).to.include({ name: 'Rice, synthetic', source: 'synthetic', images: 12 });
    expect(dataset.counts).to.deep.equal([3, 3, 2, 2, 2]);
    for (const [path, { class: name, bytes }] of await stored(dataset)) {
      expect(path.startsWith(`${name}/`)).to.equal(true);
      expect(await decodeToPixels(bytes.slice(), 8)).to.have.length(192);
    }
  });

  it('makes every shard a fair sample of the classes', async () => {
    const noise = new Uint8Array(60_000);
    const files: [string, Uint8Array<ArrayBuffer>][] = [];
    for (const [name, count] of [['a', 120], ['b', 40]] as const) {
      for (let i = 0; i < count; i++) files.push([`${name}/${i}.png`, Uint8Array.of(...(await png(i)), ...crypto.getRandomValues(noise))]);
    }
    const dataset = await load(await zipped(files));
    const indexes = await shardIndexes(dataset.id);
    expect(indexes.length).to.be.at.least(4);
    for (const { labels, offsets, lengths, first } of indexes) {
      expect(offsets.at(-1)! + lengths.at(-1)!).to.be.at.most(4e6);
      if (first + labels.length < dataset.images) expect(offsets.at(-1)! + lengths.at(-1)!).to.be.at.least(1e6);
      expect(labels.filter((label) => label === 1).length / labels.length).to.be.closeTo(0.25, 0.06);
    }
  });

  it('tells how far it is', async () => {
    const told: ImportProgress[] = [];
    await load(folder([...(await classFolders(['a', 'b'], 40)), ['a/x.txt', 'x']]), (progress) => told.push(progress));
    expect(told.at(-1)).to.include({ done: 81, total: 81, refused: 1, secondsLeft: 0 });
    expect(told.at(-1)!.imagesPerSecond).to.be.greaterThan(0);
  });

  it('refuses sets that nothing can be learned from', async () => {
    await expectError('no-images', importDataset(await zipped([], 'empty.zip')));
    await expectError('no-images', importDataset(folder([['a/x.txt', 'x'], ['b/y.txt', 'y']])));
    await expectError('no-images', importDataset(folder([])));
    expect((await expectError('one-class', importDataset(folder(await classFolders(['only'], 3, 'set/'))))).details.class).to.equal('only');
    await expectError('one-class', importDataset(folder([...(await classFolders(['a'], 3, 'set/')), ['set/b/1.jpg', 'broken']])));
    const small = await expectError('class-too-small', importDataset(await zipped([...(await classFolders(['a', 'b'], 3)), ['c/1.png', await png(1)], ['c/2.png', 'broken']])));
    expect(small.details).to.deep.equal({ class: 'c', count: 1, least: 2 });
    const one = await png(1);
    const many = Array.from({ length: 1001 }, (_, i) => [[`${i}/1.png`, one], [`${i}/2.png`, one]] as const).flat();
    await expectError('too-many-classes', importDataset(folder(many)));
  });

  it('leaves nothing behind when it is cancelled, at once or on the way', async () => {
    const files = await classFolders(['a', 'b'], 60);
    await expectError('cancelled', importDataset(folder(files), { signal: AbortSignal.abort() }));
    const padded = files.map(([path, bytes]) => [path, Uint8Array.of(...(bytes as Uint8Array), ...new Uint8Array(50_000))] as const);
    const cancel = new AbortController();
    let shards = 0;
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
      if (this.name === 'shards' && ++shards === 2) cancel.abort();
      return put.apply(this, args);
    };
    try {
      await expectError('cancelled', importDataset(folder(padded), { signal: cancel.signal }));
    } finally {
      IDBObjectStore.prototype.put = put;
    }
    expect(shards, 'it had begun to store').to.be.at.least(2);
  });

  it('leaves nothing of a set for which the disk had no room, and everything that was there before', async () => {
    const kept = await load(folder(await classFolders(['a', 'b'], 3)));
    const withKept = await countRecords();
    for (const store of ['shards', 'shardIndexes', 'datasets']) {
      const error = await expectError('disk-full', withFullDisk(store, 1, async () => importDataset(folder(await classFolders(['a', 'b'], 30), 'new'))));
      expect(error.details.what).to.match(/ of new$/);
      expect(await countRecords()).to.deep.equal(withKept);
    }
    expect((await stored(kept)).size).to.equal(6);
  });

  it('holds a bounded number of bytes, however large the archive', async () => {
    const size = 150_000;
    const files: [string, Uint8Array<ArrayBuffer>][] = [];
    for (let i = 0; i < 400; i++) {
      const bytes = new Uint8Array(size);
      bytes.set(await png(i % 256));
      for (let at = 1000; at < size; at += 60_000) crypto.getRandomValues(bytes.subarray(at, at + 60_000));
      files.push([`${i < 200 ? 'a' : 'b'}/${i}.png`, bytes]);
    }
    const source = await zipped(files);
    // What has been read of the archive and not yet stored.
    let [held, most, read] = [0, 0, 0];
    const { put } = IDBObjectStore.prototype;
    const { arrayBuffer } = Blob.prototype;
    Blob.prototype.arrayBuffer = function (this: Blob) {
      read += this.size;
      held += this.size;
      most = Math.max(most, held);
      return arrayBuffer.call(this);
    };
    IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
      if (this.name === 'shards') held -= (args[0] as ArrayBuffer).byteLength;
      return put.apply(this, args);
    };
    try {
      await load(source);
    } finally {
      IDBObjectStore.prototype.put = put;
      Blob.prototype.arrayBuffer = arrayBuffer;
    }
    expect(read).to.be.at.least(400 * size);
    expect(most).to.be.at.most(WINDOW_BUDGET + AHEAD_BYTES + 3 * SHARD_BYTES);
  });
});
