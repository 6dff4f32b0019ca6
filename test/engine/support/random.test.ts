import { expect } from 'chai';
import { pcg4d, Purpose, Random } from '../../../src/engine/support/random.js';

/** The paper's pcg4d written anew, in exact integers. */
function pcg4dInBigInts(...counters: number[]): number[] {
  const wrap = (value: bigint) => BigInt.asUintN(32, value);
  const v = counters.map((counter) => wrap(BigInt(counter) * 1664525n + 1013904223n));
  const mix = () => {
    v[0] = wrap(v[0] + v[1] * v[3]);
    v[1] = wrap(v[1] + v[2] * v[0]);
    v[2] = wrap(v[2] + v[0] * v[1]);
    v[3] = wrap(v[3] + v[1] * v[2]);
  };
  mix();
  for (let i = 0; i < 4; i++) v[i] ^= v[i] >> 16n;
  mix();
  return v.map(Number);
}

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.uint32());

describe('random', () => {
  it('pcg4d is the hash of the paper', () => {
    const vectors: [number, number, number, number][] = [[0, 0, 0, 0], [1, 2, 3, 4], [0xffffffff, 0x80000000, 12345, 7]];
    for (const counters of vectors) {
      expect(pcg4d(...counters)).to.deep.equal(pcg4dInBigInts(...counters));
    }
  });

  it('repeats for the same seed, purpose and lane, and for no other', () => {
    const first = draw(new Random(7, Purpose.shuffle, 3), 100);
    expect(draw(new Random(7, Purpose.shuffle, 3), 100)).to.deep.equal(first);
    for (const other of [new Random(8, Purpose.shuffle, 3), new Random(7, Purpose.split, 3), new Random(7, Purpose.shuffle, 4)]) {
      expect(draw(other, 100).filter((value, i) => value === first[i])).to.have.length(0);
    }
  });

  it('draws uniform numbers: chi-squared over 64 bins, mean and variance', () => {
    const random = new Random(1, Purpose.weights);
    const draws = 64_000;
    const bins = new Array<number>(64).fill(0);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < draws; i++) {
      const value = random.uniform();
      expect(value).to.be.within(0, 1 - 2 ** -24);
      bins[Math.floor(value * 64)]++;
      sum += value;
      squares += value * value;
    }
    const chi = bins.reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0);
    // 63 degrees of freedom: 99.9 % of samples lie between 33 and 104.
    expect(chi).to.be.within(33, 104);
    expect(sum / draws).to.be.closeTo(0.5, 0.005);
    expect(squares / draws - (sum / draws) ** 2).to.be.closeTo(1 / 12, 0.002);
  });

  it('draws standard normals', () => {
    const random = new Random(5, Purpose.weights);
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(mean).to.be.closeTo(0, 0.03);
    expect(variance).to.be.closeTo(1, 0.04);
  });

  it('shuffles: a permutation, every position reached about equally often', () => {
    const reached = Array.from({ length: 6 }, () => new Array<number>(6).fill(0));
    for (let lane = 0; lane < 6000; lane++) {
      const shuffled = new Random(2, Purpose.shuffle, lane).shuffle([0, 1, 2, 3, 4, 5]);
      expect([...shuffled].sort()).to.deep.equal([0, 1, 2, 3, 4, 5]);
      shuffled.forEach((item, position) => reached[item][position]++);
    }
    // 1000 expected, standard deviation 29.
    for (const counts of reached) for (const count of counts) expect(count).to.be.within(870, 1130);
  });

  it('below(n) stays below n and reaches every value', () => {
    const random = new Random(3, Purpose.sample);
    const seen = new Set(Array.from({ length: 500 }, () => random.below(7)));
    expect([...seen].sort()).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
  });
});
