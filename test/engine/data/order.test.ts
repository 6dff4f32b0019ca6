import { expect } from 'chai';
import { epochOrder, WINDOW_SHARDS } from '../../../src/engine/data/order.js';
import { testRandom } from '../../support/close.js';

describe('order of an epoch', () => {
  const random = testRandom('order');
  /** Shards of random sizes, and a random subset of their images. */
  const dataset = () => {
    const firsts = [0];
    for (let i = random.below(40); i > 0; i--) firsts.push(firsts.at(-1)! + 1 + random.below(60));
    const images = firsts.at(-1)! + 1 + random.below(60);
    const part = Uint32Array.from(Array.from({ length: images }, (_, index) => index).filter(() => random.uniform() < 0.7));
    return { firsts, part };
  };

  it('is a permutation, the same for the same seed and epoch', () => {
    for (let trial = 0; trial < 50; trial++) {
      const { firsts, part } = dataset();
      const order = epochOrder(part, firsts, trial, 3);
      expect([...order].sort((a, b) => a - b)).to.deep.equal([...part]);
      expect([...epochOrder(part, firsts, trial, 3)]).to.deep.equal([...order]);
    }
  });

  it('differs by epoch and by seed', () => {
    const part = Uint32Array.from({ length: 500 }, (_, i) => i);
    const firsts = [0, 100, 200, 300, 400];
    const orders = [epochOrder(part, firsts, 1, 1), epochOrder(part, firsts, 1, 2), epochOrder(part, firsts, 2, 1)].map((order) => order.join());
    expect(new Set(orders).size).to.equal(3);
  });

  it('reads a shard in one stretch of at most a window, and mixes what is in it', () => {
    const firsts = Array.from({ length: 40 }, (_, i) => i * 50);
    const part = Uint32Array.from({ length: 2000 }, (_, i) => i);
    const order = epochOrder(part, firsts, 9, 1);
    const visited = firsts.map(() => [] as number[]);
    order.forEach((index, place) => visited[Math.floor(index / 50)].push(place));
    for (const places of visited) {
      expect(places.at(-1)! - places[0]).to.be.lessThan(WINDOW_SHARDS * 50);
      expect(places.at(-1)! - places[0], 'mixed').to.be.greaterThan(100);
    }
  });
});
