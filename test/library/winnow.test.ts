import { expect } from 'chai';
import { Winnow, type DatasetRecord, type TrainingEvent } from '../../src/library/index.js';

describe('the headless API', () => {
  const winnow = new Winnow();
  let rice: DatasetRecord;
  const settings = { arch: 'cnn-light', size: 32, batch: 16, epochs: 2 };

  before(async () => {
    rice = await winnow.importDataset({ kind: 'synthetic', images: 60, seed: 3 });
  });
  after(async () => {
    await winnow.deleteDataset(rice);
    winnow.close();
  });

  it('imports with progress, and not what was aborted before', async () => {
    const told: number[] = [];
    const other = await winnow.importDataset({ kind: 'synthetic', images: 50, seed: 4 }, { onProgress: ({ done }) => told.push(done) });
    expect(told.at(-1)).to.equal(50);
    await winnow.deleteDataset(other.id);
    const stopping = AbortSignal.abort(new Error('not wanted'));
    expect(await winnow.importDataset('sample', { signal: stopping }).catch((error: Error) => error.message)).to.equal('not wanted');
    expect((await winnow.datasets()).map(({ id }) => id)).to.deep.equal([rice.id]);
  });

  it('trains, evaluates and classifies', async () => {
    const training = winnow.train(rice, settings);
    const events: TrainingEvent[] = [];
    for await (const event of training) events.push(event);
    const run = await training.ended;
    expect(run.state.kind).to.equal('done');
    expect(events.flatMap((event) => (event.type === 'epoch' ? [event.record.epoch] : []))).to.deep.equal([1, 2]);
    const last = events.findLast((event) => event.type === 'run');
    expect(last?.run.state.kind).to.equal('done');

    const { validation } = await winnow.evaluate(run, rice);
    const result = run.state.kind === 'done' ? run.state.result : null;
    expect(validation.accuracy).to.equal(result?.validation.accuracy);

    const classifier = await winnow.classifier(run);
    expect(classifier.model.classes).to.deep.equal(rice.classes);
    const canvas = new OffscreenCanvas(40, 40);
    canvas.getContext('2d')!.fillRect(5, 5, 20, 20);
    const { top } = await classifier.classify(await canvas.convertToBlob());
    expect(top.reduce((sum, { probability }) => sum + probability, 0)).to.be.closeTo(1, 1e-4);
    classifier.close();
    await winnow.deleteRun(run);
  });

  it('keeps a run that is aborted as stopped, and goes on with the next', async () => {
    const stopping = new AbortController();
    const training = winnow.train(rice, { ...settings, epochs: 50 }, { signal: stopping.signal });
    const next = winnow.train(rice, { ...settings, epochs: 1 });
    const thrown = await (async () => {
      for await (const event of training) if (event.type === 'progress') stopping.abort(new Error('enough'));
    })().catch((error: Error) => error.message);
    expect(thrown).to.equal('enough');
    expect((await next.ended).state.kind).to.equal('done');
    expect((await winnow.runs()).map(({ state }) => state.kind).sort()).to.deep.equal(['done', 'stopped']);
  });

  it('says what is wrong', async () => {
    const thrown = await winnow.train('nowhere', settings).ended.catch((error: { code: string }) => error.code);
    expect(thrown).to.equal('dataset-missing');
    expect(await winnow.train(rice, { ...settings, arch: 'resnet' }).ended.catch((error: { code: string }) => error.code)).to.equal('arch-unknown');
  });
});
