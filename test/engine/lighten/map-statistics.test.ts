import { expect } from 'chai';
import { MapSample } from '../../../src/engine/lighten/map-statistics.js';
import { testRandom } from '../../support/close.js';

describe('statistics of maps', () => {
  it('are shares of zeros, means, and the correlation with a livelier map', () => {
    const random = testRandom('maps');
    const [photos, places] = [6, 20];
    const sample = new MapSample(4, photos);
    const columns: number[][] = [[], [], [], []];
    for (let photo = 0; photo < photos; photo++) {
      // Map 1 mostly says what map 0 says, more quietly; 2 is dark on the first photos; 3 always.
      const values = Array.from({ length: places }, () => {
        const [a, b] = [random.normal(), random.normal()];
        return [a, 0.4 * a + 0.1 * b, photo < 2 ? 0 : Math.max(0, b), 0].map(Math.fround);
      });
      for (const row of values) row.forEach((value, filter) => columns[filter].push(value));
      sample.add(Float32Array.from(values.flat()));
    }
    const found = sample.result();
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const correlation = (a: readonly number[], b: readonly number[]): number => {
      const [ma, mb] = [mean(a), mean(b)];
      const covariance = mean(a.map((value, i) => (value - ma) * (b[i] - mb)));
      return Math.abs(covariance / Math.sqrt(mean(a.map((value) => (value - ma) ** 2)) * mean(b.map((value) => (value - mb) ** 2))));
    };
    columns.forEach((column, filter) => {
      expect(found.mean[filter]).to.be.closeTo(mean(column), 1e-6);
      expect(found.zeroPlaces[filter]).to.equal(column.filter((value) => value === 0).length / column.length);
    });
    expect(found.zeroPhotos).to.deep.equal([0, 0, 2 / 6, 1]);
    expect(found.twin[0]).to.equal(null);
    expect(found.redundancy[0]).to.equal(0);
    expect(found.twin[1]).to.equal(0);
    expect(found.redundancy[1]).to.be.closeTo(correlation(columns[0], columns[1]), 1e-5);
    expect(found.redundancy[2]).to.be.closeTo(correlation(columns[found.twin[2]!], columns[2]), 1e-5);
    expect(found.redundancy[2]).to.be.at.least(correlation(columns[0], columns[2]) - 1e-5);
    expect(found.redundancy[3]).to.equal(1);
    expect(found.twin[3]).to.equal(null);
  });

  it('of dense units, a value a photo', () => {
    const sample = new MapSample(2, 3);
    for (const [a, b] of [[1, -2], [2, -4], [4, -8]]) sample.add(Float32Array.of(a, b));
    const { redundancy, twin, zeroPhotos } = sample.result();
    expect(redundancy[0]).to.be.closeTo(1, 1e-6);
    expect(twin).to.deep.equal([1, null]);
    expect(zeroPhotos).to.deep.equal([0, 0]);
  });

  it('of large maps come from places spread over them', () => {
    const sample = new MapSample(2, 64);
    for (let photo = 0; photo < 64; photo++) {
      // Only the last row of each map says anything, and the same.
      sample.add(Float32Array.from({ length: 2 * 100 * 100 }, (_, i) => (i >= 2 * 9900 ? ((photo + (i >> 1)) % 7) * (1 + (i % 2)) : 0)));
    }
    const { redundancy, twin, zeroPlaces } = sample.result();
    expect(redundancy[0]).to.be.above(0.999);
    expect(twin[0]).to.equal(1);
    expect(zeroPlaces[0]).to.be.within(0.99, 0.993);
  });
});
