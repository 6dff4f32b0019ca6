import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync, inflateSync } from 'node:zlib';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader, type FileEntry } from '@zip.js/zip.js';

describe('scripts/fashion-mnist.mjs', () => {
  const count = 200;
  let folder: string;

  /** IDX: two zero bytes, type (8: uint8), axes, then the axes big-endian. */
  function idx(shape: number[], data: Uint8Array): Uint8Array {
    const header = Buffer.alloc(4 + 4 * shape.length);
    header[2] = 8;
    header[3] = shape.length;
    shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
    return gzipSync(Buffer.concat([header, data]));
  }

  const pixel = (image: number, at: number) => (image * 31 + at * 7) & 255;
  const run = (...options: string[]) => spawnSync(process.execPath, ['scripts/fashion-mnist.mjs', '--from', folder, ...options], { encoding: 'utf8' });
  async function entries(path: string): Promise<FileEntry[]> {
    const all = await new ZipReader(new Uint8ArrayReader(readFileSync(path))).getEntries();
    return all.filter((entry) => !entry.directory);
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'winnow-fashion-'));
    const images = new Uint8Array(count * 784);
    for (let i = 0; i < count; i++) for (let at = 0; at < 784; at++) images[i * 784 + at] = pixel(i, at);
    writeFileSync(join(folder, 'train-images-idx3-ubyte.gz'), idx([count, 28, 28], images));
    writeFileSync(join(folder, 'train-labels-idx1-ubyte.gz'), idx([count], Uint8Array.from({ length: count }, (_, i) => i % 10)));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('zips equally many of each class, as PNG with the pixels of the source', async () => {
    const out = join(folder, 'out.zip');
    const result = run('--images', '43', '--out', out);
    assert.equal(result.status, 0, result.stderr);
    const files = await entries(out);
    const counts = new Map<string, number>();
    for (const { filename } of files) counts.set(filename.split('/')[0], (counts.get(filename.split('/')[0]) ?? 0) + 1);
    assert.deepEqual([...counts.values()].sort(), [4, 4, 4, 4, 4, 4, 4, 5, 5, 5]);
    for (const file of files.slice(0, 5)) {
      const png = Buffer.from(await file.getData(new Uint8ArrayWriter()));
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]], [28, 28, 8, 0]);
      const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
      const image = Number(file.filename.slice(-9, -4));
      for (const [x, y] of [[0, 0], [27, 0], [3, 14], [27, 27]]) assert.equal(rows[y * 29 + 1 + x], pixel(image, y * 28 + x));
    }
  });

  it('gives the same zip for the same seed only', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, `${name}.zip`));
    run('--images', '50', '--seed', '7', '--out', a);
    run('--images', '50', '--seed', '7', '--out', b);
    run('--images', '50', '--seed', '8', '--out', c);
    assert.deepEqual(readFileSync(a), readFileSync(b));
    assert.notDeepEqual(readFileSync(a), readFileSync(c));
  });

  it('says what to install where the images are missing', () => {
    const result = spawnSync(process.execPath, ['scripts/fashion-mnist.mjs', '--from', join(folder, 'nowhere')], { encoding: 'utf8' });
    assert.equal(result.status, 2);
    assert.match(result.stderr, /apt-get install dataset-fashion-mnist/);
  });
});
