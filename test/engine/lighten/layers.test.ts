import { expect } from 'chai';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { graphCosts } from '../../../src/engine/graph/costs.js';
import { layerMeasures } from '../../../src/engine/lighten/layers.js';
import { testRandom } from '../../support/close.js';
import { madeUpMeasures } from './made-up.js';

describe('measures of layers', () => {
  const graph = new GraphBuilder([8, 8, 3], 4).conv(3, 3, { activation: 'linear' }).batchNorm().activation('relu').globalAvgPool().predictions();
  const [measured] = madeUpMeasures(testRandom('layers'), graph);
  const filters = [{ ...measured, twin: [null, 2, null] }];
  const layers = layerMeasures(graph, filters, new Map([['conv2d', 1.25]]));

  it('are of every layer in order, and say where its maps were taken', () => {
    expect(layers.map(({ name, end, filters: its, stepMs }) => [name, end, its, stepMs])).to.deep.equal([
      ['input_layer', 'input_layer', null, null], ['conv2d', 're_lu', filters[0], 1.25], ['batch_normalization', 're_lu', null, null], ['re_lu', 're_lu', null, null],
      ['global_average_pooling2d', 'global_average_pooling2d', null, null], ['dense', 'dense', null, null],
    ]);
    expect(layers.reduce((sum, { params }) => sum + params, 0)).to.equal(graphCosts(graph).params);
    expect(layerMeasures(graph, [], null).every(({ filters: its, stepMs }) => its === null && stepMs === null)).to.equal(true);
  });
});
