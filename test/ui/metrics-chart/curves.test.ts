import { expect } from 'chai';
import type { EpochRecord } from '../../../src/engine/storage/records.js';
import { alignCurves, epochRange, logTicks, smooth, tickDigits, valueRange } from '../../../src/ui/metrics-chart/curves.js';

const record = (epoch: number, value: number): EpochRecord => ({ epoch, loss: value, accuracy: value, valLoss: value * 2, valAccuracy: value / 2, seconds: 1, imagesPerSecond: 10 });

describe('curves', () => {
  it('puts runs of unequal length and the live point on one x', () => {
    const series = [
      { name: 'a', history: [record(1, 0.5), record(2, 0.25)], bestEpoch: 2 },
      { name: 'b', history: [record(1, 0.8), record(2, 0.7), record(3, 0.6)], bestEpoch: null },
    ];
    const { x, curves } = alignCurves(series, 'loss', [{ name: 'a', at: 2.5, loss: 0.2, accuracy: 0.9 }], false);
    expect(x).to.deep.equal([1, 2, 2.5, 3]);
    expect(curves.map(({ series: index, split }) => [index, split])).to.deep.equal([[0, 'training'], [0, 'validation'], [1, 'training'], [1, 'validation']]);
    expect(curves[0].y).to.deep.equal([0.5, 0.25, 0.2, undefined]);
    expect(curves[1].y).to.deep.equal([1, 0.5, undefined, undefined]);
    expect(curves[2].y).to.deep.equal([0.8, 0.7, undefined, 0.6]);
  });

  it('leaves out what is no number, and on a log scale what is not above 0', () => {
    const series = [{ name: 'a', history: [record(1, NaN), record(2, 0), record(3, 0.1)], bestEpoch: null }];
    expect(alignCurves(series, 'loss', [], true).curves[0].y).to.deep.equal([undefined, undefined, 0.1]);
    expect(alignCurves(series, 'loss', [], false).curves[0].y).to.deep.equal([undefined, 0, 0.1]);
  });

  it('smooths by a moving average that its start does not pull, and keeps what was measured behind it', () => {
    expect(smooth([4, 4, 4], 0.9)).to.satisfy((values: number[]) => values.every((value) => Math.abs(value - 4) < 1e-12));
    expect(smooth([1, 3], 0.5)[1]).to.be.closeTo((0.5 * 0.5 * 1 + 0.5 * 3) / 0.75, 1e-12);
    expect(smooth([1, NaN, 3], 0.5)[2]).to.be.closeTo(smooth([1, 3], 0.5)[1], 1e-12);
    expect(smooth([1, 5, 2], 0)).to.deep.equal([1, 5, 2]);
    const series = [{ name: 'a', history: [record(1, 0.5), record(2, 0.25)], bestEpoch: 2 }];
    const { curves } = alignCurves(series, 'loss', [{ name: 'a', at: 2.5, loss: 0.2, accuracy: 0.9 }], false, 0.5);
    expect(curves.map(({ split, faint }) => [split, faint])).to.deep.equal([['training', true], ['training', false], ['validation', true], ['validation', false]]);
    expect(curves[0].y).to.deep.equal([0.5, 0.25, undefined]);
    expect(curves[1].y[2], 'the live point is as it is').to.equal(0.2);
  });

  it('shows an earlier run by its validation alone', () => {
    const series = [{ name: 'a', history: [record(1, 0.5)], bestEpoch: 1 }, { name: 'b', history: [record(1, 0.8)], bestEpoch: 1, quiet: true }];
    expect(alignCurves(series, 'loss', [], false).curves.map(({ series: index, split }) => [index, split])).to.deep.equal([[0, 'training'], [0, 'validation'], [1, 'validation']]);
  });

  it('gives every axis a width', () => {
    expect(epochRange([])).to.deep.equal([0, 2]);
    expect(epochRange([0.3])).to.deep.equal([0, 1]);
    expect(epochRange([1])).to.deep.equal([0, 2]);
    expect(epochRange([1, 2, 2.5])).to.deep.equal([1, 3]);
    expect(epochRange([1, 2, 3, 4])).to.deep.equal([1, 4]);
    for (const metric of ['accuracy', 'loss'] as const) {
      const [low, high] = valueRange(1, 1, metric, false);
      expect(high - low).to.be.greaterThan(0.005);
    }
    expect(valueRange(0.9, 0.999, 'accuracy', false)[1]).to.equal(1);
  });

  it('ticks a log axis inside its range, exactly', () => {
    expect(logTicks(0.008, 1.2)).to.deep.equal([0.01, 0.03, 0.1, 0.3, 1]);
    expect(logTicks(0.15, 0.9)).to.deep.equal([0.2, 0.5]);
  });

  it('shows as many decimals as the ticks need', () => {
    expect(tickDigits([0.9, 0.95, 1])).to.equal(2);
    expect(tickDigits([0.9975, 0.998, 0.9985])).to.equal(4);
    expect(tickDigits([1, 2, 3])).to.equal(0);
  });
});
