import { expect } from 'chai';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { layerMeasures } from '../../../src/engine/lighten/layers.js';
import { layersCsv } from '../../../src/ui/lighten/layers-csv.js';
import { madeUpMeasures } from '../../engine/lighten/made-up.js';
import { testRandom } from '../../support/close.js';

describe('measures of layers as CSV', () => {
  it('are a line a filter, and a line for every other layer', () => {
    const graph = new GraphBuilder([8, 8, 3], 4).conv(3, 3).globalAvgPool().predictions();
    const [measured] = madeUpMeasures(testRandom('layers'), graph);
    const [header, ...lines] = layersCsv(layerMeasures(graph, [{ ...measured, twin: [null, 2, null] }], new Map([['conv2d', 1.25]]))).trimEnd().split('\r\n').map((line) => line.split(','));
    expect(lines.map(([layer]) => layer)).to.deep.equal(['input_layer', 'conv2d', 'conv2d', 'conv2d', 'global_average_pooling2d', 'dense']);
    for (const line of lines) expect(line.length).to.equal(header.length);
    const second = Object.fromEntries(header.map((column, index) => [column, lines[2][index]]));
    const { zeroPlaces, taylor, redundancy } = measured;
    expect(second).to.deep.include({ params: '84', macs: String(8 * 8 * 27 * 3), outputBytes: String(8 * 8 * 3 * 4), stepMs: '1.25', filter: '1', zeroPlaces: String(zeroPlaces[1]), taylor: String(taylor[1]), redundancy: String(redundancy[1]), twin: '2' });
    expect(lines[1].at(-1)).to.equal('');
  });
});
