import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect } from 'chai';
import { decodeToPixels, drawPhoto } from '../../../src/engine/data/decode.js';
import { encodePng } from '../../../src/engine/data/png.js';
import { resizeBilinear } from '../../../src/engine/data/resize.js';
import { testRandom } from '../../support/close.js';
import { encoded, png } from './photos.js';

describe('resize', () => {
  it("is TensorFlow's, to the rounding", async () => {
    await tf.setBackend('cpu');
    const random = testRandom('resize');
    for (let trial = 0; trial < 30; trial++) {
      const [width, height, size] = [1 + random.below(40), 1 + random.below(40), 1 + random.below(50)];
      const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, () => random.below(256));
      const expected = tf.tidy(() => tf.slice(tf.image.resizeBilinear(tf.tensor3d(Array.from(rgba), [height, width, 4]), [size, size], false, true), [0, 0, 0], [size, size, 3]).dataSync());
      const actual = resizeBilinear(rgba, width, height, size);
      // Half a step of rounding, and float32 against float64.
      actual.forEach((value, i) => expect(Math.abs(value - expected[i]), `${width}x${height} to ${size}, value ${i}`).to.be.at.most(0.501));
    }
  });
});

describe('decode', () => {
  it('gives back the pixels of a PNG of ours, grey and colour', async () => {
    const random = testRandom('decode');
    const size = 9;
    const colour = Uint8Array.from({ length: size * size * 3 }, () => random.below(256));
    expect([...(await decodeToPixels(await encodePng(colour, size, size, 3), size))]).to.deep.equal([...colour]);
    const grey = Uint8Array.from({ length: size * size }, () => random.below(256));
    expect([...(await decodeToPixels(new Blob([await encodePng(grey, size, size, 1)]), size))]).to.deep.equal([...grey].flatMap((value) => [value, value, value]));
  });

  it('squeezes the whole photo, wide or high, one after the other', async () => {
    for (const [width, height] of [[64, 8], [8, 64], [3, 3]]) {
      const pixels = await decodeToPixels(await png(77, width, height), 5);
      expect([...new Set(pixels)]).to.deep.equal([77]);
      expect(pixels).to.have.length(75);
    }
  });

  it('blends alpha on black', async () => {
    const context = new OffscreenCanvas(4, 4).getContext('2d')!;
    context.fillStyle = 'rgb(200 100 50 / 50%)';
    context.fillRect(0, 0, 4, 2);
    const photo = await context.canvas.convertToBlob({ type: 'image/png' });
    // A brighter photo first: nothing of it may show through.
    await decodeToPixels(await png(255, 4, 4), 4);
    const pixels = await decodeToPixels(photo, 4);
    [100, 50, 25].forEach((value, channel) => expect(pixels[channel]).to.be.closeTo(value, 2));
    expect([...pixels.subarray(4 * 3 * 3)].every((value) => value === 0)).to.equal(true);
  });

  it("applies a photo's EXIF orientation", async () => {
    const plain = await encoded('image/jpeg', '#f00', '#00f', 32, 32);
    // Orientation 3: turned by 180 degrees.
    const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0];
    const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
    const turned = Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2, ...exif, ...plain.subarray(2));
    const red = (pixels: Uint8Array) => [pixels[0] > 200, pixels[7 * 3] > 200];
    expect(red(await decodeToPixels(plain, 8))).to.deep.equal([true, false]);
    expect(red(await decodeToPixels(turned, 8))).to.deep.equal([false, true]);
  });

  it('rejects what does not decode', async () => {
    const broken = await png(5);
    broken.fill(0xaa, 40, 60);
    const outcome = await decodeToPixels(broken, 8).then(() => 'decoded', () => 'rejected');
    expect(outcome).to.equal('rejected');
  });

  it('shows a photo whole, in its own proportions', async () => {
    const bitmap = await drawPhoto(await png(200, 40, 20), 10);
    const context = new OffscreenCanvas(10, 10).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const alpha = (y: number) => context.getImageData(5, y, 1, 1).data[3];
    expect([alpha(0), alpha(5), alpha(9)]).to.deep.equal([0, 255, 0]);
  });
});
