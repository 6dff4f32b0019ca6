import { expect } from 'chai';
import { architectures, buildGraph } from '../../../src/engine/architectures/index.js';
import { countKinds, layDiagram } from '../../../src/ui/model-summary/diagram-layout.js';

describe('the drawing of a network', () => {
  it('holds every layer of all ten, inside its frame', () => {
    for (const { id } of architectures) {
      for (const size of [32, 224]) {
        const graph = buildGraph(id, { size, classes: 5 });
        const { width, height, blocks } = layDiagram(graph);
        const { conv, depthwise, pool, dense } = countKinds(graph);
        expect(blocks.length, id).to.equal(1 + conv + depthwise + pool + dense);
        for (const block of blocks) {
          expect(block.x, id).to.be.at.least(0);
          expect(block.x + block.width, id).to.be.at.most(width + 1e-9);
          expect(block.y, id).to.be.at.least(0);
          expect(block.y + block.height, id).to.be.at.most(height);
          expect(Math.min(block.width, block.height), id).to.be.greaterThan(0.5);
        }
        expect(width, id).to.be.at.most(236.001);
      }
    }
  });

  it('shows where resolution falls and channels grow', () => {
    const { blocks } = layDiagram(buildGraph('vgg16', { size: 224, classes: 5 }));
    const convolutions = blocks.filter(({ kind }) => kind === 'conv');
    expect(convolutions[0].height).to.be.greaterThan(convolutions.at(-1)!.height * 2);
    expect(convolutions.at(-1)!.width).to.be.greaterThan(convolutions[0].width);
    expect(blocks.at(-1)!.kind).to.equal('output');
  });

  it('draws an inception module as its four branches in a frame', () => {
    const { blocks, modules } = layDiagram(buildGraph('googlenet', { size: 224, classes: 5 }));
    expect(modules.length).to.equal(9);
    for (const frame of modules) {
      const inside = blocks.filter(({ x, width }) => x >= frame.x && x + width <= frame.x + frame.width + 1e-9);
      expect(inside.length).to.equal(7);
      expect(new Set(inside.map(({ y }) => y)).size, 'rows').to.equal(4);
      for (const { y, height } of inside) expect(y >= frame.y && y + height <= frame.y + frame.height).to.equal(true);
    }
  });
});
