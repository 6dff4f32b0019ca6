import { expect } from 'chai';
import { decodeToPixels } from '../../../src/engine/data/decode.js';
import { decodeQuickly } from '../../../src/engine/data/frames.js';
import type { Random } from '../../../src/engine/support/random.js';
import { testRandom } from '../../support/close.js';
import { png } from './photos.js';

describe('small JPEGs without a Blob', () => {
  /** Colours that change from pixel to pixel, where subsampled chroma shows. */
  const noise = async (random: Random, width: number, height: number, quality: number, colorSpace: PredefinedColorSpace = 'srgb') => {
    const context = new OffscreenCanvas(width, height).getContext('2d', { colorSpace })!;
    const image = context.createImageData(width, height);
    for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 : random.below(256);
    context.putImageData(image, 0, 0);
    return new Uint8Array(await (await context.canvas.convertToBlob({ type: 'image/jpeg', quality })).arrayBuffer());
  };
  /** How many bitmaps the browser was asked for meanwhile, and the pixels. */
  const quickly = async (photo: Uint8Array<ArrayBuffer>, size: number) => {
    const original = globalThis.createImageBitmap;
    let bitmaps = 0;
    globalThis.createImageBitmap = ((...args: Parameters<typeof original>) => {
      bitmaps++;
      return original(...args);
    }) as typeof original;
    try {
      return { pixels: await decodeQuickly(photo, size).catch(() => null), bitmaps };
    } finally {
      globalThis.createImageBitmap = original;
    }
  };
  const same = async (photo: Uint8Array<ArrayBuffer>, size: number, what: string) => {
    const { pixels, bitmaps } = await quickly(photo, size);
    const sure = await decodeToPixels(photo, size).catch(() => null);
    expect(pixels === null, what).to.equal(sure === null);
    if (pixels && sure) expect(indexedDB.cmp(pixels, sure), what).to.equal(0);
    return bitmaps;
  };
  /** With a segment after the SOI marker. */
  const withSegment = (jpeg: Uint8Array<ArrayBuffer>, marker: number, content: readonly number[]) =>
    Uint8Array.of(0xff, 0xd8, 0xff, marker, 0, content.length + 2, ...content, ...jpeg.subarray(2));

  it('have the very pixels of a bitmap, and ask for none', async () => {
    const random = testRandom('frames');
    await quickly(await noise(random, 8, 8, 0.9), 8);
    for (let trial = 0; trial < 12; trial++) {
      const [width, height, size] = [1 + random.below(90), 1 + random.below(90), 1 + random.below(60)];
      const quality = [0.3, 0.9, 1][trial % 3];
      expect(await same(await noise(random, width, height, quality), size, `${width} x ${height}, quality ${quality}, to ${size}`)).to.equal(0);
    }
  });

  it('go the other way where more than their pixels matters', async () => {
    const random = testRandom('frames');
    const plain = await noise(random, 40, 24, 0.9);
    const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
    const others = {
      turned: withSegment(plain, 0xe1, [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]),
      // Adobe's marker, which says that the three channels are RGB.
      RGB: withSegment(plain, 0xee, [0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0]),
      'display-p3': await noise(random, 40, 24, 0.9, 'display-p3'),
      png: await png(88),
    };
    for (const [what, photo] of Object.entries(others)) expect(await same(photo, 20, what), what).to.equal(1);
    expect(await same(withSegment(plain, 0xfe, [1, 2, 3]), 20, 'a comment')).to.equal(0);
  });

  it('broken ones are as broken as a bitmap says', async () => {
    const random = testRandom('frames');
    const plain = await noise(random, 40, 24, 0.9);
    const scan = plain.findIndex((byte, at) => byte === 0xff && plain[at + 1] === 0xda);
    for (let trial = 0; trial < 20; trial++) {
      const broken = plain.slice();
      for (let i = 0; i < 3; i++) broken[scan + 14 + random.below(broken.length - scan - 16)] = random.below(256);
      await same(broken, 20, `trial ${trial}`);
    }
    await same(plain.slice(0, scan + 40), 20, 'cut off');
  });
});
