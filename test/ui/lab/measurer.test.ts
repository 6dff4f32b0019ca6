import { expect } from 'chai';
import { WinnowError } from '../../../src/engine/support/errors.js';
import type { LabStore } from '../../../src/ui/lab/store.js';
import { lookProperties } from '../../../src/ui/lab/look-properties.js';
import { dataset, FakeLab, run, settings, startedStore } from '../support/fake-lab.js';
import { until } from '../support/fixture.js';

describe('Measurer', () => {
  let lab: FakeLab;
  let store: LabStore;

  beforeEach(async () => {
    localStorage.clear();
    lab = new FakeLab();
    lab.datasets = [dataset()];
    lab.runs = [run({ id: 'given' })];
    store = await startedStore(lab);
  });

  const asked = () => lab.calls.filter((call) => call.startsWith('measure layers'));
  const able = () => lookProperties(store, store.look.main).measuring;

  it('measures a model once, for Look and Lighten alike', async () => {
    store.go('look');
    await until(() => store.state.looking !== null, 'the model is looked into');
    expect(able()).to.equal('able');
    const measured = store.measurer.measure('given', 'look');
    await until(() => lab.measuring !== null, 'it measures');
    expect(able()).to.equal('under-way');
    void store.measurer.measure('given', 'lighten');
    lab.measuring!.resolve([]);
    await measured;
    expect(able()).to.equal('done');
    await store.measurer.measure('given', 'lighten');
    expect(asked()).to.deep.equal(['measure layers of given']);
  });

  it('gives way to what trains, and can be asked again', async () => {
    const measured = store.measurer.measure('given', 'look');
    await until(() => lab.measuring !== null, 'it measures');
    store.train([settings('cnn')]);
    await until(() => lab.trained.length === 1, 'the training begins');
    await measured;
    expect(lab.calls.slice(0, 2)).to.deep.equal(['measure layers of given', 'stop']);
    expect(store.state.measured.layers.size).to.equal(0);
    expect(store.state.errors).to.deep.equal({});
    await store.measurer.measure('given', 'look');
    expect(asked().length, 'not beside a training').to.equal(1);
    await store.stop();
    await until(() => store.state.training === null, 'the training ends');
    const again = store.measurer.measure('given', 'lighten');
    await until(() => asked().length === 2, 'it measures');
    lab.measuring!.reject(new WinnowError('gpu-lost', { why: 'test' }));
    await again;
    expect([store.state.errors.lighten?.code, store.state.measured.measuring]).to.deep.equal(['gpu-lost', null]);
  });
});
