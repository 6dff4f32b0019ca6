import { expect } from 'chai';
import { countByClass, splitLabels } from '../../../src/engine/data/split.js';
import type { SplitSpec } from '../../../src/engine/data/types.js';
import { thrown } from '../support/thrown.js';
import { testRandom } from '../../support/close.js';

const names = (count: number) => Array.from({ length: count }, (_, label) => `class ${label}`);
const spec = (fields: Partial<SplitSpec> = {}) => ({ seed: 1, validationShare: 0.2, testShare: 0, limit: null, ...fields });

describe('split', () => {
  const random = testRandom('split');

  it('shares out every image once, each class in proportion, whatever the set', () => {
    for (let trial = 0; trial < 200; trial++) {
      const classes = 2 + random.below(12);
      const sizes = names(classes).map(() => 2 + random.below(random.below(2) ? 5 : 300));
      const labels = random.shuffle(Uint16Array.from(sizes.flatMap((size, label) => Array.from({ length: size }, () => label))));
      const least = 2 * classes;
      const limit = random.below(2) ? null : least + random.below(labels.length);
      const asked = spec({ seed: random.uint32(), validationShare: random.between(0, 0.5), testShare: random.below(2) ? 0 : random.between(0.01, 0.49), limit });
      const split = splitLabels(labels, names(classes), asked);
      const all = [...split.train, ...split.validation, ...split.test];
      expect(new Set(all).size, 'no image twice').to.equal(all.length);
      expect(all.length).to.equal(Math.min(limit ?? Infinity, labels.length));
      const counts = (part: Uint32Array) => countByClass(part, labels, classes);
      const [train, validation, test] = [counts(split.train), counts(split.validation), counts(split.test)];
      for (let label = 0; label < classes; label++) {
        const taken = train[label] + validation[label] + test[label];
        expect(train[label], 'train').to.be.at.least(1);
        expect(validation[label], 'validation').to.be.at.least(1);
        expect(validation[label]).to.be.closeTo(taken * asked.validationShare, 1);
        expect(test[label]).to.be.closeTo(taken * asked.testShare, 1);
        if (limit === null) expect(taken).to.equal(sizes[label]);
        else if (limit < labels.length && Math.min(...sizes) > 4 * least) expect(taken).to.be.closeTo((sizes[label] * limit) / labels.length, 2);
      }
      for (const part of [split.train, split.validation, split.test]) expect([...part]).to.deep.equal([...part].sort((a, b) => a - b));
    }
  });

  it('takes a limit in proportion of the classes', () => {
    const labels = Uint16Array.from({ length: 1000 }, (_, i) => (i < 900 ? 0 : 1));
    const { train, validation } = splitLabels(labels, names(2), spec({ limit: 100 }));
    expect(countByClass(train, labels, 2)).to.deep.equal([72, 8]);
    expect(countByClass(validation, labels, 2)).to.deep.equal([18, 2]);
  });

  it('is the same for the same seed, and another for another', () => {
    const labels = Uint16Array.from({ length: 400 }, (_, i) => i % 4);
    const of = (seed: number) => splitLabels(labels, names(4), spec({ seed, testShare: 0.1 }));
    expect(of(5)).to.deep.equal(of(5));
    expect(of(5)).not.to.deep.equal(of(6));
  });

  it('is drawn from all over the set, not from its start', () => {
    const labels = Uint16Array.from({ length: 2000 }, (_, i) => i % 2);
    const { validation } = splitLabels(labels, names(2), spec());
    const mean = validation.reduce((sum, index) => sum + index, 0) / validation.length;
    // The mean of 400 draws of 0 to 1999 has a standard deviation of 29.
    expect(mean).to.be.closeTo(1000, 150);
  });

  it('says which class is too small, and which setting leaves nothing', () => {
    const small = thrown(() => splitLabels(Uint16Array.of(0, 0, 1), ['a', 'b'], spec()));
    expect(small.code).to.equal('class-too-small');
    expect(small.details).to.deep.equal({ class: 'b', count: 1, least: 2 });
    const labels = Uint16Array.of(0, 0, 1, 1);
    for (const wrong of [{ limit: 3 }, { limit: 3.5 }, { validationShare: 1 }, { validationShare: -0.1 }, { validationShare: NaN }, { validationShare: 0.6, testShare: 0.4 }]) {
      expect(thrown(() => splitLabels(labels, ['a', 'b'], spec(wrong))).code, JSON.stringify(wrong)).to.equal('settings-invalid');
    }
  });
});
