import { expect } from 'chai';
import { decodeToPixels } from '../../../src/engine/data/decode.js';
import { findDuplicates, type DuplicateProgress } from '../../../src/engine/data/duplicates.js';
import { correlation, distance, fingerprint, FINGERPRINT_SIDE, ones } from '../../../src/engine/data/perceptual-hash.js';
import { drawGrain, PHOTO_SIDE } from '../../../src/engine/data/rice/grain.js';
import { varieties } from '../../../src/engine/data/rice/varieties.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';
import { expectError } from './photos.js';
import { toErrorData, WinnowError } from '../../../src/engine/support/errors.js';

/** Grain `index` as a file: at a size, a brightness, and how much a JPEG keeps of it. */
async function grain(index: number, { side = PHOTO_SIDE, bright = 1, quality = 0.9 } = {}): Promise<Uint8Array<ArrayBuffer>> {
  const image = new ImageData(PHOTO_SIDE, PHOTO_SIDE);
  drawGrain(image.data, varieties[index % varieties.length], 7, index);
  const context = new OffscreenCanvas(side, side).getContext('2d')!;
  context.filter = `brightness(${bright})`;
  context.drawImage(await createImageBitmap(image), 0, 0, side, side);
  return new Uint8Array(await (await context.canvas.convertToBlob({ type: 'image/jpeg', quality })).arrayBuffer());
}

const search = (files: readonly Uint8Array<ArrayBuffer>[], signal = new AbortController().signal, onProgress: (progress: DuplicateProgress) => void = () => {}) =>
  findDuplicates({ images: files.length, read: async (index) => files[index], pixels: (index, side) => decodeToPixels(files[index], side), signal, onProgress });

describe('duplicates', () => {
  it('finds the same file, and the same photo saved anew, resized and made brighter; not another grain', async () => {
    const files = await Promise.all(Array.from({ length: 40 }, (_, index) => grain(index)));
    files.push(files[3], await grain(11, { side: 160 }), await grain(17, { quality: 0.5 }), await grain(22, { bright: 1.1 }), await grain(22, { side: 120, quality: 0.6 }), files[3]);
    expect(await search(files)).to.deep.equal([
      { images: [3, 40, 45], exact: true },
      { images: [11, 41], exact: false },
      { images: [17, 42], exact: false },
      { images: [22, 43, 44], exact: false },
    ]);
  });

  it('knows a file that does not decode by its bytes alone', async () => {
    const broken = new Uint8Array([1, 2, 3]);
    expect(await search([broken, new Uint8Array([1, 2, 4]), broken])).to.deep.equal([{ images: [0, 2], exact: true }]);
  });

  it('ends when it is cancelled', async () => {
    const control = new AbortController();
    const reading = findDuplicates({
      images: 1000,
      read: async (index) => {
        if (index === 20) control.abort();
        return new Uint8Array([index]);
      },
      pixels: (index, side) => decodeToPixels(new Uint8Array([index]), side),
      signal: control.signal,
      onProgress: () => {},
    }).catch((error: unknown) => {
      throw new WinnowError(toErrorData(error).code);
    });
    await expectError('cancelled', reading);
  });
});

describe('the perceptual hash', () => {
  const random = new Random(5, Purpose.sample);

  it('counts bits', () => {
    for (let time = 0; time < 200; time++) {
      const bits = random.uint32();
      expect(ones(bits)).to.equal(bits.toString(2).replaceAll('0', '').length);
    }
    expect(distance([0xffffffff | 0, 0], [0, 0x7fffffff])).to.equal(63);
  });

  it('is the sign of the low frequencies against their median, as a cosine transform written out gives them', () => {
    const pixels = Uint8Array.from({ length: FINGERPRINT_SIDE ** 2 * 3 }, () => random.below(256));
    const grey = (x: number, y: number) => {
      let sum = 0;
      for (let dy = 0; dy < 4; dy++) {
        for (let dx = 0; dx < 4; dx++) {
          const at = ((4 * y + dy) * FINGERPRINT_SIDE + 4 * x + dx) * 3;
          sum += (0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2]) / 16;
        }
      }
      return sum;
    };
    const picture = Array.from({ length: 32 }, (_, y) => Array.from({ length: 32 }, (__, x) => grey(x, y)));
    const spectrum: number[] = [];
    for (let v = 0; v < 8; v++) {
      for (let u = 0; u < 8; u++) {
        if (u === 0 && v === 0) continue;
        let sum = 0;
        for (let y = 0; y < 32; y++) for (let x = 0; x < 32; x++) sum += picture[y][x] * Math.cos(((2 * x + 1) * u * Math.PI) / 64) * Math.cos(((2 * y + 1) * v * Math.PI) / 64);
        spectrum.push(sum);
      }
    }
    const median = [...spectrum].sort((a, b) => a - b)[31];
    const { bits, thumb } = fingerprint(pixels);
    spectrum.forEach((value, at) => expect((bits[at >> 5] >>> (at & 31)) & 1, `frequency ${at}`).to.equal(value > median ? 1 : 0));
    expect(thumb[33]).to.equal(Math.floor(grey(1, 1) + 0.5));
  });

  it('correlates', () => {
    const a = Uint8Array.from({ length: 64 }, () => random.below(200));
    expect(correlation(a, a.map((value) => value + 40))).to.be.closeTo(1, 1e-12);
    expect(correlation(a, a.map((value) => 255 - value))).to.be.closeTo(-1, 1e-12);
    expect(correlation(new Uint8Array(64), a)).to.equal(0);
    expect(correlation(new Uint8Array(64), new Uint8Array(64))).to.equal(1);
    expect(correlation(new Uint8Array(64), new Uint8Array(64).fill(200))).to.equal(0);
  });
});
