import { expect } from 'chai';
import { WinnowError } from '../../src/engine/support/errors.js';
import { Training, type TrainingEvent } from '../../src/library/training.js';
import { epoch, run } from '../ui/support/fake-lab.js';

const progress = (step: number): TrainingEvent => ({ type: 'progress', run: 'run-1', epoch: 1, step, steps: 9, loss: 1, accuracy: 0.5, imagesPerSecond: 100, secondsLeft: 1, gpuBytes: 1 });
const epochEnd = (number: number): TrainingEvent => ({ type: 'epoch', run: 'run-1', record: epoch(number), best: true });

describe('a training as an iterable of events', () => {
  function start() {
    let end!: (record: ReturnType<typeof run>) => void;
    let fail!: (error: Error) => void;
    const ended = new Promise<ReturnType<typeof run>>((resolve, reject) => {
      end = resolve;
      fail = reject;
    });
    const training = new Training(ended, { lab: () => Promise.reject(new Error('not asked for')), isActive: () => false });
    return { training, end, fail };
  }
  const told = (events: readonly TrainingEvent[]) => events.map((event) => (event.type === 'progress' ? event.step : event.type === 'epoch' ? `epoch ${event.record.epoch}` : event.type));

  it('hands all on in their order, and ends with the run', async () => {
    const { training, end } = start();
    const heard: TrainingEvent[] = [];
    const loop = (async () => {
      for await (const event of training) heard.push(event);
    })();
    await Promise.resolve();
    for (const event of [progress(1), epochEnd(1), progress(2), epochEnd(2)]) {
      training.hear(event);
      await new Promise((resolve) => setTimeout(resolve));
    }
    end(run());
    await loop;
    expect(told(heard)).to.deep.equal([1, 'epoch 1', 2, 'epoch 2']);
  });

  it('keeps the last of several progresses in a row for whoever is slow, and every epoch', async () => {
    const { training, end } = start();
    const events = training[Symbol.asyncIterator]();
    const first = events.next();
    for (const event of [progress(1), progress(2), progress(3), epochEnd(1), progress(1), progress(2)]) training.hear(event);
    end(run());
    const heard = [(await first).value as TrainingEvent];
    for (let next = await events.next(); !next.done; next = await events.next()) heard.push(next.value);
    expect(told(heard)).to.deep.equal([3, 'epoch 1', 2]);
  });

  it('throws in the loop what the run failed of; one that is left leaves the run alone', async () => {
    const { training, fail } = start();
    const left = (async () => {
      for await (const event of training) if (event.type === 'epoch') break;
    })();
    const failed = (async () => {
      for await (const event of training) void event;
    })();
    await Promise.resolve();
    training.hear(epochEnd(1));
    await left;
    fail(new WinnowError('gpu-missing', { backend: 'webgpu' }));
    const thrown = await failed.then(() => null, (error: unknown) => error);
    expect(thrown).to.be.instanceOf(WinnowError).with.property('code', 'gpu-missing');
    await training.stop();
  });
});
