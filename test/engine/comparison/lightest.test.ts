import { expect } from 'chai';
import { front, type Worth } from '../../../src/engine/comparison/front.js';
import { isWithin, lightest, limitsOf, ruleText, standardError } from '../../../src/engine/comparison/lightest.js';

const judged = (accuracy: number, perturbed: number, flops = 0) => ({ validation: { loss: 0.1, accuracy }, perturbed, flops });

describe('the choice of the lightest', () => {
  const given = judged(0.99, 0.76, 1000);
  const rule = { margin: 0.005, judge: 'both', photos: 200 } as const;

  it('wants the validation accuracy of the given model to the margin, and the perturbed one to that or a standard error', () => {
    const models = [given, judged(0.995, 0.9, 500), judged(0.985, 0.735, 100), judged(0.985, 0.725, 50), judged(0.98, 0.9, 40)];
    const limits = limitsOf(given, rule);
    expect(limits.validation).to.be.closeTo(0.985, 1e-12);
    expect(limits.perturbed).to.be.closeTo(0.76 - 0.0301, 1e-4);
    expect(limitsOf(given, { ...rule, margin: 0.05 }).perturbed).to.be.closeTo(0.71, 1e-12);
    expect(models.map((model) => isWithin(model, limits))).to.deep.equal([true, true, true, false, false]);
    expect(lightest(models, limits)).to.equal(models[2]);
    expect(lightest([models[4]], limits)).to.equal(null);
  });

  it('by validation alone takes what is lighter and generalises worse; of two of one shape the better', () => {
    const models = [given, judged(0.985, 0.5, 50), judged(0.985, 0.6, 50)];
    expect(lightest(models, limitsOf(given, { ...rule, judge: 'validation' }))).to.equal(models[2]);
    expect(lightest(models, limitsOf(given, rule))).to.equal(given);
  });

  it('never takes an accuracy of 1 for certain', () => {
    expect(standardError(1, 200)).to.be.within(0.005, 0.01);
    expect(standardError(0.5, 100)).to.be.closeTo(0.049, 1e-3);
    expect(standardError(0.9, 10_000)).to.be.closeTo(0.003, 1e-4);
  });

  it('says its rule', () => {
    expect(ruleText(rule)).to.equal('The fewest FLOPs with a validation accuracy within 0.5 points of the given model\'s, and with an accuracy on perturbed photos that is lower by no more than that, or than one standard error.');
    expect(ruleText({ ...rule, margin: 0.01, judge: 'validation' })).to.match(/accuracy within 1 point of the given model's\.$/);
  });
});

describe('the front', () => {
  const model = (change: Partial<Worth>): Worth => ({ accuracy: 0.9, bytes: 100, macs: 100, latencyMs: 5, peakGpuBytes: 100, ...change });

  it('leaves out what another beats in everything', () => {
    expect(front([model({}), model({ bytes: 50 }), model({ accuracy: 0.95, macs: 200 }), model({ accuracy: 0.94, macs: 200 })])).to.deep.equal([1, 2]);
  });

  it('keeps equals, and takes latencies that differ by noise for equal', () => {
    expect(front([model({}), model({})])).to.deep.equal([0, 1]);
    expect(front([model({ latencyMs: 4.9 }), model({ bytes: 99 })])).to.deep.equal([1]);
    expect(front([model({ latencyMs: 4 }), model({ bytes: 99 })])).to.deep.equal([0, 1]);
    expect(front([])).to.deep.equal([]);
  });
});
