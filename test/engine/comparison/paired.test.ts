import { expect } from 'chai';
import { pair, packHits, photosKey } from '../../../src/engine/comparison/paired.js';
import { recommend } from '../../../src/engine/comparison/recommendation.js';
import { mcnemar, pairedDifference, wilson } from '../../../src/engine/comparison/statistics.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';
import { studyRun } from './study.js';

describe('two models on the same photos', () => {
  it('are compared on the photos that one of them got right', () => {
    const seed = 11;
    const random = new Random(seed, Purpose.sample);
    for (const length of [0, 1, 7, 8, 9, 250]) {
      const [a, b] = [0.8, 0.6].map((share) => Array.from({ length }, () => random.uniform() < share));
      const onlyFirst = a.filter((hit, i) => hit && !b[i]).length;
      const onlySecond = b.filter((hit, i) => hit && !a[i]).length;
      expect(pair(packHits(a), packHits(b)), `${length} photos, seed ${seed}`).to.deep.equal(length === 0 ? null : { onlyFirst, onlySecond, p: mcnemar(onlyFirst, onlySecond), photos: length, ...pairedDifference(onlyFirst, onlySecond, length) });
    }
    expect(packHits(Array.from({ length: 9 }, () => true))).to.deep.equal({ images: 9, bits: btoa('\xff\x01') });
  });

  it('are not compared where one kept no record, or saw more photos', () => {
    const hits = packHits([true, false]);
    expect(pair(hits, undefined)).to.equal(null);
    expect(pair(hits, packHits([true]))).to.equal(null);
  });

  it('are the same photos where dataset, split and changes are, whatever the seed of the weights', () => {
    const run = studyRun('cnn');
    const key = photosKey(run);
    const other = (change: Partial<typeof run.settings>) => photosKey({ ...run, settings: { ...run.settings, ...change } });
    expect(other({ arch: 'cnn-light', size: 64, seed: 2, splitSeed: run.settings.seed })).to.equal(key);
    expect(other({ seed: 2 })).not.to.equal(key);
    expect(other({ perturbation: { ...run.settings.perturbation, zoom: 0.2 } })).not.to.equal(key);
    expect(photosKey({ ...run, dataset: 'other' })).not.to.equal(key);
  });

  it('give the recommendation McNemar’s word on whether a difference is chance', () => {
    const images = 200;
    // Both intervals overlap widely, but the better one is right wherever the other is, and on ten more.
    const [best, chosen] = [190, 180].map((right) => Array.from({ length: images }, (_, i) => i < right));
    const candidate = (title: string, flops: number, hits: boolean[], photos: string) => {
      const right = hits.filter(Boolean).length;
      return { arch: title, title, flops, params: flops, accuracy: right / images, interval: wilson(right, images), photos, hits: packHits(hits) };
    };
    const reason = (photos: string) => recommend([candidate('Large', 9, best, 'same'), candidate('Small', 3, chosen, photos)])?.reason;
    expect(reason('same')).to.contain("on the same photos that is hardly chance (McNemar's test, p < 0.001)");
    expect(reason('others')).to.contain('the 95 % intervals overlap, so that may be chance');
    // As many apart, but the smaller is right on ten photos that the larger gets wrong.
    const crossed = Array.from({ length: images }, (_, i) => i >= 20);
    expect(recommend([candidate('Large', 9, best, 'same'), candidate('Small', 3, crossed, 'same')])?.reason).to.contain('may be chance (McNemar');
  });
});
