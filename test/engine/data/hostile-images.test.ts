import { expect } from 'chai';
import { importDataset } from '../../../src/engine/data/import.js';
import { Loader } from '../../../src/engine/data/loader.js';
import { encodePng } from '../../../src/engine/data/png.js';
import { deleteDataset } from '../../../src/engine/storage/datasets.js';
import type { RefusalCode } from '../../../src/engine/storage/records.js';
import { encoded, folder, png } from './photos.js';

const GOOD = 1000;

describe('bombs and broken files among a thousand photos', () => {
  it('cost their rows in the list of refusals, and nothing else', async () => {
    const photo = await png(1);
    const jpeg = await encoded('image/jpeg');
    const webp = await encoded('image/webp');
    /** The PNG with other sides in its header. */
    const sides = (width: number, height: number) => {
      const bytes = photo.slice();
      const view = new DataView(bytes.buffer);
      view.setUint32(16, width);
      view.setUint32(20, height);
      return bytes;
    };
    /** The JPEG with other sides in its frame header. */
    const jpegSides = (width: number, height: number) => {
      const bytes = jpeg.slice();
      const frame = bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === 0xc0);
      new DataView(bytes.buffer).setUint16(frame + 5, height);
      new DataView(bytes.buffer).setUint16(frame + 7, width);
      return bytes;
    };
    /** With a second frame header behind the first, far larger. */
    const twoFrames = () => {
      const frame = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0);
      const length = 2 + new DataView(jpeg.buffer).getUint16(frame + 2);
      const second = jpeg.slice(frame, frame + length);
      new DataView(second.buffer).setUint32(5, 0xffffffff);
      return new Uint8Array([...jpeg.subarray(0, frame), ...second, ...jpeg.subarray(frame)]);
    };
    const text = (content: string) => new TextEncoder().encode(content);
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>';
    const bad: Record<string, [RefusalCode, Uint8Array<ArrayBuffer>]> = {
      'square.png': ['too-many-pixels', sides(60_000, 60_000)],
      'long.png': ['too-many-pixels', sides(2 ** 31 - 1, 1)],
      'tall.png': ['too-many-pixels', sides(1, 2 ** 32 - 1)],
      'nothing.png': ['unreadable', sides(0, 4)],
      'square.jpg': ['too-many-pixels', jpegSides(65_535, 65_535)],
      'nothing.jpg': ['unreadable', jpegSides(0, 0)],
      'two-frames.jpg': ['unreadable', twoFrames()],
      'heavy.png': ['too-many-bytes', new Uint8Array([...photo, ...new Uint8Array(20e6)])],
      'vector.svg': ['not-an-image', text(svg)],
      'vector.png': ['not-an-image', text(`<?xml version="1.0"?>${svg}`)],
      'page.jpg': ['not-an-image', text('<!doctype html><script>alert(1)</script>')],
      'empty.jpg': ['empty', new Uint8Array(0)],
      'cut.jpg': ['truncated', jpeg.slice(0, -20)],
      'head.jpg': ['truncated', jpeg.slice(0, 30)],
      'magic.jpg': ['truncated', jpeg.slice(0, 3)],
      'segments.jpg': ['unreadable', Uint8Array.of(...jpeg.subarray(0, 20), ...new Uint8Array(500))],
      'cut.png': ['truncated', photo.slice(0, -8)],
      'magic.png': ['truncated', photo.slice(0, 8)],
      'loop.png': ['truncated', (() => { const bytes = photo.slice(); new DataView(bytes.buffer).setUint32(33, 0xfffffff4); return bytes; })()],
      'cut.webp': ['truncated', webp.slice(0, -9)],
      'kind.webp': ['unreadable', webp.map((byte, at) => (at >= 12 && at < 16 ? 0x41 : byte))],
      'animation.gif': ['unsupported-format', text('GIF89a\u0001\u0000\u0001\u0000')],
      'archive.jpg': ['not-an-image', Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(60))],
      'program.png': ['not-an-image', text('MZ\u0090\u0000 This program cannot be run')],
      'noise.jpg': ['not-an-image', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)],
    };
    expect(Object.keys(bad)).to.have.length(25);
    const files: [string, Uint8Array<ArrayBuffer>][] = Array.from({ length: GOOD }, (_, i) => [`${'abcd'[i % 4]}/${i}.png`, photo]);
    Object.entries(bad).forEach(([name, [, bytes]], i) => files.splice(i * 37, 0, [`${'abcd'[i % 4]}/${name}`, bytes]));
    const dataset = await importDataset(folder(files));
    try {
      expect(dataset).to.include({ images: GOOD, refusedCount: 25 });
      expect(dataset.counts).to.deep.equal([250, 250, 250, 250]);
      expect(Object.fromEntries(dataset.refused.map(({ name, code }) => [name.split('/')[1], code]))).to.deep.equal(Object.fromEntries(Object.entries(bad).map(([name, [code]]) => [name, code])));
    } finally {
      await deleteDataset(dataset.id);
    }
  });

  it('what lies about itself behind a good header is left out of the batches, and named', async () => {
    const photo = await encodePng(Uint8Array.from({ length: 300 }, (_, i) => i % 256), 10, 10, 3);
    const large = photo.slice();
    new DataView(large.buffer).setUint32(16, 6000);
    new DataView(large.buffer).setUint32(20, 6000);
    const noise = photo.map((byte, at) => (at > 45 && at < photo.length - 12 ? (byte * 31) % 256 : byte));
    const dataset = await importDataset(folder([...['a', 'b'].flatMap((name) => Array.from({ length: 6 }, (_, i): [string, Uint8Array<ArrayBuffer>] => [`${name}/${i}.png`, photo])), ['a/large.png', large], ['b/noise.png', noise]]));
    try {
      const loader = new Loader();
      const split = { dataset: dataset.id, seed: 1, validationShare: 0.3, testShare: 0, limit: null };
      const batches = await Promise.all((['train', 'validation'] as const).map((part) => loader.batch({ split, part, size: 8, batch: 32, epoch: null, perturb: null }, 0)));
      expect(batches.flatMap(({ undecodable }) => undecodable).sort()).to.deep.equal(['a/large.png', 'b/noise.png']);
      expect(batches.reduce((sum, { size }) => sum + size, 0)).to.equal(12);
    } finally {
      await deleteDataset(dataset.id);
    }
  });
});
