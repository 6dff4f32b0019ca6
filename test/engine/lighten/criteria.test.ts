import { expect } from 'chai';
import { architectures, buildGraph } from '../../../src/engine/architectures/index.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { graphCosts } from '../../../src/engine/graph/costs.js';
import type { LayerGraph } from '../../../src/engine/graph/types.js';
import { criteria, filterSavings, randomFilters, rankFilters, relativeCost, selectFilters } from '../../../src/engine/lighten/criteria.js';
import { filterLayers } from '../../../src/engine/graph/filter-layers.js';
import { keptChannels, withFilters } from '../../../src/engine/lighten/filters.js';
import type { FilterMeasures } from '../../../src/engine/lighten/measure.js';
import { testRandom } from '../../support/close.js';
import { madeUpMeasures } from './made-up.js';
import { randomGraph } from './networks.js';

const size = (graph: LayerGraph): number => filterLayers(graph).reduce((sum, { filters }) => sum + filters, 0);
const after = (graph: LayerGraph, keep: ReadonlyMap<string, readonly number[]>): LayerGraph => withFilters(graph, new Map([...keep].map(([name, indices]) => [name, indices.length])));

describe('ranking of filters', () => {
  const graph = new GraphBuilder([8, 8, 3], 2).conv(3, 3).conv(2, 3).globalAvgPool().predictions();
  const measures: FilterMeasures[] = [
    { layer: 'conv2d', zeroPlaces: [0.5, 1, 0], zeroPhotos: [0, 1, 0], mean: [1, 0, 1], redundancy: [0.9, 1, 0], twin: [2, null, null], magnitude: [3, 4, 5], taylor: [0.2, 0, 0.3] },
    { layer: 'conv2d_1', zeroPlaces: [0, 0.2], zeroPhotos: [0, 0], mean: [1, 2], redundancy: [0, 0.5], twin: [null, 0], magnitude: [300, 100], taylor: [0.1, 4] },
  ];
  const [first, second] = [...filterSavings(graph).values()];
  const order = (criterion: (typeof criteria)[number]) => rankFilters(graph, measures, criterion, 1).map(({ layer, filter }) => `${layer} ${filter}`);

  it('weighs what a filter is worth against what goes with it', () => {
    // One filter of each: its own weights and bias, and what reads it.
    const whole = graphCosts(graph);
    expect(first).to.be.closeTo(((27 + 1 + 9 * 2) / whole.params + ((27 + 9 * 2) * 64) / whole.macs) / 2, 1e-12);
    expect(second).to.be.closeTo(((27 + 1 + 2) / whole.params + (27 * 64 + 2) / whole.macs) / 2, 1e-12);
    const scores = new Map(rankFilters(graph, measures, 'taylor', 1).map(({ layer, filter, score }) => [`${layer} ${filter}`, score]));
    expect(scores.get('conv2d 0')).to.be.closeTo(0.2 / first, 1e-9);
    expect(scores.get('conv2d_1 0')).to.be.closeTo(0.1 / second, 1e-9);
    expect(order('taylor')).to.deep.equal(['conv2d 1', 'conv2d_1 0', 'conv2d 0', 'conv2d 2', 'conv2d_1 1']);
  });

  it('compares magnitudes within a layer first', () => {
    const scores = rankFilters(graph, measures, 'magnitude', 1);
    for (const [layer, root, values, saving] of [['conv2d', Math.sqrt(50 / 3), [3, 4, 5], first], ['conv2d_1', Math.sqrt(5e4), [300, 100], second]] as const) {
      values.forEach((value, filter) => expect(scores.find((one) => one.layer === layer && one.filter === filter)!.score).to.be.closeTo(value / root / saving, 1e-9));
    }
  });

  it('takes redundant ones first, and dead ones only where they are dead', () => {
    expect(order('redundancy').slice(0, 2)).to.deep.equal(['conv2d 1', 'conv2d 0']);
    expect(order('dead')).to.deep.equal(['conv2d 1']);
  });

  it('by chance is another with another seed', () => {
    const large = buildGraph('cnn', { size: 32, classes: 3 });
    const made = madeUpMeasures(testRandom('chance'), large);
    const ranking = (seed: number) => rankFilters(large, made, 'random', seed).map(({ layer, filter }) => `${layer} ${filter}`);
    expect(ranking(1)).to.deep.equal(ranking(1));
    expect(ranking(1)).to.not.deep.equal(ranking(2));
    expect(ranking(1)).to.have.members(ranking(2));
  });
});

describe('selection of filters', () => {
  it('takes no more than it must for the share that is asked, never half of a layer and never its last filter', () => {
    const random = testRandom('selection');
    for (let round = 0; round < 60; round++) {
      const graph = randomGraph(random);
      for (const criterion of criteria) {
        const ranking = rankFilters(graph, madeUpMeasures(random, graph), criterion, round);
        const share = random.between(0.05, 0.4);
        const keep = selectFilters(graph, ranking, share);
        keptChannels(graph, keep);
        for (const { name, filters } of filterLayers(graph)) expect(keep.get(name)?.length ?? filters).to.be.at.least(Math.ceil(filters / 2));
        const cost = relativeCost(after(graph, keep), graph);
        if (criterion === 'dead') continue;
        const all = selectFilters(graph, ranking, 1);
        if (cost > 1 - share) expect([...keep], 'as far as it goes').to.deep.equal([...all]);
        // One filter fewer would not do.
        else {
          const gone = ranking.filter(({ layer, filter }) => keep.has(layer) && !keep.get(layer)!.includes(filter));
          const last = gone.at(-1)!;
          const less = new Map(keep).set(last.layer, [...keep.get(last.layer)!, last.filter].sort((a, b) => a - b));
          expect(relativeCost(after(graph, less), graph)).to.be.above(1 - share);
        }
      }
    }
  });

  it('again and again ends at one filter a layer', () => {
    const random = testRandom('to the end');
    let graph = randomGraph(random);
    for (let round = 0; round < 12; round++) graph = after(graph, selectFilters(graph, rankFilters(graph, madeUpMeasures(random, graph), 'taylor', 1), 1));
    expect(filterLayers(graph).every(({ filters }) => filters === 1)).to.equal(true);
    expect(selectFilters(graph, rankFilters(graph, madeUpMeasures(random, graph), 'taylor', 1), 0.5).size).to.equal(0);
  });

  for (const { id } of architectures) {
    it(`halves ${id}`, function () {
      this.timeout(20_000);
      const graph = buildGraph(id, { size: 64, classes: 5 });
      const keep = selectFilters(graph, rankFilters(graph, madeUpMeasures(testRandom(id), graph), 'magnitude', 1), 0.5);
      expect(relativeCost(after(graph, keep), graph)).to.be.within(0.46, 0.5);
    });
  }
});

describe('a random choice at a given size', () => {
  it('has the same shape, and other filters with another seed', () => {
    const graph = buildGraph('cnn', { size: 32, classes: 3 });
    const like = withFilters(graph, new Map([['conv2d', 5], ['conv2d_1', 64], ['dense', 17]]));
    const keep = randomFilters(graph, like, 1);
    keptChannels(graph, keep);
    expect(after(graph, keep)).to.deep.equal(like);
    expect(size(like)).to.be.below(size(graph));
    expect([...randomFilters(graph, like, 2)]).to.not.deep.equal([...keep]);
  });
});
