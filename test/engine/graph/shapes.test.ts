import { expect } from 'chai';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { inferShapes, windowOutput, windowPadding } from '../../../src/engine/graph/shapes.js';
import type { LayerGraph } from '../../../src/engine/graph/types.js';
import { thrown } from '../support/thrown.js';

describe('windows', () => {
  it('pad as TensorFlow does, the odd one after', () => {
    expect(windowPadding(224, 3, 1, 'same')).to.deep.equal({ before: 1, after: 1 });
    expect(windowPadding(224, 3, 2, 'same')).to.deep.equal({ before: 0, after: 1 });
    expect(windowPadding(225, 3, 2, 'same')).to.deep.equal({ before: 1, after: 1 });
    expect(windowPadding(224, 7, 2, 'same')).to.deep.equal({ before: 2, after: 3 });
    expect(windowPadding(10, 1, 3, 'same')).to.deep.equal({ before: 0, after: 0 });
    expect(windowPadding(10, 3, 2, 'valid')).to.deep.equal({ before: 0, after: 0 });
  });

  it('give as many outputs as there are places for them in the padded input', () => {
    for (let input = 1; input <= 40; input++)
      for (let window = 1; window <= 7; window++)
        for (let stride = 1; stride <= 4; stride++)
          for (const padding of ['same', 'valid'] as const) {
            const { before, after } = windowPadding(input, window, stride, padding);
            let places = 0;
            for (let at = 0; at + window <= input + before + after; at += stride) places++;
            const expected = padding === 'same' ? Math.ceil(input / stride) : places;
            expect(Math.max(0, windowOutput(input, window, stride, padding)), `${input} ${window} ${stride} ${padding}`).to.equal(expected);
            if (padding === 'same') expect(places).to.be.at.least(expected);
          }
  });
});

describe('inferShapes', () => {
  const graph = new GraphBuilder([9, 12, 3], 4)
    .conv(8, 3, { stride: 2 })
    .depthwise(3, { padding: 'valid' })
    .batchNorm()
    .activation('relu6')
    .concat([(net) => net.conv(2, 1), (net) => net.avgPool(2, { stride: 1, padding: 'same' })])
    .maxPool(2)
    .flatten()
    .dropout(0.5)
    .predictions();

  it('follows Keras through every layer', () => {
    expect([...inferShapes(graph)].map(([name, shape]) => `${name} ${shape.join('x')}`)).to.deep.equal([
      'input_layer 9x12x3', 'conv2d 5x6x8', 'depthwise_conv2d 3x4x8', 'batch_normalization 3x4x8', 're_lu 3x4x8',
      'conv2d_1 3x4x2', 'average_pooling2d 3x4x8', 'concatenate 3x4x10', 'max_pooling2d 1x2x10', 'flatten 20', 'dropout 20', 'dense 4',
    ]);
  });

  const edited = (name: string, edit: Partial<Record<string, unknown>>): LayerGraph => ({
    ...graph,
    layers: graph.layers.map((layer) => (layer.name === name ? { ...layer, ...edit } : layer)),
  });
  const cases: Record<string, LayerGraph> = {
    'a window that does not fit': edited('depthwise_conv2d', { kernel: 6 }),
    'a filter count that is no count': edited('conv2d', { filters: 2.5 }),
    'a stride of zero': edited('conv2d', { stride: 0 }),
    'a doubled name': edited('conv2d_1', { name: 'conv2d' }),
    'a slash in a name': edited('dropout', { name: 'a/b' }),
    'an input that is not there': edited('flatten', { inputs: ['nowhere'] }),
    'a cycle': edited('conv2d', { inputs: ['flatten'] }),
    'branches of different sides': edited('average_pooling2d', { padding: 'valid' }),
    'one branch only': edited('concatenate', { inputs: ['conv2d_1'] }),
    'a layer that leads nowhere': edited('concatenate', { inputs: ['conv2d_1', 'conv2d_1'] }),
    'two inputs to a dense layer': edited('dense', { inputs: ['dropout', 'flatten'] }),
    'a dense layer on a map': edited('dense', { inputs: ['max_pooling2d'] }),
    'a dropout of everything': edited('dropout', { rate: 1 }),
    'a negative epsilon': edited('batch_normalization', { epsilon: -1 }),
    'an output that is no softmax': edited('dense', { activation: 'linear' }),
    'another number of classes': { ...graph, classes: 5 },
    'an empty input': { ...graph, input: [0, 12, 3] },
    'no layers': { ...graph, layers: [] },
  };
  for (const [what, broken] of Object.entries(cases)) {
    it(`refuses ${what}`, () => {
      expect(thrown(() => inferShapes(broken, 'my file'))).to.include({ code: 'model-broken' }).and.have.nested.property('details.source', 'my file');
    });
  }
});
