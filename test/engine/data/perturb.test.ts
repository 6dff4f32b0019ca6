import { expect } from 'chai';
import { perturb, type PerturbationKind } from '../../../src/engine/data/perturb.js';
import { studyStrengths, type PerturbationStrengths } from '../../../src/engine/support/settings.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';

const none: PerturbationStrengths = { flip: 0, rotation: 0, zoom: 0, shift: 0, contrast: 0 };

function noise(size: number, seed = 1): Uint8Array {
  const random = new Random(seed, Purpose.sample);
  return Uint8Array.from({ length: size * size * 3 }, () => random.below(256));
}

/** Reads pixel by pixel from another place of the same photo. */
function remap(pixels: Uint8Array, size: number, from: (x: number, y: number) => [number, number]): Uint8Array {
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [sx, sy] = from(x, y);
      result.set(pixels.subarray((sy * size + sx) * 3, (sy * size + sx) * 3 + 3), (y * size + x) * 3);
    }
  }
  return result;
}

function channelMeans(pixels: Uint8Array): number[] {
  return [0, 1, 2].map((channel) => pixels.filter((_, i) => i % 3 === channel).reduce((a, b) => a + b, 0) / (pixels.length / 3));
}

describe('perturb', () => {
  it('changes nothing at zero strength, and never its input', () => {
    const pixels = noise(9);
    const before = pixels.slice();
    expect(perturb(pixels, 9, 'all', 1, 7, none)).to.deep.equal(before);
    perturb(pixels, 9, 'all', 1, 7);
    expect(pixels).to.deep.equal(before);
  });

  it('mirrors exactly, in all four ways and no other', () => {
    const size = 6;
    const pixels = noise(size);
    const ways = [
      pixels,
      remap(pixels, size, (x, y) => [size - 1 - x, y]),
      remap(pixels, size, (x, y) => [x, size - 1 - y]),
      remap(pixels, size, (x, y) => [size - 1 - x, size - 1 - y]),
    ].map(String);
    const seen = new Set(Array.from({ length: 60 }, (_, index) => ways.indexOf(String(perturb(pixels, size, 'flip', 1, index)))));
    expect([...seen].sort()).to.deep.equal([0, 1, 2, 3]);
    expect(String(perturb(pixels, size, 'flip', 1, 0, { ...none, flip: 1 }))).to.equal(ways[3]);
  });

  it('turns a half turn into a point reflection', () => {
    // Draws are uniform in a range, so a strength that reaches a known angle is found from the draw itself.
    const size = 8;
    const pixels = noise(size);
    const random = new Random(5, Purpose.perturb, 3);
    random.uniform();
    random.uniform();
    const share = 2 * random.uniform() - 1;
    const turned = perturb(pixels, size, 'rotation', 5, 3, { ...none, rotation: 0.5 / Math.abs(share) });
    expect(turned).to.deep.equal(remap(pixels, size, (x, y) => [size - 1 - x, size - 1 - y]));
  });

  it('turns a quarter turn either way by its sign', () => {
    const size = 7;
    const pixels = noise(size);
    const directions = new Set<boolean>();
    for (let index = 0; index < 12; index++) {
      const random = new Random(5, Purpose.perturb, index);
      random.uniform();
      random.uniform();
      const share = 2 * random.uniform() - 1;
      directions.add(share > 0);
      const turned = perturb(pixels, size, 'rotation', 5, index, { ...none, rotation: 0.25 / Math.abs(share) });
      expect(turned).to.deep.equal(remap(pixels, size, (x, y) => (share > 0 ? [size - 1 - y, x] : [y, size - 1 - x])));
    }
    expect(directions.size).to.equal(2);
  });

  it('fills what a shift uncovers by reflection, the border pixel twice', () => {
    const size = 10;
    const pixels = noise(size);
    const index = Array.from({ length: 100 }, (_, i) => i).find((i) => {
      const [x] = draws(i);
      return x > 0;
    })!;
    const [x, y] = draws(index);
    // Scaled so that it moves two pixels to the right; downwards by what follows from the same strength.
    const strength = 0.2 / x;
    const shifted = perturb(pixels, size, 'shift', 9, index, { ...none, shift: strength });
    const down = y * strength * size;
    const row = Math.floor(5 - down);
    const weight = 5 - down - row;
    const mirror = (p: number) => (p < 0 ? -1 - p : p >= size ? 2 * size - 1 - p : p);
    const at = (px: number, py: number) => pixels[(mirror(py) * size + mirror(px)) * 3];
    for (let px = 0; px < size; px++) {
      const expected = at(px - 2, row) * (1 - weight) + at(px - 2, row + 1) * weight;
      expect(shifted[(5 * size + px) * 3]).to.be.closeTo(expected, 0.51);
    }

    function draws(i: number): [number, number] {
      const random = new Random(9, Purpose.perturb, i);
      for (let n = 0; n < 4; n++) random.uniform();
      return [2 * random.uniform() - 1, 2 * random.uniform() - 1];
    }
  });

  it('zooms about the centre', () => {
    const size = 41;
    const pixels = new Uint8Array(size * size * 3);
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (Math.hypot(x - 20, y - 20) < 10) pixels.fill(255, (y * size + x) * 3, (y * size + x) * 3 + 3);
    const area = (image: Uint8Array) => image.reduce((a, b) => a + b, 0);
    const ratios = Array.from({ length: 40 }, (_, index) => Math.sqrt(area(perturb(pixels, size, 'zoom', 2, index)) / area(pixels)));
    expect(Math.min(...ratios)).to.be.within(1 / 1.1 - 0.01, 0.95);
    expect(Math.max(...ratios)).to.be.within(1.05, 1 / 0.9 + 0.01);
  });

  it('keeps each channel’s mean and scales its spread by at most a tenth', () => {
    const size = 32;
    const pixels = noise(size).map((value) => 60 + (value >> 1));
    const spread = (image: Uint8Array) => Math.sqrt(image.reduce((sum, value) => sum + (value - 123.5) ** 2, 0) / image.length);
    const ratios: number[] = [];
    for (let index = 0; index < 30; index++) {
      const changed = perturb(pixels, size, 'contrast', 1, index);
      channelMeans(changed).forEach((mean, channel) => expect(mean).to.be.closeTo(channelMeans(pixels)[channel], 0.1));
      ratios.push(spread(changed) / spread(pixels));
    }
    expect(Math.min(...ratios)).to.be.within(0.895, 0.93);
    expect(Math.max(...ratios)).to.be.within(1.07, 1.105);
  });

  it('repeats for the same seed and index, and differs for others', () => {
    const pixels = noise(16);
    const all = String(perturb(pixels, 16, 'all', 1, 7));
    expect(String(perturb(pixels, 16, 'all', 1, 7))).to.equal(all);
    expect(String(perturb(pixels, 16, 'all', 1, 8))).to.not.equal(all);
    expect(String(perturb(pixels, 16, 'all', 2, 7))).to.not.equal(all);
  });

  it('draws one kind alone as it draws it among all', () => {
    const pixels = noise(16);
    for (const kind of ['flip', 'rotation', 'zoom', 'shift', 'contrast'] satisfies PerturbationKind[]) {
      const alone = perturb(pixels, 16, kind, 3, 4);
      expect(perturb(pixels, 16, 'all', 3, 4, { ...none, [kind]: studyStrengths[kind] })).to.deep.equal(alone);
    }
  });
});
