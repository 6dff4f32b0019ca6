import { expect } from 'chai';
import { WinnowError } from '../../../src/engine/support/errors.js';
import type { LightenResult } from '../../../src/workers/contract.js';
import type { LabStore } from '../../../src/ui/lab/store.js';
import { canBeLightened } from '../../../src/ui/lab/lightener.js';
import { usualOptions } from '../../../src/ui/lighten/options-form.js';
import { dataset, FakeLab, result, run, settings, startedStore } from '../support/fake-lab.js';
import { until } from '../support/fixture.js';

describe('Lightener', () => {
  let lab: FakeLab;
  let store: LabStore;
  const given = run({ id: 'given' });
  const lighter = run({
    id: 'lighter', parent: 'given',
    lightened: { origin: 'given', name: 'pruned-1', method: 'prune', precision: 'float32', bytes: 1, downloadBytes: 1, perturbed: 0.9, search: '["taylor",0.005,"both","auto"]', cut: { share: 0.5, kept: true } },
  });

  beforeEach(async () => {
    localStorage.clear();
    lab = new FakeLab();
    lab.datasets = [dataset()];
    lab.runs = [given];
    store = await startedStore(lab);
  });

  it('searches, tells what is made and how far it is, and has every model among the runs', async () => {
    const searched = store.lighten.begin('given', usualOptions);
    await until(() => lab.lightening !== null, 'the search begins');
    expect(lab.calls).to.deep.equal([`lighten given ${JSON.stringify({ ...usualOptions, backend: 'auto', engine: 'auto' })}`]);
    expect(store.state.lightening.work).to.deep.equal({ origin: 'given', making: null, stage: 'preparing', progress: null, paused: false });
    lab.sayTrainer({ type: 'making', run: 'lighten', name: 'pruned-1', epochs: 12 });
    lab.sayTrainer({ type: 'stage', run: 'lighten', stage: 'training' });
    const progress = { type: 'progress', run: 'lighten', epoch: 1, step: 1, steps: 2, loss: 1, accuracy: 0.5, imagesPerSecond: 1, secondsLeft: 1, gpuBytes: 1 } as const;
    lab.sayTrainer(progress);
    expect(store.state.lightening.work).to.deep.equal({ origin: 'given', making: { name: 'pruned-1', epochs: 12 }, stage: 'training', progress, paused: false });
    lab.sayTrainer({ type: 'run', run: lighter });
    expect(store.state.runs.map(({ id }) => id)).to.have.members(['given', 'lighter']);
    await store.lighten.pause();
    expect(store.state.lightening.work?.paused).to.equal(true);
    await store.lighten.resume();
    await store.lighten.stop();
    expect(lab.calls.slice(1)).to.deep.equal(['pause', 'resume', 'stop']);
    const found = { origin: 'given', finished: true, layers: [] as LightenResult['layers'] } as LightenResult;
    lab.lightening!.resolve(found);
    await searched;
    expect(store.state.lightening).to.deep.include({ work: null, result: found });
    expect(store.state.measured.layers.get('given')).to.equal(found.layers);
  });

  it('lets a training wait, and waits for none', async () => {
    const searched = store.lighten.begin('given', usualOptions);
    await until(() => lab.lightening !== null, 'the search begins');
    store.train([settings('cnn')]);
    expect(store.state.training).to.equal(null);
    lab.lightening!.reject(new WinnowError('gpu-lost', { why: 'test' }));
    await searched;
    expect(store.state.errors.lighten?.code).to.equal('gpu-lost');
    await until(() => lab.trained.length === 1, 'the training begins');
    await store.lighten.begin('given', usualOptions);
    expect(store.state.lightening.work).to.equal(null);
    expect(lab.calls.filter((call) => call.startsWith('lighten')).length).to.equal(1);
  });

  it('offers what has a model and was not lightened itself', () => {
    const runs = [given, lighter, run({ id: 'elsewhere', dataset: 'other' }), run({ id: 'none', state: { kind: 'stopped', result: null } }), run({ id: 'stopped', state: { kind: 'stopped', result } })];
    expect(canBeLightened(runs, given.dataset).map(({ id }) => id)).to.deep.equal(['given', 'stopped']);
  });
});
