import { expect } from 'chai';
import { augment, augments } from '../../../src/engine/data/augment.js';
import { noAugmentation, type AugmentSettings } from '../../../src/engine/support/settings.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';

const SIZE = 16;
const usual: AugmentSettings = { flipX: 0.5, flipY: 0.5, rotation: 0.1, shift: 0.1, zoom: 0.1, brightness: 0.1 };

function noise(size = SIZE): Uint8Array<ArrayBuffer> {
  const random = new Random(2, Purpose.sample);
  return Uint8Array.from({ length: size * size * 3 }, () => random.below(256));
}

function mirrored(pixels: Uint8Array, x: boolean, y: boolean): Uint8Array {
  return Uint8Array.from(pixels, (_, i) => {
    const [channel, column, row] = [i % 3, Math.floor(i / 3) % SIZE, Math.floor(i / 3 / SIZE)];
    return pixels[((y ? SIZE - 1 - row : row) * SIZE + (x ? SIZE - 1 - column : column)) * 3 + channel];
  });
}

describe('augmentation', () => {
  it('depends on seed, epoch and image, on nothing else', () => {
    const pixels = noise();
    const at = (seed: number, epoch: number, index: number) => String(augment(pixels, SIZE, usual, seed, epoch, index));
    expect(at(1, 2, 3)).to.equal(at(1, 2, 3));
    expect(new Set([at(1, 2, 3), at(2, 2, 3), at(1, 3, 3), at(1, 2, 4), at(1, 3, 2)]).size).to.equal(5);
  });

  it('leaves a photo as it is where every strength is 0, and knows that', () => {
    const pixels = noise();
    expect(augments(noAugmentation)).to.equal(false);
    expect(augments({ ...noAugmentation, zoom: 0.01 })).to.equal(true);
    expect(augment(pixels, SIZE, noAugmentation, 1, 1, 1)).to.deep.equal(pixels);
  });

  it('flips each way as often as it is asked to', () => {
    const pixels = noise();
    const counts = new Map<string, number>();
    for (let index = 0; index < 400; index++) {
      const changed = augment(pixels, SIZE, { ...noAugmentation, flipX: 0.5, flipY: 0.25 }, 1, 1, index);
      const kind = [[false, false], [true, false], [false, true], [true, true]].find(([x, y]) => String(mirrored(pixels, x, y)) === String(changed));
      counts.set(String(kind), (counts.get(String(kind)) ?? 0) + 1);
    }
    const share = (kind: string) => (counts.get(kind) ?? 0) / 400;
    expect(share('undefined')).to.equal(0);
    expect(share('true,false') + share('true,true')).to.be.within(0.42, 0.58);
    expect(share('false,true') + share('true,true')).to.be.within(0.18, 0.32);
  });

  it('adds the same to every value, both ways, within the strength and within white', () => {
    const pixels = noise().map((value) => 100 + (value % 50));
    const added: number[] = [];
    for (let epoch = 1; epoch <= 100; epoch++) {
      const changed = augment(pixels, SIZE, { ...noAugmentation, brightness: 0.2 }, 1, epoch, 0);
      const by = changed[0] - pixels[0];
      expect(changed.every((value, i) => value - pixels[i] === by)).to.equal(true);
      added.push(by);
    }
    expect(Math.min(...added)).to.be.within(-51, -40);
    expect(Math.max(...added)).to.be.within(40, 51);
    expect(Math.max(...augment(noise(), SIZE, { ...noAugmentation, brightness: 1 }, 1, 1, 4))).to.be.at.most(255);
  });

  it('shifts by at most its strength and mirrors at the border', () => {
    // A white column moves with the photo.
    const size = 40;
    const pixels = Uint8Array.from({ length: size * size * 3 }, (_, i) => (Math.floor(i / 3) % size === 20 ? 255 : 0));
    const places: number[] = [];
    for (let index = 0; index < 200; index++) {
      const row = augment(pixels, size, { ...noAugmentation, shift: 0.25 }, 1, 1, index).subarray(0, size * 3);
      const total = row.reduce((sum, value) => sum + value, 0);
      places.push(row.reduce((sum, value, i) => sum + value * Math.floor(i / 3), 0) / total - 20);
    }
    expect(Math.min(...places)).to.be.within(-10.01, -9);
    expect(Math.max(...places)).to.be.within(9, 10.01);
  });

  it('moves no draw of one change when the strength of another changes', () => {
    const pixels = noise();
    const brightened = augment(pixels, SIZE, { ...noAugmentation, brightness: 0.2 }, 5, 1, 8);
    const both = augment(pixels, SIZE, { ...noAugmentation, brightness: 0.2, flipX: 1 }, 5, 1, 8);
    expect(both).to.deep.equal(mirrored(brightened, true, false));
  });
});
