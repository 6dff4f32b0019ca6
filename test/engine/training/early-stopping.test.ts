import { expect } from 'chai';
import { EarlyStopping } from '../../../src/engine/training/early-stopping.js';

/** Epochs taken and the best of them, on a history of validation losses. */
function follow(patience: number, losses: readonly number[]): { epochs: number; best: number } {
  const stopping = new EarlyStopping(patience);
  for (const [index, loss] of losses.entries()) {
    if (stopping.observe(index + 1, loss).stop) return { epochs: index + 1, best: stopping.bestEpoch };
  }
  return { epochs: losses.length, best: stopping.bestEpoch };
}

describe('early stopping', () => {
  const losses = [0.9, 0.5, 0.6, 0.4, 0.45, 0.4, 0.41, 0.3];
  it('waits as long as it has patience, and a loss that is only equal is no improvement', () => {
    expect(follow(1, losses)).to.deep.equal({ epochs: 3, best: 2 });
    expect(follow(2, losses)).to.deep.equal({ epochs: 6, best: 4 });
    expect(follow(3, losses)).to.deep.equal({ epochs: 7, best: 4 });
    expect(follow(4, losses)).to.deep.equal({ epochs: 8, best: 8 });
  });

  it('with patience 0 stops at the first epoch that is no better', () => {
    expect(follow(0, losses)).to.deep.equal({ epochs: 3, best: 2 });
  });

  it('takes what is no number for no improvement, yet keeps the first epoch where there is none better', () => {
    expect(follow(3, [NaN, NaN, NaN, NaN, NaN])).to.deep.equal({ epochs: 4, best: 1 });
    expect(follow(3, [NaN, 2, NaN, NaN, NaN])).to.deep.equal({ epochs: 5, best: 2 });
    expect(follow(1, [NaN, 1])).to.deep.equal({ epochs: 2, best: 2 });
  });
});
