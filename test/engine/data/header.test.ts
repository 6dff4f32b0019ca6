import { expect } from 'chai';
import { inspectImage, MAX_BYTES } from '../../../src/engine/data/header.js';
import type { RefusalCode } from '../../../src/engine/storage/records.js';
import { encoded, png } from './photos.js';

const ascii = (text: string) => [...new TextEncoder().encode(text)];
const uint32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const refusedAs = (bytes: Uint8Array): RefusalCode | null => {
  const found = inspectImage(bytes);
  return 'code' in found ? found.code : null;
};

describe('image headers', () => {
  it('give type and size of what the browser encodes', async () => {
    expect(inspectImage(await encoded('image/jpeg', '#123', '#456', 34, 21))).to.include({ format: 'jpeg', width: 34, height: 21 });
    expect(inspectImage(await png(9, 300, 2))).to.include({ format: 'png', width: 300, height: 2 });
    expect(inspectImage(await encoded('image/webp', '#123', '#456', 34, 21))).to.include({ format: 'webp', width: 34, height: 21 });
  });

  it('give the size of lossless and extended WebP', () => {
    const riff = (...body: number[]) => Uint8Array.of(...ascii('RIFF'), body.length + 4, 0, 0, 0, ...ascii('WEBP'), ...body);
    // 14 bits each of width - 1 and height - 1: 100 x 50.
    const sides = 99 | (49 << 14);
    expect(inspectImage(riff(...ascii('VP8L'), 10, 0, 0, 0, 0x2f, sides & 255, (sides >> 8) & 255, (sides >> 16) & 255, sides >>> 24, 0))).to.include({ width: 100, height: 50 });
    expect(inspectImage(riff(...ascii('VP8X'), 10, 0, 0, 0, 0, 0, 0, 0, 0x2b, 1, 0, 0x0f, 0, 0))).to.include({ width: 300, height: 16 });
  });

  it('are truncated wherever the file is cut', async () => {
    for (const photo of [await encoded('image/jpeg'), await png(3), await encoded('image/webp')]) {
      for (let length = 30; length < photo.length; length++) expect(refusedAs(photo.subarray(0, length)), `${length} of ${photo.length}`).to.equal('truncated');
    }
  });

  it('may be followed by bytes of no meaning', async () => {
    for (const photo of [await encoded('image/jpeg'), await png(3)]) expect(refusedAs(Uint8Array.of(...photo, 0, 0, 7))).to.equal(null);
  });

  it("are not ended by an EXIF thumbnail's end", async () => {
    const photo = await encoded('image/jpeg');
    const thumbnail = [0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9];
    const whole = Uint8Array.of(...photo.subarray(0, 2), ...thumbnail, ...photo.subarray(2));
    expect(refusedAs(whole)).to.equal(null);
    expect(refusedAs(whole.subarray(0, -2))).to.equal('truncated');
  });

  it('refuse, each for its reason', async () => {
    const huge = await png(1);
    huge.set([...uint32(8000), ...uint32(5001)], 16);
    const flat = await png(1);
    flat.set(uint32(0), 16);
    const lossless = await encoded('image/jpeg');
    lossless[lossless.findIndex((byte, i) => byte === 0xff && lossless[i + 1] === 0xc0) + 1] = 0xc3;
    const cases: [Uint8Array, RefusalCode][] = [
      [new Uint8Array(0), 'empty'],
      [new Uint8Array(MAX_BYTES + 1), 'too-many-bytes'],
      [Uint8Array.from(ascii('Citation request: ...')), 'not-an-image'],
      [Uint8Array.from([...ascii('PK'), 3, 4, 20, 0]), 'not-an-image'],
      [Uint8Array.from(ascii('GIF89a.......')), 'unsupported-format'],
      [Uint8Array.from([0, 0, 0, 24, ...ascii('ftypheic')]), 'unsupported-format'],
      [Uint8Array.from([0, 0, 0, 24, ...ascii('ftypavif')]), 'unsupported-format'],
      [huge, 'too-many-pixels'],
      [flat, 'unreadable'],
      [lossless, 'unsupported-format'],
    ];
    for (const [bytes, code] of cases) expect(refusedAs(bytes), code).to.equal(code);
  });

  it('survive any damage', async () => {
    const photos = [await encoded('image/jpeg'), await png(3), await encoded('image/webp')];
    for (const photo of photos) {
      for (let at = 0; at < Math.min(photo.length, 200); at++) {
        for (const value of [0, 1, 0x7f, 0xff]) {
          const damaged = photo.slice();
          damaged[at] = value;
          expect(inspectImage(damaged)).to.be.an('object');
        }
      }
    }
  });
});
