import { expect } from 'chai';
import { inProportion } from '../../../src/engine/data/layout.js';
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

  it('gives batches whose classes are balanced as chance would have it, whatever the order of the archive', () => {
    // Class by class, as Kaggle packs them, of unequal sizes; shards of 650.
    const sizes = [15_000, 15_000, 9_000, 3_000, 1_500];
    const labels = inProportion(sizes.map((size, label) => Array.from({ length: size }, () => label))).map(({ item }) => item);
    const firsts = Array.from({ length: Math.ceil(labels.length / 650) }, (_, shard) => shard * 650);
    for (const first of firsts) {
      const shard = labels.slice(first, first + 650);
      sizes.forEach((size, label) => expect(shard.filter((each) => each === label).length).to.be.closeTo((shard.length * size) / labels.length, 2));
    }
    const part = Uint32Array.from(labels, (_, index) => index).filter((index) => index % 5 !== 0);
    const share = sizes.map((_, label) => part.reduce((sum, index) => sum + Number(labels[index] === label), 0) / part.length);
    for (const seed of [1, 2, 3]) {
      const order = epochOrder(part, firsts, seed, 1);
      const batch = 64;
      const statistics: number[] = [];
      for (let at = 0; at + batch <= order.length; at += batch) {
        const counts = sizes.map(() => 0);
        for (const index of order.subarray(at, at + batch)) counts[labels[index]]++;
        statistics.push(counts.reduce((sum, count, label) => sum + (count - batch * share[label]) ** 2 / (batch * share[label]), 0));
      }
      // Pearson's statistic of a fair draw has the mean 4 and the variance 8; a mean of some 540 lies within five of its deviations.
      const mean = statistics.reduce((sum, value) => sum + value, 0) / statistics.length;
      expect(mean, `seed ${seed}`).to.be.closeTo(4, 5 * Math.sqrt(8 / statistics.length));
      expect(Math.max(...statistics), 'the most uneven batch').to.be.below(30);
    }
  });
});
