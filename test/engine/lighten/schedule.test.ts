import { expect } from 'chai';
import { buildGraph } from '../../../src/engine/architectures/index.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { weightSpecs, initialWeights } from '../../../src/engine/graph/weights.js';
import { elements } from '../../../src/engine/graph/shapes.js';
import { relativeCost } from '../../../src/engine/lighten/criteria.js';
import type { Network } from '../../../src/engine/lighten/filters.js';
import { beginLightening, lightenOnce, resumeLightening, type LightenState, type LightenTools, type Variant } from '../../../src/engine/lighten/schedule.js';
import { testRandom } from '../../support/close.js';
import { madeUpMeasures } from './made-up.js';

const graph = buildGraph('cnn', { size: 32, classes: 3 });
const whole: Variant = { graph, weights: initialWeights(graph, 1), validation: { loss: 0.1, accuracy: 0.98 }, perturbed: 0.8 };
const settings = { criterion: 'taylor', margin: 0.01, judge: 'both', photos: 200, seed: 1 } as const;

/** Training that brings back all accuracy down to a size, and none below. */
function tools(least: number, perturbed: (network: Network) => number = () => 0.8): LightenTools & { measured: number; trained: number } {
  const random = testRandom('schedule');
  return {
    measured: 0,
    trained: 0,
    measure(network) {
      this.measured++;
      return Promise.resolve(madeUpMeasures(random, network.graph));
    },
    fineTune(network: Network) {
      this.trained++;
      const accuracy = relativeCost(network.graph, graph) >= least ? 0.97 : 0.95;
      return Promise.resolve({ ...network, validation: { loss: 0.1, accuracy }, perturbed: perturbed(network) });
    },
  };
}

async function run(from: LightenState, with_: LightenTools): Promise<LightenState> {
  let state = from;
  while (!state.done) state = (await lightenOnce(state, with_)).state;
  return state;
}

describe('the schedule of lightening', () => {
  it('cuts until the margin is used up, and ends near the size where it is', async () => {
    for (const least of [0.7, 0.3, 0.12]) {
      const helper = tools(least);
      const { current, attempts } = await run(beginLightening(whole, settings), helper);
      const size = relativeCost(current.graph, graph);
      expect(size).to.be.within(least, least / 0.875 + 0.02);
      expect(current.validation.accuracy).to.equal(0.97);
      expect(attempts.length).to.equal(helper.trained);
      expect(attempts.some(({ kept }) => !kept)).to.equal(true);
      for (const { good, kept, relativeCost: cost } of attempts) expect([good, kept]).to.deep.equal([cost >= least, cost >= least]);
      // What was cut from is measured once, however often it is cut.
      expect(helper.measured).to.equal(1 + attempts.filter(({ kept }, i) => kept && i < attempts.length - 1).length);
      expect(current.weights.map(({ data }) => data.length)).to.deep.equal(weightSpecs(current.graph).map(({ shape }) => elements(shape)));
    }
  });

  it('cuts on from what falls short by no more than one standard error, and calls good only what is good', async () => {
    // One standard error of 0.97 on 200 photos is 1.4 points.
    const accuracyAt = (cost: number) => (cost >= 0.25 ? 0.96 : cost >= 0.06 ? 0.97 : 0.9);
    const { attempts, current } = await run(beginLightening(whole, settings), {
      ...tools(0),
      fineTune: (network) => Promise.resolve({ ...network, validation: { loss: 0.1, accuracy: accuracyAt(relativeCost(network.graph, graph)) }, perturbed: 0.8 }),
    });
    for (const { good, kept, relativeCost: cost } of attempts) expect([good, kept]).to.deep.equal([accuracyAt(cost) >= 0.97, accuracyAt(cost) >= 0.96]);
    expect(attempts[0]).to.include({ good: false, kept: true });
    expect(relativeCost(current.graph, graph)).to.be.within(0.06, 0.09);
  });

  it('keeps no cut that is as good on validation photos and worse on perturbed ones, unless only the first are asked for', async () => {
    // One standard error of 0.8 on 200 photos is 2.8 points.
    const brittle = (network: Network) => (relativeCost(network.graph, graph) >= 0.4 ? 0.78 : 0.74);
    const both = await run(beginLightening(whole, settings), tools(0, brittle));
    expect(relativeCost(both.current.graph, graph)).to.be.within(0.4, 0.4 / 0.875 + 0.02);
    const validation = await run(beginLightening(whole, { ...settings, judge: 'validation' }), tools(0, brittle));
    expect(relativeCost(validation.current.graph, graph)).to.be.below(0.02);
  });

  it('goes on from what is stored of its attempts as from its state', async () => {
    const halfway = await lightenOnce((await lightenOnce(beginLightening(whole, settings), tools(0.6))).state, tools(0.6));
    const { attempts, current, share, done } = halfway.state;
    expect(resumeLightening(whole, settings, attempts, current)).to.deep.equal({ ...halfway.state, measures: null });
    expect([attempts.length, share, done]).to.deep.equal([2, 0.25, false]);
    expect(resumeLightening(whole, settings, [], whole)).to.deep.equal(beginLightening(whole, settings));
  });

  it('ends at the first network where every cut costs too much', async () => {
    const { current, attempts } = await run(beginLightening(whole, settings), tools(2));
    expect(current).to.equal(whole);
    expect(attempts.every(({ kept }) => !kept)).to.equal(true);
    expect(attempts.map(({ share }) => share)).to.deep.equal([0.5, 0.25, 0.125]);
  });

  it('does not try again what has failed, where a smaller share is the same cut', async () => {
    const tiny = new GraphBuilder([6, 6, 3], 2).conv(2, 3).globalAvgPool().predictions();
    const helper = tools(0);
    const { attempts, done } = await run(beginLightening({ ...whole, graph: tiny, weights: initialWeights(tiny, 1) }, settings), {
      ...helper,
      fineTune: (network) => Promise.resolve({ ...network, validation: { loss: 1, accuracy: 0.5 }, perturbed: 0.5 }),
    });
    expect([attempts.length, done]).to.deep.equal([1, true]);
  });

  it('ends where nothing is left to cut', async () => {
    const { current, done } = await run(beginLightening(whole, settings), tools(0));
    expect(done).to.equal(true);
    expect(current.graph.layers.flatMap((layer) => (layer.type === 'conv2d' ? [layer.filters] : []))).to.deep.equal([1, 1, 1]);
  });

  it('stopped while it measures or trains goes on where it stood, from its state as data', async () => {
    const expected = await run(beginLightening(whole, settings), tools(0.4));
    const helper = tools(0.4);
    const stopping = { ...helper, measure: () => Promise.resolve(null) };
    let state = beginLightening(whole, settings);
    expect((await lightenOnce(state, stopping)).state).to.equal(state);
    const interrupted = await lightenOnce(state, { measure: helper.measure.bind(helper), fineTune: () => Promise.resolve(null) });
    expect(interrupted.tried).to.equal(null);
    expect(interrupted.state.attempts).to.deep.equal([]);
    expect(helper.measured).to.equal(1);
    state = structuredClone(interrupted.state);
    const end = await run(state, helper);
    expect(end.attempts.length).to.be.above(2);
    expect(relativeCost(end.current.graph, graph)).to.be.closeTo(relativeCost(expected.current.graph, graph), 0.1);
  });
});
