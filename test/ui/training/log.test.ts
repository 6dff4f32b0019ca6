import { expect } from 'chai';
import { kerasLog } from '../../../src/ui/training/log.js';
import { result, run } from '../support/runs.js';

describe('the log', () => {
  it('says an epoch as fit(verbose=2) does', () => {
    const lines = kerasLog(run('a', { history: [{ epoch: 3, loss: 0.0213456, accuracy: 0.99349, valLoss: 0.00004123, valAccuracy: 1, seconds: 12.4, imagesPerSecond: 77 }] }));
    expect(lines).to.deep.equal(['Epoch 3/20', '30/30 - 12s - 413ms/step - accuracy: 0.9935 - loss: 0.0213 - val_accuracy: 1.0000 - val_loss: 4.1230e-05']);
  });

  it('says how EarlyStopping ended it', () => {
    const lines = kerasLog(run('a', { state: { kind: 'done', result: result(0.9, 0.8, { bestEpoch: 4 }) } }));
    expect(lines.slice(-2)).to.deep.equal(['Epoch 5: early stopping', 'Restoring model weights from the end of the best epoch: 4.']);
  });
});
