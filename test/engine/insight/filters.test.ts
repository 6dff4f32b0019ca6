import { expect } from 'chai';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import type { Weight } from '../../../src/engine/graph/types.js';
import { paintFilters } from '../../../src/engine/insight/filters.js';

const graph = new GraphBuilder([4, 4, 3], 2).conv(2, 1).conv(2, 2).depthwise(2).flatten().predictions();
const weight = (name: string, shape: number[], data: number[]): Weight => ({ name, shape, data: Float32Array.from(data) });
const weights = [
  // [1, 1, 3, 2]: filter 0 is (2, -2, 0), filter 1 (0, 0, 4).
  weight('conv2d/kernel', [1, 1, 3, 2], [2, 0, -2, 0, 0, 4]),
  // [2, 2, 2, 2]: y, x, channel, filter.
  weight('conv2d_1/kernel', [2, 2, 2, 2], [1, 0, 8, 0, -1, 0, 8, 0, 0.5, 0, 8, 0, 0, 0, 8, 3]),
  weight('depthwise_conv2d/kernel', [2, 2, 2, 1], [1, 0, 0, 0, 0, 0, -1, 2]),
];
const at = (sheet: { rgba: Uint8ClampedArray; width: number }, x: number, y: number): number[] => [...sheet.rgba.subarray((y * sheet.width + x) * 4, (y * sheet.width + x) * 4 + 3)];

describe('filters as pictures', () => {
  it('of three input channels are in their colours, grey where zero', () => {
    const sheet = paintFilters(graph, weights, 'conv2d', null);
    expect({ columns: sheet.columns, tile: sheet.tile, channels: sheet.channels, channel: sheet.channel }).to.deep.equal({ columns: 2, tile: 1, channels: 3, channel: null });
    expect(at(sheet, 0, 0)).to.deep.equal([255, 0, 128]);
    expect(at(sheet, 1, 0)).to.deep.equal([128, 128, 255]);
    expect(sheet.norms.map((norm) => norm.toFixed(4))).to.deep.equal(['2.8284', '4.0000']);
  });

  it('of other layers are one input channel at a time, each filter on its own scale', () => {
    const sheet = paintFilters(graph, weights, 'conv2d_1', 0);
    expect({ width: sheet.width, height: sheet.height, channel: sheet.channel }).to.deep.equal({ width: 4, height: 2, channel: 0 });
    expect([at(sheet, 0, 0), at(sheet, 1, 0), at(sheet, 0, 1), at(sheet, 1, 1)].map(([grey]) => grey)).to.deep.equal([255, 0, 191, 128]);
    expect(at(sheet, 2, 0)).to.deep.equal([128, 128, 128]);
    expect(at(paintFilters(graph, weights, 'conv2d_1', 1), 3, 1)[0]).to.equal(255);
    expect(at(paintFilters(graph, weights, 'conv2d', 2), 0, 0)).to.deep.equal([128, 128, 128]);
  });

  it('of a depthwise layer are one for each channel', () => {
    const sheet = paintFilters(graph, weights, 'depthwise_conv2d', null);
    expect({ channels: sheet.channels, norms: sheet.norms.length }).to.deep.equal({ channels: 1, norms: 2 });
    expect([at(sheet, 0, 0)[0], at(sheet, 1, 1)[0], at(sheet, 3, 1)[0]]).to.deep.equal([255, 0, 255]);
  });

  it('are refused where there are none', () => {
    for (const [layer, channel] of [['flatten', null], ['conv2d', 3], ['missing', null]] as const) {
      expect(() => paintFilters(graph, weights, layer, channel)).to.throw().with.property('code', 'call-invalid');
    }
  });
});
