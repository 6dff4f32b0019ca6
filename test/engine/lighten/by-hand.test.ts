import { expect } from 'chai';
import { buildGraph } from '../../../src/engine/architectures/index.js';
import { graphCosts } from '../../../src/engine/graph/costs.js';
import { inferShapes } from '../../../src/engine/graph/shapes.js';
import type { LayerGraph } from '../../../src/engine/graph/types.js';
import { weightSpecs } from '../../../src/engine/graph/weights.js';
import { handShapes } from '../../../src/engine/lighten/by-hand.js';

const shapesOf = (id: string, size = 32) => handShapes(buildGraph(id, { size, classes: 5 }));
const layers = ({ layers: all }: LayerGraph) => all.map((layer) => (layer.type === 'conv2d' ? `conv ${layer.filters}/${layer.stride}` : layer.type === 'dense' ? `dense ${layer.units}` : layer.type));

describe('shapes by hand', () => {
  it('of the study\'s CNN: narrower, a stride more, a layer less, and all at once', () => {
    const shapes = new Map(shapesOf('cnn').map(({ name, graph }) => [name, graph]));
    expect([...shapes.keys()]).to.deep.equal(['width-0.5', 'width-0.25', 'width-0.125', 'stride-2', 'fewer-layers', 'all-by-hand']);
    expect(layers(shapes.get('width-0.25')!)).to.deep.equal(['input', 'conv 8/1', 'maxPool2d', 'conv 16/1', 'maxPool2d', 'conv 32/1', 'maxPool2d', 'flatten', 'dense 32', 'dense 5']);
    expect(layers(shapes.get('stride-2')!).slice(0, 4)).to.deep.equal(['input', 'conv 32/2', 'maxPool2d', 'conv 64/1']);
    expect(layers(shapes.get('fewer-layers')!)).to.deep.equal(['input', 'conv 32/1', 'maxPool2d', 'conv 64/1', 'maxPool2d', 'flatten', 'dense 128', 'dense 5']);
    expect(layers(shapes.get('all-by-hand')!)).to.deep.equal(['input', 'conv 8/2', 'maxPool2d', 'conv 16/1', 'maxPool2d', 'flatten', 'dense 32', 'dense 5']);
    for (const graph of shapes.values()) {
      expect(inferShapes(graph).get(graph.layers.at(-1)!.name)).to.deep.equal([5]);
      expect(weightSpecs(graph).length).to.be.above(0);
    }
    // Half the width is about a quarter of the work.
    expect(graphCosts(shapes.get('width-0.5')!).macs / graphCosts(buildGraph('cnn', { size: 32, classes: 5 })).macs).to.be.within(0.24, 0.32);
  });

  it('of a network that branches: narrower only; without a pixel to spare: no stride', () => {
    const branching = shapesOf('googlenet-light').map(({ name }) => name);
    expect(branching).to.include('width-0.5').and.not.include('fewer-layers');
    expect(shapesOf('cnn-light').map(({ name }) => name)).to.not.include('stride-2');
    for (const id of ['vgg16', 'vgg-custom', 'mobilenet', 'googlenet']) for (const { graph } of shapesOf(id)) inferShapes(graph);
  });
});
