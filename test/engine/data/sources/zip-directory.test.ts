import { BlobReader, BlobWriter, Uint8ArrayReader, ZipReader, ZipWriter } from '@zip.js/zip.js';
import { expect } from 'chai';
import { crc32 } from '../../../../src/engine/data/crc32.js';
import { readDirectory, type DirectoryEntry } from '../../../../src/engine/data/sources/zip-directory.js';
import { testRandom } from '../../../support/close.js';

const read = async (file: Blob): Promise<DirectoryEntry[]> => {
  const entries: DirectoryEntry[] = [];
  for await (const piece of readDirectory(file)) entries.push(...piece);
  return entries;
};
/** The same by zip.js. */
const reference = async (file: Blob): Promise<DirectoryEntry[]> => {
  const entries = await new ZipReader(new BlobReader(file)).getEntries({ filenameValidation: 'tolerant' });
  return entries.map(({ filename, offset, compressedSize, uncompressedSize, compressionMethod, crc32: crc, encrypted, symlink, directory }) => ({
    path: filename, offset, packed: compressedSize, bytes: uncompressedSize, method: compressionMethod, crc: crc ?? 0, encrypted, isLink: symlink, isFolder: directory,
  }));
};
const failure = async (file: Blob): Promise<string> => {
  try {
    await read(file);
  } catch (error) {
    return String(error);
  }
  return '';
};

interface Entry {
  readonly name: Uint8Array;
  readonly flags?: number;
  readonly fields?: Uint8Array;
  readonly comment?: Uint8Array;
  readonly packed?: number;
  readonly bytes?: number;
  readonly offset?: number;
  readonly attributes?: number;
}
const none = new Uint8Array(0);
const directoryOf = (entries: readonly Entry[]) => {
  const bytes = new Uint8Array(entries.reduce((sum, { name, fields = none, comment = none }) => sum + 46 + name.length + fields.length + comment.length, 0));
  const view = new DataView(bytes.buffer);
  let from = 0;
  for (const { name, flags = 0, fields = none, comment = none, packed = 0, bytes: inflated = 0, offset = 0, attributes = 0 } of entries) {
    [[0, 0x02014b50], [20, packed], [24, inflated], [38, attributes], [42, offset]].forEach(([at, value]) => view.setUint32(from + at, value, true));
    [[4, 20], [6, 20], [8, flags], [10, 8], [28, name.length], [30, fields.length], [32, comment.length]].forEach(([at, value]) => view.setUint16(from + at, value, true));
    from += 46;
    for (const part of [name, fields, comment]) {
      bytes.set(part, from);
      from += part.length;
    }
  }
  return new Blob([bytes]);
};
const endOf = (members: number, length: number, start: number, disk = 0) => {
  const end = new DataView(new ArrayBuffer(22));
  [[0, 0x06054b50], [12, length], [16, start]].forEach(([at, value]) => end.setUint32(at, value, true));
  [[4, disk], [8, members], [10, members]].forEach(([at, value]) => end.setUint16(at, value, true));
  return end;
};
const archive = (entries: readonly Entry[], members = entries.length) => {
  const directory = directoryOf(entries);
  return new Blob([directory, endOf(members, directory.size, 0)]);
};
const field = (kind: number, ...bytes: number[]) => Uint8Array.of(kind & 255, kind >> 8, bytes.length & 255, bytes.length >> 8, ...bytes);
const int64 = (value: number) => [...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)];
const ascii = (text: string) => new TextEncoder().encode(text);

describe('the directory of a zip', () => {
  const random = testRandom('zip-directory');

  it('is read as zip.js reads it: random archives with folders, links, comments, zip64, secrets and what stands before them', async () => {
    for (let round = 0; round < 25; round++) {
      const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
      const members = random.below(12);
      for (let i = 0; i < members; i++) {
        const path = `${['', 'a/', '사진/ü/'][random.below(3)]}${i}${['.png', ' (1).jpg', 'é.txt'][random.below(3)]}`;
        const content = new Uint8Array(random.below(300)).fill(random.below(256));
        const options = { zip64: random.below(3) === 0, level: random.below(2) * 6, comment: ['', 'a comment'][random.below(2)], extendedTimestamp: random.below(2) === 0, ...(random.below(5) === 0 && { password: 'x', zipCrypto: true }) };
        const kind = random.below(6);
        if (kind === 0) await writer.add(`${path}/`, undefined, { directory: true });
        else await writer.add(path, new Uint8ArrayReader(content), kind === 1 ? { ...options, unixMode: 0o120777 } : options);
      }
      const written = await writer.close(ascii(['', 'of the archive'][random.below(2)]), { zip64: random.below(3) === 0 });
      const file = new Blob([new Uint8Array(random.below(2) * 1000), written]);
      expect(await read(file), `round ${round}`).to.deep.equal(await reference(file));
    }
  });

  it('has names in UTF-8, marked or not, in code page 437, and in a field of their own', async () => {
    const cp437 = Uint8Array.of(...ascii('a/'), 0x81, 0xe1, 0xff);
    const unicode = (of: Uint8Array) => field(0x7075, 1, ...new Uint8Array(Uint32Array.of(crc32(of)).buffer), ...ascii('a/쌀'));
    const names = [{ name: ascii('a/é'), flags: 0x800 }, { name: ascii('a/é') }, { name: cp437 }, { name: cp437, fields: unicode(cp437) }, { name: cp437, fields: unicode(ascii('another')) }];
    const paths = ['a/é', 'a/é', 'a/üß\u00a0', 'a/쌀', 'a/üß\u00a0'];
    expect((await read(archive(names))).map(({ path }) => path)).to.deep.equal(paths);
    expect((await reference(archive(names))).map(({ path }) => path)).to.deep.equal(paths);
  });

  it('takes lengths and places beyond 4 GiB, those that the header leaves to the field and no others', async () => {
    const large = 5 * 2 ** 32;
    const [all, some, cut] = await read(archive([
      { name: ascii('a/1'), packed: 0xffffffff, bytes: 0xffffffff, offset: 0xffffffff, fields: field(1, ...int64(large), ...int64(large + 1), ...int64(large + 2)) },
      { name: ascii('a/2'), packed: 7, bytes: 0xffffffff, offset: 9, fields: Uint8Array.of(...field(0x5455, 1, 2, 3), ...field(1, ...int64(large))) },
      { name: ascii('a/3'), packed: 0xffffffff, bytes: 8, offset: 9, fields: field(1, 1, 2, 3).slice(0, 5) },
    ]));
    expect(all).to.deep.include({ bytes: large, packed: large + 1, offset: large + 2 });
    expect(some).to.deep.include({ bytes: large, packed: 7, offset: 9 });
    expect(cut).to.deep.include({ bytes: 8, packed: 0xffffffff, offset: 9 });
  });

  it('may be longer than what is read at once, with entries of any length, and with more than 65,535 where the count wraps around', async () => {
    const entries = Array.from({ length: 2 ** 16 + 3 }, (_, i): Entry => ({ name: ascii(`a/${i}`), offset: i, ...(i % 5000 === 7 && { comment: new Uint8Array(0xffff), fields: new Uint8Array(0xfff0) }) }));
    const found = await read(archive(entries, 3));
    expect(found).to.have.length(entries.length);
    expect(found.every(({ path, offset }, i) => path === `a/${i}` && offset === i)).to.equal(true);
  });

  it('is none where it is cut, miscounted, of another part, or its end points elsewhere', async () => {
    const entries = Array.from({ length: 3 }, (_, i) => ({ name: ascii(`a/${i}`) }));
    const directory = directoryOf(entries);
    expect(await failure(archive(entries))).to.equal('');
    expect(await failure(archive(entries, 2))).to.contain('3 members for 2');
    expect(await failure(archive(entries, 4))).to.contain('3 members for 4');
    expect(await failure(new Blob([directory, endOf(3, directory.size, 0, 1)]))).to.contain('no directory');
    expect(await failure(new Blob([directory, endOf(3, directory.size, 5)]))).to.contain('no directory');
    expect(await failure(new Blob([directory, endOf(3, 2 ** 32 - 2, 0)]))).to.contain('no directory');
    expect(await failure(new Blob([directory, endOf(3, directory.size - 10, 0)]))).to.contain('members for 3');
    expect(await failure(new Blob([]))).to.contain('no directory');
    const bytes = new Uint8Array(await archive(entries).arrayBuffer());
    bytes[51] ^= 1;
    expect(await failure(new Blob([bytes]))).to.not.equal('');
  });
});
