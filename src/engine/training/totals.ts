import type { StepSums } from '../gpu/engine.js';
import { WinnowError } from '../support/errors.js';

/** Sums of an epoch so far. */
export class Totals {
  images = 0;
  private lossSum = 0;
  private correct = 0;

  get loss(): number {
    return this.lossSum / this.images;
  }

  get accuracy(): number {
    return this.correct / this.images;
  }

  /** @param taken steps of the engine's life. @param step of the epoch. @throws 'not-finite' */
  add(sums: StepSums, taken: number, step: number, epoch: number): void {
    if (sums.firstBadStep !== null) throw new WinnowError('not-finite', { epoch, step: step - (taken - sums.firstBadStep) });
    this.images += sums.images;
    this.lossSum += sums.loss;
    this.correct += sums.correct;
  }
}

/** Images a second of late, smoothed. */
export class Rate {
  perSecond = 0;
  private images = 0;
  private ms = 0;

  note(images: number, ms: number): void {
    if (ms <= this.ms) return;
    const now = ((images - this.images) * 1000) / (ms - this.ms);
    this.perSecond = this.perSecond === 0 ? now : 0.7 * this.perSecond + 0.3 * now;
    this.images = images;
    this.ms = ms;
  }
}
