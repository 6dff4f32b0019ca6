import { expect } from 'chai';
import { constantLoss, resolveLoss } from '../../../src/engine/training/loss.js';
import { expectError } from '../data/photos.js';

const plain = { labelSmoothing: 0, classWeights: null };

describe('the loss of a run', () => {
  it('balances classes as scikit-learn does', () => {
    // compute_class_weight('balanced', classes=[0, 1, 2], y=[0] * 10 + [1] * 20 + [2] * 30)
    const { classWeights } = resolveLoss({ labelSmoothing: 0.1, classWeights: 'balanced' }, [10, 20, 30]);
    [2, 1, 2 / 3].forEach((weight, label) => expect(classWeights![label]).to.be.closeTo(weight, 1e-12));
  });

  it('takes a weight for each class, no more and no fewer', async () => {
    expect(resolveLoss({ labelSmoothing: 0, classWeights: [1, 2] }, [5, 5])).to.deep.equal({ labelSmoothing: 0, classWeights: [1, 2] });
    await expectError('settings-invalid', (async () => resolveLoss({ labelSmoothing: 0, classWeights: [1, 2, 3] }, [5, 5]))());
  });

  it('knows what the best answer that does not look costs', () => {
    expect(constantLoss(plain, [7, 7, 7, 7, 7])).to.be.closeTo(Math.log(5), 1e-12);
    expect(constantLoss(plain, [90, 10])).to.be.closeTo(-0.9 * Math.log(0.9) - 0.1 * Math.log(0.1), 1e-12);
    const balanced = resolveLoss({ labelSmoothing: 0, classWeights: 'balanced' }, [90, 10]);
    expect(constantLoss(balanced, [90, 10])).to.be.closeTo(Math.log(2), 1e-12);
    expect(constantLoss({ labelSmoothing: 0.2, classWeights: null }, [5, 5])).to.be.closeTo(Math.log(2), 1e-12);

    // No constant answer does better.
    const loss = { labelSmoothing: 0.1, classWeights: [1, 3] };
    const counts = [30, 20];
    const costOf = (p: number) => {
      const nats = [-Math.log(p), -Math.log(1 - p)];
      return counts.reduce((sum, count, label) => sum + (count / 50) * loss.classWeights[label] * (0.95 * nats[label] + 0.05 * nats[1 - label]), 0);
    };
    const least = Math.min(...Array.from({ length: 999 }, (_, i) => costOf((i + 1) / 1000)));
    expect(constantLoss(loss, counts)).to.be.closeTo(least, 1e-5);
  });
});
