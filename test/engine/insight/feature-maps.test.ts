import { expect } from 'chai';
import { mapActivity, paintMaps } from '../../../src/engine/insight/feature-maps.js';
import { viridis } from '../../../src/engine/insight/viridis.js';

const colour = (index: number): number[] => [...new Uint8Array(viridis.buffer, index * 4, 4)];

/** [2, 2, 3]: map 0 rises 0 to 3, map 1 is 0 throughout, map 2 rises -30 to 0. */
const maps = { layer: 'conv2d', shape: [2, 2, 3], data: Float32Array.from([0, 0, -30, 1, 0, -20, 2, 0, -10, 3, 0, 0]) };

describe('viridis', () => {
  it('goes through the colours of matplotlib', () => {
    const anchors: [number, number[]][] = [[0, [68, 1, 84]], [64, [59, 82, 139]], [128, [33, 145, 140]], [191, [94, 201, 98]], [255, [253, 231, 37]]];
    for (const [index, [red, green, blue]] of anchors) {
      const [r, g, b, alpha] = colour(index);
      expect(Math.max(Math.abs(r - red), Math.abs(g - green), Math.abs(b - blue)), `at ${index}: ${r} ${g} ${b}`).to.be.at.most(6);
      expect(alpha).to.equal(255);
    }
  });
});

describe('feature maps', () => {
  it('are tiles in a sheet, each on its own range', () => {
    const { rgba, width, height, columns, tile } = paintMaps(maps, 'map');
    expect({ width, height, columns, tile }).to.deep.equal({ width: 4, height: 4, columns: 2, tile: 2 });
    const at = (x: number, y: number): number[] => [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
    expect([at(0, 0), at(1, 0), at(0, 1), at(1, 1)]).to.deep.equal([0, 85, 170, 255].map(colour));
    expect([at(2, 0), at(3, 1)]).to.deep.equal([colour(0), colour(0)]);
    expect([at(0, 2), at(1, 3)]).to.deep.equal([colour(0), colour(255)]);
    expect(at(3, 3)).to.deep.equal([0, 0, 0, 0]);
  });

  it('are on one range where the layer is the scale', () => {
    const { rgba, width } = paintMaps(maps, 'layer');
    const at = (x: number, y: number): number[] => [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
    expect(at(1, 1)).to.deep.equal(colour(255));
    expect(at(2, 0)).to.deep.equal(colour(Math.round((30 / 33) * 255)));
    expect(at(0, 2)).to.deep.equal(colour(0));
  });

  it('of a dense layer are one pixel each, on one range', () => {
    const { rgba, width, height, tile } = paintMaps({ layer: 'dense', shape: [5], data: Float32Array.from([0, 1, 2, 3, 4]) }, 'map');
    expect({ width, height, tile }).to.deep.equal({ width: 3, height: 2, tile: 1 });
    expect([...rgba.subarray(16, 20)]).to.deep.equal(colour(255));
  });

  it('have a mean, and are dark where they are zero throughout', () => {
    expect(mapActivity(maps)).to.deep.equal({ activity: [1.5, 0, -15], dark: [1] });
  });
});
