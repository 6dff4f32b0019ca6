import { expect } from 'chai';
import { mcnemar, pairedDifference, wilson } from '../../../src/engine/comparison/statistics.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';

describe('wilson', () => {
  it('gives the published intervals', () => {
    // Newcombe, Statistics in Medicine 17, 1998, table I, method 3.
    const published: [number, number, number, number][] = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ];
    for (const [hits, total, low, high] of published) {
      const interval = wilson(hits, total);
      expect(interval[0]).to.be.closeTo(low, 5e-5);
      expect(interval[1]).to.be.closeTo(high, 5e-5);
    }
  });

  it('mirrors, stays within 0 and 1, and knows nothing of no photos', () => {
    expect(wilson(20, 20)[0]).to.be.closeTo(1 - wilson(0, 20)[1], 1e-12);
    expect(wilson(20, 20)[1]).to.equal(1);
    expect(wilson(0, 1)[0]).to.equal(0);
    expect(wilson(0, 0)).to.deep.equal([0, 1]);
  });
});

describe('mcnemar', () => {
  it('gives the published mid-p', () => {
    // Fagerland, Lydersen and Laake 2013, airway hyper-responsiveness: 1 and 7 discordant pairs, exact 0.0703, mid-p 0.0391.
    expect(mcnemar(1, 7)).to.be.closeTo(0.0391, 5e-5);
    expect(mcnemar(7, 1)).to.equal(mcnemar(1, 7));
  });

  it('is 1 where there is nothing to tell apart', () => {
    expect(mcnemar(0, 0)).to.equal(1);
    expect(mcnemar(12, 12)).to.be.closeTo(1, 1e-12);
  });

  it('holds for many photos, where 2^-n is no number any more', () => {
    // Against the normal approximation, which is close at this size.
    const z = (2600 - 2400) / Math.sqrt(5000);
    expect(mcnemar(2400, 2600)).to.be.closeTo(2 * normalTail(z), 2e-4);
    expect(mcnemar(100, 4900)).to.be.below(1e-200);
  });
});

describe('the difference of two models on the same photos', () => {
  it('lies in its interval about 95 times in 100, also where few photos tell them apart', () => {
    const seed = 7;
    const random = new Random(seed, Purpose.sample);
    for (const [first, second, photos] of [[0.1, 0.05, 200], [0.01, 0.01, 300], [0.3, 0.02, 80]]) {
      let inside = 0;
      const rounds = 2000;
      for (let round = 0; round < rounds; round++) {
        let [onlyFirst, onlySecond] = [0, 0];
        for (let photo = 0; photo < photos; photo++) {
          const draw = random.uniform();
          if (draw < first) onlyFirst++;
          else if (draw < first + second) onlySecond++;
        }
        const { interval: [low, high], difference } = pairedDifference(onlyFirst, onlySecond, photos);
        expect(difference).to.equal((onlyFirst - onlySecond) / photos);
        if (low <= first - second && first - second <= high) inside++;
      }
      expect(inside / rounds, `seed ${seed}: ${first} against ${second} of ${photos}`).to.be.within(0.93, 0.995);
    }
  });

  it('turns round with the models, and has width where they never differ', () => {
    const { interval: [low, high] } = pairedDifference(0, 0, 100);
    expect([low, high]).to.deep.equal([-high, high]);
    expect(high).to.be.within(0.01, 0.05);
    const [ahead, behind] = [pairedDifference(9, 2, 50).interval, pairedDifference(2, 9, 50).interval];
    expect(behind[0]).to.be.closeTo(-ahead[1], 1e-12);
    expect(behind[1]).to.be.closeTo(-ahead[0], 1e-12);
  });
});

/** P(Z > z), by Simpson's rule. */
function normalTail(z: number): number {
  const steps = 2000;
  const width = (10 - z) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const x = z + i * width;
    sum += (i === 0 || i === steps ? 1 : i % 2 ? 4 : 2) * Math.exp((-x * x) / 2);
  }
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}
