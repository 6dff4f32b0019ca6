import { expect } from 'chai';
import { costsOf } from '../../../src/ui/lab/costs.js';
import { LabStore } from '../../../src/ui/lab/store.js';
import { adapter, dataset, epoch, FakeLab, run, settings, startedStore } from '../support/fake-lab.js';
import { until } from '../support/fixture.js';

describe('what runs will take', () => {
  let lab: FakeLab;
  let store: LabStore;

  beforeEach(async () => {
    localStorage.clear();
    lab = new FakeLab();
    lab.datasets = [dataset()];
    store = await startedStore(lab);
  });

  const costs = (arch: string) => {
    const { costs: known, runs, datasets, form } = store.state;
    return costsOf(known, runs, datasets[0], adapter)({ ...form.now, arch });
  };

  it('plans memory in the Train place, anew when the form asks for something else', async () => {
    expect(costs('cnn')).to.deep.equal({});
    store.go('train');
    await until(() => costs('cnn').gpuBytes === 224 * 224 * 32 * 100, 'memory is known');
    expect(costs('vgg16'), 'what cannot train here has none').to.deep.equal({});
    store.editForm({ ...store.state.form.now, batch: 16 }, ['cnn']);
    await until(() => costs('cnn').gpuBytes === 224 * 224 * 16 * 100, 'memory follows the batch');
  });

  it('measures time, the chosen first, and remembers it', async () => {
    store.editForm({ ...store.state.form.now, arch: 'vgg16' }, ['vgg16', 'cnn']);
    await store.costing.measure();
    expect(lab.calls.slice(0, 3)).to.deep.equal(['measure cnn', 'measure vgg16', 'measure cnn-final']);
    expect(store.state.costs.measuring).to.equal(null);
    // 400 photos: ten steps of 50 ms on 320, three predictions of 20 ms on 80.
    expect(costs('cnn').epochSeconds).to.be.closeTo(0.56, 1e-9);
    const measured = lab.calls.length;
    await store.costing.measure();
    expect(lab.calls.length, 'nothing is measured twice').to.equal(measured);
    store = new LabStore(async () => lab);
    await store.start();
    store.editForm({ ...store.state.form.now, arch: 'cnn' }, ['cnn']);
    await until(() => store.state.adapter !== null, 'the adapter is known again');
    expect(costs('cnn').epochSeconds).to.be.closeTo(0.56, 1e-9);
  });

  it('ends the measuring before a run begins', async () => {
    let finish = () => {};
    lab.trainer.measureSpeed = () => new Promise((resolve) => (finish = () => resolve({ stepMs: 1, predictMs: 1 })));
    lab.trainer.stop = async () => finish();
    void store.costing.measure();
    await until(() => store.state.costs.measuring !== null, 'it measures');
    store.train([settings('cnn')]);
    await until(() => lab.calls.includes('train cnn on rice'), 'the run has begun');
    expect(store.state.costs.measuring).to.equal(null);
  });

  it('believes a run rather than a measurement', () => {
    const seconds = [8, 4, 6];
    const took = run({ settings: { ...settings('cnn') }, history: [1, 2, 3].map((at) => ({ ...epoch(at), seconds: seconds[at - 1] })), split: { train: [320], validation: [80], test: [0] } });
    const known = costsOf({ memory: {}, speeds: {}, measuring: null }, [took], dataset({ images: 800 }), adapter);
    expect(known(settings('cnn')).epochSeconds, 'twice the photos').to.be.closeTo(12, 1e-9);
    expect(known({ ...settings('cnn'), batch: 8 }).epochSeconds).to.equal(undefined);
  });
});
