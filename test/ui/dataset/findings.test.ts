import { expect } from 'chai';
import { listed } from '../../../src/ui/dataset/filter.js';
import { countParts, leaked, twinGroups } from '../../../src/ui/dataset/findings.js';

const labels = Uint16Array.from([0, 0, 1, 1, 0, 1, 0]);
const parts = Uint8Array.from([0, 1, 0, 2, 0, 255, 0]);
const groups = [{ images: [0, 4], exact: true }, { images: [2, 5], exact: false }, { images: [0, 2], exact: false }, { images: [1, 6], exact: true }];

describe('findings', () => {
  it('puts what lies across the split first, then what has two classes', () => {
    expect(twinGroups(groups, labels, parts).map(({ number, images, across, twoClasses }) => ({ number, images, across, twoClasses }))).to.deep.equal([
      { number: 1, images: [1, 6], across: true, twoClasses: false },
      { number: 2, images: [0, 2], across: false, twoClasses: true },
      { number: 3, images: [0, 4], across: false, twoClasses: false },
      { number: 4, images: [2, 5], across: false, twoClasses: false },
    ]);
    expect(twinGroups(groups, labels, null).every(({ across }) => !across)).to.equal(true);
  });

  it('counts the photos that judge and have their like in training', () => {
    expect(leaked(twinGroups(groups, labels, parts), parts)).to.equal(1);
    expect(leaked(twinGroups([{ images: [0, 1, 3], exact: true }, { images: [1, 3], exact: true }], labels, parts), parts)).to.equal(2);
  });

  it('counts each class in each part', () => {
    expect(countParts(labels, parts, 2)).to.deep.equal([[3, 1], [1, 0], [0, 1]]);
  });

  it('lists what a filter lets through', () => {
    const suspects = [{ index: 3, truth: 'b', predicted: 'a', probability: 0.99 }, { index: 1, truth: 'a', predicted: 'b', probability: 0.6 }];
    const known = { images: 7, labels, parts, suspects, twins: twinGroups(groups, labels, parts) };
    const indices = (show: Parameters<typeof listed>[0]['show'], label: number | null = null) => listed({ show, label }, known).map(({ index }) => index);
    expect(indices('all')).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    expect(indices('all', 1)).to.deep.equal([2, 3, 5]);
    expect(indices('train')).to.deep.equal([0, 2, 4, 6]);
    expect(indices('test', 1)).to.deep.equal([3]);
    expect(indices('suspects')).to.deep.equal([3, 1]);
    expect(indices('suspects', 0)).to.deep.equal([1]);
    expect(indices('twins')).to.deep.equal([1, 6, 0, 2, 0, 4, 2, 5]);
  });
});
