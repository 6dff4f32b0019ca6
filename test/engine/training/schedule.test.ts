import { expect } from 'chai';
import { createSchedule } from '../../../src/engine/training/schedule.js';

describe('schedules', () => {
  it('constant stays', () => {
    const schedule = createSchedule({ kind: 'constant' }, 0.01, 10, 5);
    schedule.observe(1);
    expect([0, 7, 1000].map((step) => schedule.rate(step))).to.deep.equal([0.01, 0.01, 0.01]);
  });

  it('cosine falls from the rate to alpha of it, as CosineDecay(0.1, 40, alpha=0.1) does', () => {
    const schedule = createSchedule({ kind: 'cosine', alpha: 0.1 }, 0.1, 10, 4);
    // Keras: initial * ((1 - alpha) * 0.5 * (1 + cos(pi * min(step, 40) / 40)) + alpha).
    const keras = [[0, 0.1], [10, 0.08681980515339464], [20, 0.055], [30, 0.02318019484660537], [40, 0.01], [99, 0.01]];
    for (const [step, rate] of keras) expect(schedule.rate(step), `step ${step}`).to.be.closeTo(rate, 1e-12);
  });

  it('steps down after every so many epochs, as ExponentialDecay(staircase=True) does', () => {
    const schedule = createSchedule({ kind: 'step', every: 2, factor: 0.5 }, 0.8, 3, 9);
    expect([0, 5, 6, 11, 12, 18].map((taken) => schedule.rate(taken))).to.deep.equal([0.8, 0.8, 0.4, 0.4, 0.2, 0.1]);
  });

  it('falls on a plateau, as ReduceLROnPlateau(factor=0.5, patience=2, min_lr=0.02) does', () => {
    const schedule = createSchedule({ kind: 'plateau', factor: 0.5, patience: 2, least: 0.02 }, 0.1, 3, 20);
    // An improvement of less than 1e-4 is none; not a number is none; after a fall patience begins anew.
    const losses = [1, 0.9, 0.89995, 0.95, 0.8, NaN, 0.81, 0.9, 0.85, 0.9, 0.9, 0.1];
    const keras = [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.02, 0.02, 0.02, 0.02];
    const rates = losses.map((loss) => {
      schedule.observe(loss);
      return schedule.rate(0);
    });
    rates.forEach((rate, epoch) => expect(rate, `epoch ${epoch + 1}`).to.be.closeTo(keras[epoch], 1e-12));
  });
});
