import { expect } from 'chai';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { graphCosts, layerCosts } from '../../../src/engine/graph/costs.js';
import { formatBytes, summaryJson, summaryRows, summaryText } from '../../../src/engine/graph/summary.js';

const graph = new GraphBuilder([8, 8, 3], 4)
  .conv(4, 3)
  .group('block', (net) => net.concat([(b) => b.conv(2, 1), (b) => b.maxPool(3, { stride: 1, padding: 'same' })]))
  .depthwise(3, { stride: 2, useBias: false })
  .batchNorm()
  .activation('relu6')
  .globalAvgPool()
  .predictions();

describe('summary', () => {
  it('has one row a layer and one a group, with what it is connected to where that is not the row above', () => {
    const branched = new GraphBuilder([8, 8, 3], 2).conv(4, 3).concat([(b) => b.conv(2, 1), (b) => b.conv(2, 3)]).globalAvgPool().predictions();
    expect(summaryRows(graph).map((row) => `${row.name} ${row.type} ${row.shape.join('x')} ${row.costs.params}`)).to.deep.equal([
      'input_layer InputLayer 8x8x3 0', 'conv2d Conv2D 8x8x4 112', 'block Functional 8x8x6 10', 'depthwise_conv2d DepthwiseConv2D 4x4x6 54',
      'batch_normalization BatchNormalization 4x4x6 24', 're_lu ReLU 4x4x6 0', 'global_average_pooling2d GlobalAveragePooling2D 6 0', 'dense Dense 4 28',
    ]);
    expect(summaryRows(graph).flatMap((row) => row.connectedTo)).to.deep.equal([]);
    expect(summaryRows(branched).map((row) => row.connectedTo)).to.deep.equal([[], [], [], ['conv2d'], ['conv2d_1', 'conv2d_2'], [], []]);
  });

  it('gives the terminal its JSON', () => {
    const json = summaryJson('mine', graph);
    expect(json).to.include({ arch: 'mine', params: 228, trainableParams: 216, nonTrainableParams: 12, bytes: 912, filters: 12 });
    expect(json.input).to.deep.equal([8, 8, 3]);
    expect(json.layers[1]).to.deep.equal({ name: 'conv2d', type: 'Conv2D', outputShape: [null, 8, 8, 4], params: 112 });
    expect(json).to.not.have.property('activationBytes');
    expect(JSON.parse(JSON.stringify(json))).to.deep.equal(json);
  });

  it('prints a table that lines up', () => {
    const text = summaryText('mine', graph);
    const rows = text.split('\n').filter((line) => line.includes('(None, '));
    expect(rows).to.have.length(8);
    expect(new Set(rows.map((line) => line.indexOf('(None, '))).size).to.equal(1);
    expect(text).to.contain('Total params: 228 (912.00 B)').and.contain('Non-trainable params: 12 (48.00 B)');
  });

  it('prints bytes as Keras does', () => {
    expect([0, 1023, 1024, 51_669 * 4, 12_939_077 * 4].map(formatBytes)).to.deep.equal(['0.00 B', '1023.00 B', '1.00 KB', '201.83 KB', '49.36 MB']);
  });
});

describe('costs', () => {
  it('count by the profiler’s rule, layer by layer', () => {
    const flops = Object.fromEntries([...layerCosts(graph)].map(([name, costs]) => [name, costs.flops]));
    expect(flops).to.deep.equal({
      input_layer: 0,
      conv2d: 64 * 4 * 27 * 2 + 64 * 4,
      conv2d_1: 64 * 2 * 4 * 2 + 64 * 2,
      max_pooling2d: 9 * 64 * 4,
      concatenate: 0,
      depthwise_conv2d: 16 * 6 * 9 * 2,
      batch_normalization: 2 * 96 + 6 * 6,
      re_lu: 0,
      global_average_pooling2d: 16 * 6,
      dense: 2 * 24 + 4 + 5 * 4,
    });
  });

  it('add up the bytes that the layers put out', () => {
    expect(graphCosts(graph).activationBytes).to.equal(4 * (192 + 256 + 128 + 256 + 384 + 96 * 3 + 6 + 4));
  });
});
