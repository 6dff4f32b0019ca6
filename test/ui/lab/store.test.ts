import { expect } from 'chai';
import { WinnowError, toErrorData } from '../../../src/engine/support/errors.js';
import { LabStore } from '../../../src/ui/lab/store.js';
import { dataset, epoch, FakeLab, result, run, settings, startedStore, synthetic } from '../support/fake-lab.js';
import { frame, until } from '../support/fixture.js';

describe('LabStore', () => {
  let lab: FakeLab;
  let store: LabStore;

  beforeEach(async () => {
    localStorage.clear();
    lab = new FakeLab();
    store = new LabStore(async () => lab);
  });

  const started = async () => {
    await store.start();
    await until(() => store.state.adapter !== null, 'the adapter is known');
  };
  const end = (part = {}) => lab.endTraining({ state: { kind: 'done', result }, history: [1, 2, 3].map(epoch), ...part });

  it('reads what is stored, and shows the newest dataset', async () => {
    lab.datasets = [dataset(), dataset({ id: 'later', created: '2026-11-02T00:00:00.000Z' })];
    lab.runs = [run({ id: 'b', created: '2026-11-03T00:00:00.000Z' }), run({ id: 'a' })];
    await started();
    expect(store.state.selected).to.equal('later');
    expect(store.state.runs.map(({ id }) => id)).to.deep.equal(['a', 'b']);
    await until(() => store.state.samples.length === 20, 'the samples are there');
  });

  it('remembers the dataset that was chosen', async () => {
    lab.datasets = [dataset(), dataset({ id: 'later', created: '2026-11-02T00:00:00.000Z' })];
    await started();
    store.select('rice');
    const again = new LabStore(async () => lab);
    await again.start();
    expect(again.state.selected).to.equal('rice');
  });

  it('says when the workers do not start', async () => {
    const broken = new LabStore(async () => {
      throw new WinnowError('worker-failed', { why: 'no' });
    });
    await broken.start();
    expect(broken.state.errors.lab?.code).to.equal('worker-failed');
  });

  it('imports with progress, and chooses the new dataset', async () => {
    await started();
    const imported = store.importDataset(synthetic);
    const { id } = store.state.job!;
    lab.sayData({ type: 'import-progress', job: 'another', done: 9, total: 9, refused: 0, imagesPerSecond: 1, secondsLeft: 1 });
    expect(store.state.job!.progress).to.equal(null);
    lab.sayData({ type: 'import-progress', job: id, done: 40, total: 400, refused: 0, imagesPerSecond: 80, secondsLeft: 4 });
    expect(store.state.job!.progress?.done).to.equal(40);
    lab.finishImport(dataset());
    await imported;
    expect(store.state).to.include({ job: null, selected: 'rice' });
    expect(store.state.datasets.length).to.equal(1);
  });

  it('takes a cancel for no error, and a failure for one', async () => {
    await started();
    const cancelled = store.importDataset(synthetic);
    await store.cancelImport();
    await cancelled;
    expect(store.state.errors).to.deep.equal({});
    const failed = store.importDataset(synthetic);
    lab.failImport(new WinnowError('disk-full', { what: 'rice' }));
    await failed;
    expect(store.state.errors.data?.code).to.equal('disk-full');
    expect(store.state.job).to.equal(null);
  });

  it('trains one run at a time, in order', async () => {
    lab.datasets = [dataset()];
    await started();
    store.train([settings('cnn'), settings('cnn-light')]);
    expect(lab.calls).to.deep.equal(['train cnn on rice']);
    expect(store.state.queue.map((queued) => queued.settings.arch)).to.deep.equal(['cnn-light']);
    lab.sayTrainer({ type: 'stage', run: 'run-1', stage: 'training' });
    lab.sayTrainer({ type: 'epoch', run: 'run-1', record: epoch(1), best: true });
    expect(store.state.training).to.include({ run: 'run-1', stage: 'training' });
    expect(store.state.runs[0].history.length).to.equal(1);
    end();
    await until(() => lab.calls.length === 2, 'the second run begins');
    expect(lab.calls[1]).to.equal('train cnn-light on rice');
    expect(store.state.queue).to.deep.equal([]);
    end();
    await until(() => store.state.training === null, 'all are trained');
    expect(store.state.runs.map(({ state }) => state.kind)).to.deep.equal(['done', 'done']);
    expect(store.state.lastRun).to.equal('run-2');
  });

  it('goes on with the queue after a run that failed, and says why it did', async () => {
    lab.datasets = [dataset()];
    await started();
    store.train([settings('vgg16'), settings('cnn')]);
    lab.failTraining(new WinnowError('gpu-memory', { arch: 'vgg16' }));
    await until(() => lab.calls.length === 2, 'the second run begins');
    expect(store.state.errors.train?.code).to.equal('gpu-memory');
  });

  it('trains a run again from another seed on its split, instead of the one under way and before what waits', async () => {
    lab.datasets = [dataset()];
    await started();
    const model = new File(['a model'], 'model.zip');
    store.train([settings('googlenet'), settings('cnn')], model);
    store.trainAgain('run-1');
    await until(() => lab.trained.length === 2, 'the second run begins');
    expect(lab.calls).to.include('stop');
    const [first, second] = lab.trained;
    expect(second.settings).to.deep.equal({ ...first.settings, seed: first.settings.seed + 1, splitSeed: first.settings.seed });
    expect(second.start).to.deep.equal({ kind: 'transfer', model });
    // The split stays, however often.
    end();
    await until(() => lab.trained.length === 3, 'the third run begins');
    store.trainAgain('run-2');
    end();
    await until(() => lab.trained.length === 4, 'the fourth run begins');
    expect(lab.trained[3].settings).to.deep.include({ seed: first.settings.seed + 2, splitSeed: first.settings.seed });
  });

  it('goes on with a run that has ended', async () => {
    lab.datasets = [dataset()];
    lab.runs = [run({ id: 'a' })];
    await started();
    store.trainOn('a', 10);
    await until(() => lab.trained.length === 1, 'it begins');
    const { settings: before, history } = lab.runs[0];
    expect(lab.trained[0]).to.deep.equal({ settings: { ...before, epochs: history.length + 10 }, start: { kind: 'continue', run: 'a' } });
  });

  it('forgets a waiting run', async () => {
    lab.datasets = [dataset()];
    await started();
    store.train([settings('cnn'), settings('cnn-light'), settings('vgg16')]);
    store.dequeue(0);
    expect(store.state.queue.map((queued) => queued.settings.arch)).to.deep.equal(['vgg16']);
  });

  it('stops what trains on a dataset before it deletes the dataset', async () => {
    lab.datasets = [dataset()];
    await started();
    store.train([settings('cnn'), settings('cnn-light')]);
    await store.deleteDataset('rice');
    expect(lab.calls).to.deep.equal(['train cnn on rice', 'stop', 'delete rice']);
    expect(store.state).to.include({ training: null, selected: null });
    expect(store.state.runs).to.deep.equal([]);
  });

  it('starts modestly on a software adapter, unless the form was touched', async () => {
    lab.trainer.probe = async () => ({ ...(await new FakeLab().trainer.probe('auto')), fallback: true });
    await started();
    expect(store.state.form.start.size).to.equal(32);
    const touched = new LabStore(async () => lab);
    touched.editForm({ ...settings('cnn'), size: 224 }, ['cnn']);
    await touched.start();
    expect(touched.state.form.start.size).to.equal(224);
  });

  it('keeps the form for the next visit, and none that does not hold any more', async () => {
    await started();
    store.editForm({ ...settings('cnn'), batch: 7 }, ['cnn', 'vgg16']);
    expect(new LabStore(async () => lab).state.form).to.deep.include({ chosen: ['cnn', 'vgg16'], start: { ...settings('cnn'), batch: 7 } });
    for (const broken of ['{', '{"now":{"arch":"gone"},"chosen":[]}', '{"now":{"batch":0},"chosen":["cnn"]}', '{"now":{"optimizer":null},"chosen":null}']) {
      localStorage.setItem('winnow.form', broken);
      expect(new LabStore(async () => lab).state.form.chosen, broken).to.equal(null);
    }
  });

  it('moves a waiting run', async () => {
    lab.datasets = [dataset()];
    await started();
    store.train(['cnn', 'cnn-light', 'vgg16', 'googlenet'].map(settings));
    store.requeue(2, 0);
    expect(store.state.queue.map(({ settings: { arch } }) => arch)).to.deep.equal(['googlenet', 'cnn-light', 'vgg16']);
  });

  it('tells its listeners once a frame', async () => {
    await started();
    await frame();
    await frame();
    let told = 0;
    store.subscribe(() => told++);
    for (let step = 0; step < 50; step++) store.showArch(`arch-${step}`);
    expect(told).to.equal(0);
    await until(() => told > 0, 'it is told');
    await frame();
    expect(told).to.equal(1);
  });

  it('ends failed workers and reads everything anew', async () => {
    lab.datasets = [dataset()];
    await started();
    lab.fail(new WinnowError('worker-failed', { why: 'gone' }));
    expect(store.state.errors.lab?.code).to.equal('worker-failed');
    await store.restart();
    expect(lab.disposed).to.equal(true);
    expect(store.state.errors).to.deep.equal({});
    expect(store.state.datasets.length).to.equal(1);
  });
});

describe('LabStore, looking', () => {
  let lab: FakeLab;
  let store: LabStore;

  beforeEach(async () => {
    localStorage.clear();
    lab = new FakeLab();
    lab.datasets = [dataset()];
    lab.runs = [run({ id: 'old' }), run({ id: 'new', created: '2026-11-02T00:00:00.000Z' })];
    store = await startedStore(lab);
  });

  const shown = () => until(() => Boolean(store.state.looking?.maps) && store.state.looking?.busy === false, 'maps are shown');

  it('shows the newest model’s first convolution when the place is entered', async () => {
    store.go('look');
    await shown();
    expect(store.state.looking).to.include({ run: 'new', layer: 'conv2d', index: 0, epoch: null });
    expect(store.state.looking!.photo!.index).to.equal(0);
  });

  it('keeps layer and photo from model to model', async () => {
    store.go('look');
    await shown();
    await store.look.main.layer('conv2d_1');
    await store.look.photo(-1);
    expect(store.state.looking).to.include({ layer: 'conv2d_1', index: 399 });
    await store.look.open('old');
    expect(store.state.looking).to.include({ run: 'old', layer: 'conv2d_1', index: 399 });
    expect(lab.calls.at(-1)).to.equal('maps conv2d_1 of 399');
  });

  it('drops an answer that a later question has overtaken', async () => {
    store.go('look');
    await shown();
    await Promise.all([store.look.photo(1), store.look.photo(1), store.look.photo(1)]);
    expect(store.state.looking!.index).to.equal(3);
    expect(store.state.looking!.photo!.index).to.equal(3);
    expect(store.state.looking!.busy).to.equal(false);
  });

  it('closes every bitmap that is no longer shown', async () => {
    store.go('look');
    await shown();
    await Promise.all([store.look.photo(1), store.look.main.layer('conv2d_1'), store.look.photo(1)]);
    await lab.sayMaps('new', 2, 'conv2d_1');
    await lab.sayMaps('old', 2, 'conv2d_1');
    await until(() => store.state.samples.length > 0, 'the samples are there');
    await frame();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const open = lab.bitmaps.filter(({ width }) => width > 0);
    const { looking, samples } = store.state;
    const needed = new Set([looking!.maps!.bitmap, looking!.photo!.bitmap, looking!.cam!.bitmap, ...samples.map(({ bitmap }) => bitmap)]);
    expect(open.length).to.equal(needed.size);
    expect(open.every((bitmap) => needed.has(bitmap))).to.equal(true);
  });

  it('looks into two models beside each other, with one photo, and closes what the second held', async () => {
    store.go('look');
    await shown();
    await store.look.main.layer('conv2d_1');
    await store.look.photo(2);
    await store.look.beside('old');
    expect(store.state.beside).to.include({ run: 'old', layer: 'conv2d_1', index: 2 });
    await store.look.photo(1);
    await store.look.side.layer('conv2d');
    expect([store.state.looking!.index, store.state.beside!.index]).to.deep.equal([3, 3]);
    expect([store.state.looking!.layer, store.state.beside!.layer]).to.deep.equal(['conv2d_1', 'conv2d']);
    const held = [store.state.beside!.photo!.bitmap, store.state.beside!.maps!.bitmap];
    await store.look.beside(null);
    expect(store.state.beside).to.equal(null);
    await frame();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(held.map(({ width }) => width)).to.deep.equal([0, 0]);
    expect(store.state.looking!.photo!.bitmap.width).to.be.above(0);
  });

  it('goes to an epoch that was kept, to the filters, and to where the model looked for another class', async () => {
    lab.epochs = [1, 2, 3];
    store.go('look');
    await shown();
    expect(store.state.looking!.epochs).to.deep.equal([1, 2, 3]);
    await Promise.all([store.look.main.epoch(1), store.look.main.epoch(2), store.look.main.epoch(3)]);
    await shown();
    expect(store.state.looking!.at).to.equal(3);
    await store.look.main.view('filters');
    expect(store.state.looking!.filters!.layer).to.equal('conv2d');
    await store.look.main.look('conv2d', 4);
    expect(store.state.looking!.cam).to.include({ layer: 'conv2d', label: 4 });
    await until(() => store.state.looking!.silence !== null, 'the dead filters are counted');
    expect(store.state.looking!.silence!.photos).to.equal(128);
  });

  it('says what went wrong where the model looked, until it is asked anew', async () => {
    lab.camError = new WinnowError('gpu-failed', { why: 'no such buffer' });
    store.go('look');
    await shown();
    await until(() => store.state.looking!.camFailure !== null, 'the failure is told');
    expect(store.state.looking!.camFailure).to.deep.include({ label: 0, error: toErrorData(lab.camError) });
    expect([store.state.looking!.cam, store.state.errors.look]).to.deep.equal([null, undefined]);
    lab.camError = null;
    await store.look.main.look('conv2d', 4);
    expect(store.state.looking!.camFailure).to.equal(null);
    expect(store.state.looking!.cam).to.include({ label: 4 });
  });

  it('watches a run while it trains, and only while it is looked at', async () => {
    store.train([settings('cnn')]);
    const { id } = lab.runs.at(-1)!;
    store.go('look');
    await shown();
    expect(store.state.looking!.run).to.equal(id);
    expect(lab.watched.at(-1)).to.deep.equal({ run: id, photo: 0, layer: 'conv2d' });
    await lab.sayMaps(id, 2, 'conv2d');
    expect(store.state.looking!.epoch).to.equal(2);
    store.go('data');
    await until(() => lab.watched.at(-1) === null, 'the watch ends');

    store.go('look');
    await until(() => lab.watched.at(-1) !== null, 'it is watched again');
    lab.endTraining({ state: { kind: 'done', result } });
    await until(() => lab.watched.at(-1) === null, 'the watch ends with the run');
    expect(store.state.looking!.epoch, 'the stored best weights').to.equal(null);
  });

  it('looks at nothing once the run is deleted', async () => {
    store.go('look');
    await shown();
    await store.deleteRun('new');
    await until(() => store.state.looking?.run === 'old', 'the other model is shown');
    await store.deleteRun('old');
    await until(() => store.state.looking === null, 'nothing is shown');
  });
});
