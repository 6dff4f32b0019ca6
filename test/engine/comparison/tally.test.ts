import { expect } from 'chai';
import { classMetrics, Tally } from '../../../src/engine/comparison/tally.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';

function tallied(rows: readonly (readonly number[])[], labels: readonly number[], smoothing = 0) {
  const tally = new Tally(rows[0].length, smoothing);
  rows.forEach((row, i) => tally.add(Float32Array.from(row), labels[i], 100 + i));
  return tally.result();
}

describe('tally', () => {
  it('counts accuracy, loss, top two, confusion, hits and misses', () => {
    const { loss, ...result } = tallied([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.4, 0.5], [0.4, 0.35, 0.25]], [0, 0, 2, 2]);
    expect(result).to.deep.include({
      images: 4, correct: 2, accuracy: 0.5, topK: { k: 2, accuracy: 0.75 },
      confusion: [[1, 1, 0], [0, 0, 0], [1, 0, 1]], hits: [true, false, true, false],
      misses: [{ index: 101, truth: 0, predicted: 1, probability: Math.fround(0.6) }, { index: 103, truth: 2, predicted: 0, probability: Math.fround(0.4) }],
    });
    expect(loss).to.be.closeTo(-(Math.log(0.7) + Math.log(0.3) + Math.log(0.5) + Math.log(0.25)) / 4, 1e-6);
  });

  it('smooths the loss as Keras does', () => {
    const { loss } = tallied([[0.7, 0.2, 0.1]], [0], 0.3);
    // Targets 0.8, 0.1, 0.1.
    expect(loss).to.be.closeTo(-0.8 * Math.log(0.7) - 0.1 * Math.log(0.2) - 0.1 * Math.log(0.1), 1e-6);
  });

  it('has the calibration error of Guo et al.: none where confidence is accuracy, all of it where it is not', () => {
    // Four of five right at a confidence of 0.8.
    const rows = Array.from({ length: 5 }, () => [0.8, 0.2]);
    expect(tallied(rows, [0, 0, 0, 0, 1]).calibrationError).to.be.closeTo(0, 1e-6);
    expect(tallied(rows, [1, 1, 1, 1, 1]).calibrationError).to.be.closeTo(0.8, 1e-6);
    // In two bins: 0.9 with half right, 0.6 with all right.
    expect(tallied([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]], [0, 1, 0, 0]).calibrationError).to.be.closeTo(0.5 * 0.4 + 0.5 * 0.4, 1e-6);
    expect(tallied([[1, 0]], [0]).calibrationError).to.equal(0);
  });

  it('takes five of many classes, one of two', () => {
    const random = new Random(3, Purpose.sample);
    const rows = Array.from({ length: 40 }, () => Array.from({ length: 12 }, () => random.uniform()));
    const labels = rows.map(() => random.below(12));
    const sorted = (row: number[]) => [...row.keys()].sort((a, b) => row[b] - row[a]);
    const expected = rows.filter((row, i) => sorted(row).slice(0, 5).includes(labels[i])).length / 40;
    expect(tallied(rows, labels).topK).to.deep.equal({ k: 5, accuracy: expected });
    expect(tallied([[0.6, 0.4]], [1]).topK).to.deep.equal({ k: 1, accuracy: 0 });
  });

  it('has nothing of nothing', () => {
    expect(new Tally(2, 0).result()).to.deep.include({ images: 0, accuracy: 0, loss: 0, calibrationError: 0, hits: [] });
  });
});

describe('metrics of each class', () => {
  it('are precision, recall and F1, and null where nothing is divided by', () => {
    expect(classMetrics([[8, 2, 0], [4, 6, 0], [0, 0, 0]])).to.deep.equal([
      { precision: 8 / 12, recall: 0.8, f1: 16 / 22, images: 10 },
      { precision: 6 / 8, recall: 0.6, f1: 12 / 18, images: 10 },
      { precision: null, recall: null, f1: null, images: 0 },
    ]);
  });
});
