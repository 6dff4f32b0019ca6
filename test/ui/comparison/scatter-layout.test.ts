import { expect } from 'chai';
import { layOut, type Candidate, type Floor } from '../../../src/ui/comparison/scatter-layout.js';

const candidate = (title: string, cost: number, accuracy: number): Candidate => ({ title, cost, accuracy, interval: [accuracy - 0.01, accuracy + 0.01] });
const study = [
  candidate('CNN', 1.04e9, 0.7092), candidate('CNN light', 7.6e6, 0.7456), candidate('GoogLeNet', 3.18e9, 0.8675), candidate('GoogLeNet light', 2.8e8, 0.9319),
  candidate('VGG16 pooled', 3.07e10, 0.9649), candidate('VGG light', 2.79e10, 0.9227), candidate('VGG custom', 1.2e9, 0.9909), candidate('CNN final', 1.68e8, 0.9533),
];

const floor: Floor = { accuracy: 0.9, text: 'under the floor, 0.90' };

describe('the scatter', () => {
  it('keeps every point inside, on a logarithm', () => {
    for (const width of [280, 600, 1400]) {
      const { plot, points } = layOut(study, floor, width, 360);
      for (const { x, y, low, high } of points) {
        expect(x).to.be.within(plot.left, plot.right);
        expect(y).to.be.within(plot.top, plot.bottom);
        expect(low).to.be.greaterThan(y);
        expect(high).to.be.lessThan(y);
      }
      const equal = layOut([candidate('a', 10, 0.9), candidate('b', 100, 0.91), candidate('c', 1000, 0.92)], floor, width, 360).points;
      expect(equal[2].x - equal[1].x).to.be.closeTo(equal[1].x - equal[0].x, 1e-6);
    }
  });

  it('draws the front in steps, from the cheapest to the right edge', () => {
    const { points, front, plot } = layOut(study, floor, 600, 360);
    expect(points.filter(({ onFront }) => onFront).map(({ title }) => title)).to.have.members(['CNN light', 'CNN final', 'VGG custom']);
    const at = (title: string) => points.find((point) => point.title === title)!;
    const [a, b, c] = ['CNN light', 'CNN final', 'VGG custom'].map(at);
    expect(front).to.equal(`M${a.x} ${a.y}H${b.x}V${b.y}H${c.x}V${c.y}H${plot.right}`);
  });

  it('labels the front always, the others where there is room', () => {
    expect(layOut(study, floor, 700, 360).points.filter(({ label }) => label)).to.have.length(8);
    const crowd = Array.from({ length: 30 }, (_, index) => candidate(`a model with a long name ${index}`, 1e6 + index, 0.95 - index / 1e4));
    const { points } = layOut(crowd, floor, 300, 360);
    expect(points[0].label).not.to.equal(null);
    expect(points.filter(({ label }) => label).length).to.be.lessThan(10);
  });

  it('covers what the floor is called with no label', () => {
    const around = Array.from({ length: 12 }, (_, i) => candidate(`model ${i}`, 10 ** (i % 4), 0.93 - i * 0.006));
    const { points, floor: { label } } = layOut([candidate('the best', 1, 0.99), ...around], floor, 460, 360);
    for (const { title, label: own, onFront } of points) {
      if (!own || onFront) continue;
      const length = title.length * 6;
      const right = own.x + { start: length, middle: length / 2, end: 0 }[own.anchor];
      expect(right < label.x - floor.text.length * 6 || Math.abs(own.y - label.y) >= 12, `${title} at ${own.x}, ${own.y}`).to.equal(true);
    }
  });

  it('has ticks that are round and inside', () => {
    const { xTicks, yTicks, plot } = layOut(study, floor, 600, 360);
    expect(xTicks.map(({ value }) => value)).to.deep.equal([1e7, 1e8, 1e9, 1e10]);
    for (const { y } of yTicks) expect(y).to.be.within(plot.top - 1e-6, plot.bottom);
  });

  it('shows a single model, and costs below 1', () => {
    const { points, plot, xTicks } = layOut([candidate('a', 0.02, 0.5)], floor, 400, 360);
    expect(points[0].x).to.be.closeTo((plot.left + plot.right) / 2, 1);
    expect(xTicks.map(({ value }) => value)).to.deep.equal([0.02]);
  });
});
