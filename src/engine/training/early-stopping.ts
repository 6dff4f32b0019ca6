/**
 * Keras's EarlyStopping(monitor='val_loss', patience, restore_best_weights=True): the best epoch is the first with the
 * lowest validation loss; training stops once `patience` epochs have passed without a lower one (and never after the first).
 */
export class EarlyStopping {
  /** From 1; 0 before the first epoch. */
  bestEpoch: number;
  private best: number;
  private waited = 0;

  /** @param before the best of a run that is continued: its patience begins anew. */
  constructor(
    private readonly patience: number,
    before: { readonly epoch: number; readonly loss: number } = { epoch: 0, loss: Infinity },
  ) {
    this.bestEpoch = before.epoch;
    this.best = before.loss;
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
