/**
 * Keras's EarlyStopping(monitor='val_loss', patience, restore_best_weights=True): the best epoch is the first with the
 * lowest validation loss; training stops once `patience` epochs have passed without a lower one (and never after the first).
 */
export class EarlyStopping {
  /** From 1; 0 before the first epoch. */
  bestEpoch = 0;
  private best = Infinity;
  private waited = 0;

  constructor(private readonly patience: number) {}

  /** @param epoch from 1. Not a number is no improvement. */
  observe(epoch: number, validationLoss: number): { best: boolean; stop: boolean } {
    if (validationLoss < this.best) {
      this.best = validationLoss;
      this.bestEpoch = epoch;
      this.waited = 0;
      return { best: true, stop: false };
    }
    this.waited++;
    // As Keras does, the first epoch's weights stand until a finite loss is seen.
    const first = this.bestEpoch === 0;
    if (first) this.bestEpoch = epoch;
    return { best: first, stop: epoch > 1 && this.waited >= this.patience };
  }
}
