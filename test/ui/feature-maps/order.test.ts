import { expect } from 'chai';
import { layoutOf, moveBy, MOST_SHOWN, orderOf } from '../../../src/ui/feature-maps/order.js';

describe('the order of the maps', () => {
  it('puts the most active first and the dark last', () => {
    const maps = { values: [0.1, -0.5, 0.4, 0.1, 0], dark: [1, 4] };
    expect(orderOf(maps, 'activity')).to.deep.equal([2, 0, 3, 4, 1]);
    expect(orderOf(maps, 'index')).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('keeps to what a page can hold', () => {
    const activity = Array.from({ length: 5000 }, (_, index) => index);
    expect(orderOf({ values: activity, dark: [] }, 'activity')).to.have.length(MOST_SHOWN).and.to.include(4999);
  });
});

describe('the layout of the maps', () => {
  it('fits into every width, for every count', () => {
    for (const width of [90, 300, 620, 1400, 3000]) {
      for (const count of [1, 3, 5, 8, 32, 64, 97, 128, 256, 512, 1000, 2048]) {
        const { columns, rows, cell, gap } = layoutOf(count, width);
        expect(columns * cell + (columns - 1) * gap, `${count} in ${width}`).to.be.at.most(width);
        expect(columns * rows).to.be.at.least(count);
        expect(columns * (rows - 1)).to.be.below(count);
      }
    }
  });

  it('leaves no ragged row where a whole one is near', () => {
    expect(layoutOf(64, 600)).to.include({ columns: 8, rows: 8 });
    expect(layoutOf(128, 620).columns).to.equal(8);
  });

  it('shows all at once where they need not get too small for it', () => {
    const heightOf = ({ rows, cell, gap }: ReturnType<typeof layoutOf>) => rows * (cell + gap) - gap;
    for (const [count, width, height] of [[128, 620, 700], [128, 300, 560], [256, 620, 700], [64, 300, 480]]) {
      const layout = layoutOf(count, width, height);
      expect(heightOf(layout), `${count} in ${width} × ${height}`).to.be.at.most(height);
      expect(layout.cell).to.be.at.least(24);
    }
    expect(layoutOf(64, 470, 560)).to.include({ columns: 8, rows: 8 });
    expect(layoutOf(2048, 600, 400)).to.deep.equal(layoutOf(2048, 600));
    expect(layoutOf(64, 600, 700)).to.deep.equal(layoutOf(64, 600));
  });
});

describe('keys on the maps', () => {
  it('move by one, by a row, to the ends, and not out', () => {
    expect(moveBy('ArrowRight', 3, 10, 4)).to.equal(4);
    expect(moveBy('ArrowLeft', 0, 10, 4)).to.equal(0);
    expect(moveBy('ArrowDown', 3, 10, 4)).to.equal(7);
    expect(moveBy('ArrowDown', 7, 10, 4)).to.equal(7);
    expect(moveBy('ArrowUp', 5, 10, 4)).to.equal(1);
    expect(moveBy('Home', 5, 10, 4)).to.equal(0);
    expect(moveBy('End', 5, 10, 4)).to.equal(9);
    expect(moveBy('a', 5, 10, 4)).to.equal(null);
  });
});
