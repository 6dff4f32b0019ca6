import { expect } from 'chai';
import { disagreements, packPredictions, photosOfCell, unpackPredictions } from '../../../src/engine/comparison/predictions.js';
import { testRandom } from '../../support/close.js';

describe('predictions of a split', () => {
  const random = testRandom('predictions');

  it('come back as they were packed, by ascending index, whatever the gaps and the number of classes', () => {
    for (const classes of [2, 256, 1000]) {
      let index = random.below(3);
      const photos = Array.from({ length: 300 }, () => {
        index += 1 + random.below(random.below(4) === 0 ? 40_000 : 9);
        return { index, truth: random.below(classes), predicted: random.below(classes) };
      });
      const shuffled = random.shuffle([...photos]);
      const packed = packPredictions({ indices: shuffled.map((photo) => photo.index), truth: shuffled.map((photo) => photo.truth), predicted: shuffled.map((photo) => photo.predicted) }, classes);
      expect(JSON.parse(JSON.stringify(packed))).to.deep.equal(packed);
      const { indices, truth, predicted } = unpackPredictions(packed);
      expect(Array.from(indices, (each, i) => ({ index: each, truth: truth[i], predicted: predicted[i] }))).to.deep.equal(photos);
    }
  });

  it('take five bytes a photo or less of a split of few classes', () => {
    const count = 15_000;
    const indices = Array.from({ length: count }, (_, i) => i * 5 + random.below(5));
    const { photos, truth, predicted } = packPredictions({ indices, truth: indices.map(() => 1), predicted: indices.map(() => 4) }, 5);
    expect((photos.length + truth.length + predicted.length) / count).to.be.at.most(5);
  });

  const first = { indices: [2, 5, 9], truth: [0, 1, 1], predicted: [0, 0, 1] };

  it('of a cell of the confusion matrix are found', () => {
    expect(photosOfCell(first, 1, 0)).to.deep.equal([5]);
    expect(photosOfCell(first, 1, 1)).to.deep.equal([9]);
    expect(photosOfCell(first, 0, 1)).to.deep.equal([]);
  });

  it('disagree where two models take a photo that both judged for different classes', () => {
    const second = { indices: [5, 9, 11], truth: [1, 1, 0], predicted: [1, 1, 1] };
    expect(disagreements(first, second)).to.deep.equal([{ index: 5, truth: 1, first: 0, second: 1 }]);
  });
});
