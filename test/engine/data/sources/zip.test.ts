import { expect } from 'chai';
import { importDataset } from '../../../../src/engine/data/import.js';
import { crc32 } from '../../../../src/engine/data/crc32.js';
import { deleteDataset } from '../../../../src/engine/storage/datasets.js';
import { openZip } from '../../../../src/engine/data/sources/zip.js';
import type { SourceFile } from '../../../../src/engine/data/sources/source.js';
import { classFolders, countRecords, encoded, expectError, png, zip, type Files } from '../photos.js';

const all = async (file: File) => {
  const source = await openZip(file);
  const files: SourceFile[] = [];
  for await (const next of source.files(0)) files.push(next);
  const content = new Map(files.map((next) => [next.name, 'bytes' in next ? next.bytes : next.refused.code] as const));
  const refused = Object.fromEntries(source.refused.map(({ name, code }) => [name, code]));
  return { source, content, refused };
};
const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());
/** Every place at which `wanted` stands. */
const places = (bytes: Uint8Array, wanted: string) => {
  const text = new TextDecoder('latin1').decode(bytes);
  const found: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) found.push(at);
  return found;
};
/** The archive with every `from` replaced by `to` of the same length, as zip.js would not write it. */
const renamed = async (file: File, from: string, to: string) => {
  const bytes = await bytesOf(file);
  for (const at of places(bytes, from)) bytes.set(new TextEncoder().encode(to), at);
  return new File([bytes], file.name);
};

describe('zip', () => {
  it('gives back every member, stored or deflated, small or larger than a window', async () => {
    const large = new Uint8Array(3_300_000);
    for (let at = 0; at < large.length; at += 65_536) crypto.getRandomValues(large.subarray(at, at + 65_536));
    const files: Files = [...(await classFolders(['a', 'b', 'ü (1)'], 50)), ['a/large.png', large], ['b/large.png', large.slice(0, 1_900_000)]];
    for (const level of [0, 6]) {
      const { content, refused, source } = await all(await zip(files, 'x.zip', { level }));
      expect(refused).to.deep.equal({});
      expect(source.counts).to.deep.equal([51, 51, 50]);
      for (const [path, bytes] of files) expect(indexedDB.cmp(content.get(path), bytes), path).to.equal(0);
    }
  });

  it('refuses members whose path leads elsewhere, links, duplicates and encrypted ones, and takes the rest', async () => {
    let file = await zip([
      ...(await classFolders(['a', 'b'], 2)),
      ['xx/up.png', await png(1)], ['y/absolute.png', await png(1)], ['a/back_slash.png', await png(1)], ['a/nul_.png', await png(1)], ['zz/drive.png', await png(1)], ['a/twice-1.png', await png(1)], ['a/twice-2.png', await png(2)],
    ]);
    for (const [from, to] of [['xx/up.png', '../up.png'], ['y/absolute.png', '//absolute.png'], ['back_slash', 'back\\slash'], ['nul_', 'nul\0'], ['zz/drive', 'C:/drive'], ['twice-2', 'twice-1']]) file = await renamed(file, from, to);
    const { content, refused } = await all(file);
    expect(refused).to.deep.equal({ '../up.png': 'unsafe-path', '//absolute.png': 'unsafe-path', 'a/back\\slash.png': 'unsafe-path', 'a/nul\0.png': 'unsafe-path', 'C:/drive.png': 'unsafe-path', 'a/twice-1.png': 'duplicate' });
    expect([...content.keys()].sort()).to.deep.equal(['a/a (1).png', 'a/a (2).png', 'a/twice-1.png', 'b/b (1).png', 'b/b (2).png']);

    const link = await all(await zip([['a/link.png', '/etc/passwd']], 'l.zip', { unixMode: 0o120777 }));
    expect(link.refused).to.deep.equal({ 'a/link.png': 'unsafe-path' });
    const secret = await all(await zip([['a/secret.png', await png(1)]], 's.zip', { password: 'x' }));
    expect(secret.refused).to.deep.equal({ 'a/secret.png': 'unreadable' });
  });

  it('does not open an archive inside the archive', async () => {
    const inner = new Uint8Array(await (await zip(await classFolders(['c'], 2))).arrayBuffer());
    const dataset = await importDataset({ kind: 'zip', file: await zip([...(await classFolders(['a', 'b'], 2)), ['a/more.zip', inner]]) });
    expect(dataset.refused).to.deep.equal([{ name: 'a/more.zip', code: 'not-an-image', reason: 'It is an archive, which is not opened inside another.' }]);
  });

  it('refuses a damaged member alone', async () => {
    const file = await zip([...(await classFolders(['a', 'b'], 2)), ['a/hurt.jpg', await encoded('image/jpeg')]], 'x.zip', { level: 0 });
    const bytes = await bytesOf(file);
    bytes[places(bytes, 'JFIF')[0] + 40] ^= 1;
    const { content } = await all(new File([bytes], 'x.zip'));
    expect(content.get('a/hurt.jpg')).to.equal('unreadable');
    expect([...content.values()].filter((value) => typeof value !== 'string')).to.have.length(4);
  });

  it('refuses a member that inflates to more than it declares', async () => {
    const file = await zip([['a/liar.png', new Uint8Array(100_000)], ['b/1.png', await png(1)]]);
    const bytes = await bytesOf(file);
    const view = new DataView(bytes.buffer);
    const directory = places(bytes, 'PK\x01\x02')[0];
    expect(view.getUint32(directory + 24, true)).to.equal(100_000);
    view.setUint32(directory + 24, 50, true);
    expect((await all(new File([bytes], 'x.zip'))).content.get('a/liar.png')).to.equal('unreadable');
  });

  /** An archive whose directory says what it likes; entries may share the bytes of one member. */
  const handMade = (members: readonly { path: string; packed: Uint8Array; bytes: number; crc: number; like?: string }[], name = 'bomb.zip') => {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const directory: Uint8Array<ArrayBuffer>[] = [];
    const offsets = new Map<string, number>();
    let at = 0;
    for (const { path, packed, bytes, crc, like } of members) {
      const text = new TextEncoder().encode(path);
      const entry = new DataView(new ArrayBuffer(46 + text.length));
      [[0, 0x02014b50], [16, crc], [20, packed.length], [24, bytes], [42, offsets.get(like ?? path) ?? at]].forEach(([place, value]) => entry.setUint32(place, value, true));
      [[4, 20], [6, 20], [8, 0x800], [10, 8], [28, text.length]].forEach(([place, value]) => entry.setUint16(place, value, true));
      new Uint8Array(entry.buffer).set(text, 46);
      directory.push(new Uint8Array(entry.buffer));
      if (like !== undefined) continue;
      offsets.set(path, at);
      const local = Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(entry.buffer, 6, 26), ...text);
      parts.push(local, packed.slice());
      at += local.length + packed.length;
    }
    const end = new DataView(new ArrayBuffer(22));
    const size = directory.reduce((sum, { length }) => sum + length, 0);
    [[0, 0x06054b50], [12, size], [16, at]].forEach(([place, value]) => end.setUint32(place, value, true));
    [[8, members.length], [10, members.length]].forEach(([place, value]) => end.setUint16(place, value, true));
    return new File([...parts, ...directory, end], name);
  };
  const deflated = async (megabytes: number, head: Uint8Array<ArrayBuffer>) => {
    const stream = new CompressionStream('deflate-raw');
    const writer = stream.writable.getWriter();
    const zeros = new Uint8Array(2 ** 20);
    const feed = async () => {
      await writer.write(head);
      for (let i = 0; i < megabytes; i++) await writer.write(zeros);
      await writer.close();
    };
    void feed();
    return new Uint8Array(await new Response(stream.readable).arrayBuffer());
  };
  /** Bytes that come out of decompression while `work` runs. */
  const countInflated = async (work: () => Promise<unknown>) => {
    const Original = DecompressionStream;
    let inflated = 0;
    globalThis.DecompressionStream = class {
      readonly writable: WritableStream;
      readonly readable: ReadableStream;
      constructor(format: CompressionFormat) {
        const { readable, writable } = new Original(format);
        this.writable = writable;
        const count = new TransformStream<Uint8Array, Uint8Array>({ transform: (part, to) => ((inflated += part.length), to.enqueue(part)) });
        this.readable = readable.pipeThrough(count as ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>);
      }
    };
    try {
      await work();
    } finally {
      globalThis.DecompressionStream = Original;
    }
    return inflated;
  };

  it('stops at an archive that is made to fill the disk, by what really comes out of it', async () => {
    const before = await countRecords();
    const head = await png(1);
    const packed = await deflated(18, head);
    const bytes = head.length + 18 * 2 ** 20;
    const member = (i: number) => ({ path: `${'ab'[i % 2]}/${i}.png`, packed, bytes, crc: 0 });
    const photos = await Promise.all((await classFolders(['a', 'b'], 200)).map(async ([path, content]) => ({ path, packed: await deflated(0, content as Uint8Array<ArrayBuffer>), bytes: (content as Uint8Array).length, crc: crc32(content as Uint8Array) })));
    const bombs: Record<string, File> = {
      'many members': handMade(Array.from({ length: 400 }, (_, i) => member(i))),
      'one member under many names': handMade([member(0), ...Array.from({ length: 2000 }, (_, i) => ({ ...member(i + 1), like: member(0).path }))]),
      'bombs behind photos': handMade([...photos, ...Array.from({ length: 100 }, (_, i) => ({ ...member(i), path: `a/z${i}.png` }))]),
    };
    for (const [what, file] of Object.entries(bombs)) {
      const inflated = await countInflated(async () => {
        const error = await expectError('zip-unsafe', importDataset({ kind: 'zip', file }));
        expect(error.details.source).to.equal('bomb.zip');
      });
      expect(inflated, what).to.be.within(2 ** 20, 64 * 2 ** 20);
    }
    expect(await countRecords()).to.deep.equal(before);
  });

  it('refuses alone a member that inflates to a thousand times what it declares, and stops at once', async () => {
    const packed = await deflated(128, await png(1));
    const good = await Promise.all((await classFolders(['a', 'b'], 2)).map(async ([path, content]) => ({ path, packed: await deflated(0, content as Uint8Array<ArrayBuffer>), bytes: (content as Uint8Array).length, crc: crc32(content as Uint8Array) })));
    const file = handMade([...good, { path: 'a/liar.png', packed, bytes: 1000, crc: 0 }]);
    const inflated = await countInflated(async () => {
      const { content } = await all(file);
      expect([...content].map(([path, value]) => [path, typeof value === 'string' ? value : 'read']).sort()).to.deep.equal([...good.map(({ path }) => [path, 'read']), ['a/liar.png', 'unreadable']].sort());
    });
    expect(inflated).to.be.at.most(10 * 2 ** 20);
  });

  it('refuses a directory that is made to fill the memory: of refused members without end, or of endless names', async () => {
    const directory = (path: string, times: number) => {
      const text = new TextEncoder().encode(path);
      const entry = new DataView(new ArrayBuffer(46));
      entry.setUint32(0, 0x02014b50, true);
      entry.setUint16(28, text.length, true);
      const block = new Blob(Array.from({ length: 1000 }, () => new Blob([entry, text])));
      const end = new DataView(new ArrayBuffer(22));
      [[0, 0x06054b50], [12, (block.size / 1000) * times]].forEach(([place, value]) => end.setUint32(place, value, true));
      end.setUint16(10, times % 2 ** 16, true);
      return new File([...Array.from({ length: times / 1000 }, () => block), end], 'names.zip');
    };
    expect((await expectError('zip-unsafe', openZip(directory('a/twice.png', 501_000)))).details.why).to.include('more than 500000 files');
    expect((await expectError('zip-unsafe', openZip(directory('a'.repeat(60_000), 2000)))).details.why).to.include('names');
    expect((await openZip(directory('a/twice.png', 2000))).refused).to.have.length(1999);
  });

  it('hears that it is cancelled while it reads a long directory', async () => {
    const [[, one]] = await classFolders(['a'], 1);
    const member = { path: 'a/0.png', packed: await deflated(0, one as Uint8Array<ArrayBuffer>), bytes: one.length, crc: 0 };
    const file = handMade(Array.from({ length: 60_000 }, (_, i) => ({ ...member, path: `a/${i}.png`, ...(i > 0 && { like: member.path }) })));
    const cancel = new AbortController();
    setTimeout(() => cancel.abort());
    await expectError('cancelled', openZip(file, cancel.signal));
  });

  it('takes folders that are called like what every object has for classes like any other', async () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];
    const dataset = await importDataset({ kind: 'zip', file: await zip(await classFolders(names, 3)) });
    expect(dataset.classes).to.deep.equal(names);
    expect(dataset.counts).to.deep.equal([3, 3, 3, 3]);
    await deleteDataset(dataset.id);
  });

  it('is broken wherever it is cut, and where it is none', async () => {
    const whole = await zip(await classFolders(['a', 'b'], 3), 'cut.zip');
    for (let length = 0; length < whole.size; length += 61) {
      expect((await expectError('zip-broken', openZip(new File([whole.slice(0, length)], 'cut.zip')))).details.source).to.equal('cut.zip');
    }
    await expectError('zip-broken', openZip(new File([await png(1)], 'photo.png')));
  });
});
