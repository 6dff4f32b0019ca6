export interface StoppingState {
  /** From 1; 0 before the first epoch. */
  readonly bestEpoch: number;
  /** The lowest validation loss so far. */
  readonly loss: number;
  /** Epochs since then. */
  readonly waited: number;
}

export const notStopping: StoppingState = { bestEpoch: 0, loss: Infinity, waited: 0 };

/**
 * Keras's EarlyStopping(monitor='val_loss', patience, restore_best_weights=True): the best epoch is the first with the
 * lowest validation loss; training stops once `patience` epochs have passed without a lower one (and never after the first).
 */
export class EarlyStopping {
  /** From 1; 0 before the first epoch. */
  bestEpoch: number;
  private best: number;
  private waited: number;

  /** @param state where the run stands that goes on. */
  constructor(
    private readonly patience: number,
    state: StoppingState = notStopping,
  ) {
    this.bestEpoch = state.bestEpoch;
    this.best = state.loss;
    this.waited = state.waited;
  }

  get state(): StoppingState {
    return { bestEpoch: this.bestEpoch, loss: this.best, waited: this.waited };
  }

  /** @param epoch from 1. Not a number is no improvement. */
  observe(epoch: number, validationLoss: number): { best: boolean; stop: boolean } {
    if (validationLoss < this.best) {
      this.best = validationLoss;
      this.bestEpoch = epoch;
      this.waited = 0;
      return { best: true, stop: false };
    }
    // As Keras does, the first epoch's weights stand and its patience begins, whatever the loss; unlike Keras (test/keras/README.md) a finite loss is better than none.
    if (this.bestEpoch === 0) {
      this.bestEpoch = epoch;
      return { best: true, stop: false };
    }
    this.waited++;
    return { best: false, stop: this.waited >= this.patience };
  }
}
