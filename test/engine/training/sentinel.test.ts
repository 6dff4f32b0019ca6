import { expect } from 'chai';
import type { EpochRecord } from '../../../src/engine/storage/records.js';
import { Sentinel, type SentinelOptions } from '../../../src/engine/training/sentinel.js';

const LN5 = Math.log(5);

/** Training photos are evaluated well five times, then badly. */
function lateLag(): NonNullable<SentinelOptions['evaluateTrain']> {
  let asked = 0;
  return async () => (++asked > 5 ? { loss: 4, accuracy: 0.2 } : { loss: 0.1, accuracy: 0.99 });
}

/** Codes by epoch of what a sentinel says to a history of [loss, accuracy, valLoss, valAccuracy]. */
async function said(history: readonly (readonly [number, number, number, number])[], options: Partial<SentinelOptions> = {}): Promise<string[]> {
  const sentinel = new Sentinel({ constantLoss: LN5, steps: 50, evaluateTrain: null, ...options });
  const all: string[] = [];
  for (const [i, [loss, accuracy, valLoss, valAccuracy]] of history.entries()) {
    const record: EpochRecord = { epoch: i + 1, loss, accuracy, valLoss, valAccuracy, seconds: 1, imagesPerSecond: 1 };
    for (const { epoch, notice } of await sentinel.observe(record)) all.push(`${epoch} ${notice.code}`);
  }
  return all;
}

describe('sentinel', () => {
  it('says nothing of a run that goes well', async () => {
    expect(await said([[1.5, 0.3, 1.3, 0.45], [0.9, 0.65, 0.8, 0.7], [0.4, 0.88, 0.5, 0.82], [0.2, 0.95, 0.4, 0.86], [0.1, 0.98, 0.4, 0.86]])).to.deep.equal([]);
  });

  it('notices by the second epoch a loss that stays at what not looking costs, and says it once', async () => {
    expect(await said([[1.62, 0.2, 1.61, 0.2], [1.61, 0.2, 1.61, 0.2], [1.609, 0.2, 1.61, 0.2]])).to.deep.equal(['2 not-learning']);
    // Of three steps an epoch nothing can be told before the seventh.
    const slow = Array.from({ length: 8 }, () => [1.61, 0.2, 1.61, 0.2] as const);
    expect(await said(slow, { steps: 3 })).to.deep.equal(['7 not-learning']);
    expect(await said([[1.6, 0.2, 1.6, 0.2], [1.5, 0.3, 1.5, 0.3]])).to.deep.equal([]);
  });

  it('notices when validation stays behind training, not when it does so once', async () => {
    expect(await said([[1, 0.6, 1.1, 0.55], [0.5, 0.85, 1, 0.6], [0.2, 0.95, 1.2, 0.6], [0.1, 0.99, 1.4, 0.6]])).to.deep.equal(['3 overfitting']);
    expect(await said([[1, 0.6, 1.1, 0.55], [0.5, 0.85, 1, 0.6], [0.3, 0.9, 0.4, 0.88]])).to.deep.equal([]);
  });

  it('tells batch norm that lags from overfitting, by evaluating training photos', async () => {
    const history = [[1, 0.6, 4, 0.2], [0.5, 0.85, 4, 0.2], [0.2, 0.95, 4, 0.2], [0.1, 0.98, 4, 0.2], [0.1, 0.98, 4, 0.2]] as const;
    const lagging = async () => ({ loss: 4, accuracy: 0.2 });
    expect(await said(history, { evaluateTrain: lagging })).to.deep.equal(['1 batch-norm-apart']);
    const caughtUp = async () => ({ loss: 0.1, accuracy: 0.99 });
    expect(await said(history, { evaluateTrain: caughtUp })).to.deep.equal(['2 overfitting']);
    let evaluations = 0;
    await said(history, { steps: 200, evaluateTrain: async () => (evaluations++, { loss: 0.1, accuracy: 0.99 }) });
    expect(evaluations, 'only the first epochs are watched').to.equal(3);
    // Of few steps an epoch, for longer.
    expect(await said([...history.map(([loss, accuracy]) => [loss, accuracy, loss, accuracy] as const), [0.1, 0.99, 4, 0.2]], { steps: 4, evaluateTrain: lateLag() })).to.deep.equal(['6 batch-norm-apart']);
  });
});
