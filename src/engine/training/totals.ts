import type { StepSums } from '../gpu/engine.js';
import { WinnowError } from '../support/errors.js';

export type EpochSums = Pick<StepSums, 'images' | 'loss' | 'correct'>;

export const noSums: EpochSums = { images: 0, loss: 0, correct: 0 };

/** Sums of an epoch so far. */
export class Totals {
  images: number;
  private lossSum: number;
  private correct: number;

  constructor({ images, loss, correct }: EpochSums = noSums) {
    this.images = images;
    this.lossSum = loss;
    this.correct = correct;
  }

  get sums(): EpochSums {
    return { images: this.images, loss: this.lossSum, correct: this.correct };
  }

  get loss(): number {
    return this.lossSum / this.images;
  }

  get accuracy(): number {
    return this.correct / this.images;
  }

  /** @param taken steps of the engine's life. @param step of the epoch. @throws 'not-finite' */
  add(sums: StepSums, taken: number, step: number, epoch: number): void {
    if (sums.firstBadStep !== null) throw new NotFinite(epoch, step - (taken - sums.firstBadStep));
    this.images += sums.images;
    this.lossSum += sums.loss;
    this.correct += sums.correct;
  }
}

/** A loss or gradient was not finite: at `step`, from 1, of `epoch`. The run finds out where it began. */
export class NotFinite extends WinnowError {
  constructor(readonly epoch: number, readonly step: number, layer = 'not known') {
    super('not-finite', { epoch, step, layer });
  }
}

/** Images a second of late, smoothed. */
export class Rate {
  perSecond = 0;

  constructor(private images = 0, private ms = 0) {}

  note(images: number, ms: number): void {
    if (ms <= this.ms) return;
    const now = ((images - this.images) * 1000) / (ms - this.ms);
    this.perSecond = this.perSecond === 0 ? now : 0.7 * this.perSecond + 0.3 * now;
    this.images = images;
    this.ms = ms;
  }
}
