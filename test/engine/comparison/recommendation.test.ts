import { expect } from 'chai';
import { recommend, tradeOffFront, type Candidate } from '../../../src/engine/comparison/recommendation.js';
import { wilson } from '../../../src/engine/comparison/statistics.js';
import { Random, Purpose } from '../../../src/engine/support/random.js';

const candidate = (arch: string, flops: number, accuracy: number): Candidate => ({ arch, title: arch.toUpperCase(), flops, params: flops / 1e3, accuracy, interval: wilson(Math.round(accuracy * 1000), 1000) });

describe('tradeOffFront', () => {
  it('holds exactly those that nothing beats, on random points with ties', () => {
    const seed = 11;
    const random = new Random(seed, Purpose.sample);
    for (let round = 0; round < 50; round++) {
      const points = Array.from({ length: 1 + random.below(12) }, () => ({ flops: 1 + random.below(6), accuracy: random.below(6) / 5 }));
      const beats = (a: (typeof points)[0], b: (typeof points)[0]) => a.flops <= b.flops && a.accuracy >= b.accuracy && (a.flops < b.flops || a.accuracy > b.accuracy);
      const front = tradeOffFront(points);
      const unbeaten = points.filter((point) => !points.some((other) => beats(other, point)));
      const places = (list: typeof points) => new Set(list.map((point) => `${point.flops} ${point.accuracy}`));
      expect(places(front.map((index) => points[index])), `seed ${seed}, round ${round}`).to.deep.equal(places(unbeaten));
      expect(front.length).to.equal(places(unbeaten).size);
      expect(front.map((index) => points[index].flops)).to.deep.equal(front.map((index) => points[index].flops).sort((a, b) => a - b));
    }
  });
});

describe('recommend', () => {
  it('takes the fewest FLOPs over the floor, and says what more would buy', () => {
    const chosen = recommend([candidate('big', 30e9, 0.99), candidate('small', 2e8, 0.95), candidate('tiny', 7e6, 0.74), candidate('worse', 3e8, 0.93)]);
    expect(chosen).to.include({ arch: 'small', run: 1 });
    expect(chosen?.reason).to.contain('0.9500').and.contain('200.0 M').and.contain('fewest of the 3').and.contain('BIG is 4.0 points better for 150 times').and.not.contain('chance');
  });

  it('counts the floor itself as reached', () => {
    expect(recommend([candidate('at', 1, 0.9), candidate('over', 2, 0.91)])).to.include({ arch: 'at' });
  });

  it('says where a difference may be chance', () => {
    expect(recommend([candidate('a', 1e6, 0.95), candidate('b', 2e6, 0.955)])?.reason).to.contain('may be chance');
  });

  it('takes the best and says so where none reaches the floor', () => {
    const chosen = recommend([candidate('a', 1e6, 0.5), candidate('b', 2e6, 0.8)]);
    expect(chosen).to.include({ arch: 'b', run: 1 });
    expect(chosen?.rule).to.contain('none reaches');
  });

  it('prefers the more accurate of two that cost the same', () => {
    expect(recommend([candidate('a', 1e6, 0.95), candidate('b', 1e6, 0.97)])).to.include({ arch: 'b', run: 1 });
  });

  it('is null without candidates', () => {
    expect(recommend([])).to.equal(null);
  });

  it('takes the smallest within a margin of the best where that is the rule, and never one under the floor', () => {
    const models = [candidate('big', 30e9, 0.99), { ...candidate('small', 2e8, 0.982), params: 9e6 }, { ...candidate('few', 9e8, 0.981), params: 5 }, candidate('tiny', 7e6, 0.74)];
    const chosen = recommend(models, { kind: 'margin', floor: 0.9, margin: 0.01 });
    expect(chosen).to.include({ arch: 'few', run: 2, rule: 'The fewest params among the models within 1.0 points of the most accurate on perturbed photos, and not under 0.90.' });
    expect(chosen?.reason).to.contain('with 5 params, the smallest of the 3 within 1.0 points').and.contain('BIG is 0.9 points better');
    expect(recommend(models, { kind: 'margin', floor: 0.9, margin: 0.005 })).to.include({ arch: 'big' });
    expect(recommend(models, { kind: 'margin', floor: 0.9, margin: 0.5 })).to.include({ arch: 'few' });
    expect(recommend(models, { kind: 'margin', floor: 0.995, margin: 0.5 })?.rule).to.contain('none reaches');
    // 0.99 - 0.98 is a hair over 0.01 in floating point.
    expect(recommend([candidate('big', 9, 0.99), candidate('edge', 1, 0.98)], { kind: 'margin', floor: 0, margin: 0.01 })).to.include({ arch: 'edge' });
  });
});
