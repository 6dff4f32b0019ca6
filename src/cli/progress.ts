import { formatAccuracy, formatInteger, formatSeconds } from '../engine/comparison/format.js';
import type { PageEvent } from './page-api.js';

/** Where a line of progress goes: process.stderr. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const plainLineEveryMs = 10_000;

/**
 * Progress on stderr: on a terminal one line that is written over; elsewhere plain lines, at most one in ten seconds
 * of what only moves.
 */
export class Progress {
  private live = false;
  private lastPlain = -Infinity;

  constructor(
    private readonly stream: ProgressStream,
    private readonly quiet: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** A line that stays. */
  note(text: string): void {
    if (this.quiet) return;
    this.clear();
    this.stream.write(`${text}\n`);
  }

  /** A line that the next one replaces. */
  move(text: string): void {
    if (this.quiet) return;
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[2K${text.slice(0, (this.stream.columns ?? 80) - 1)}`);
      this.live = true;
    } else if (this.now() - this.lastPlain >= plainLineEveryMs) {
      this.lastPlain = this.now();
      this.stream.write(`${text}\n`);
    }
  }

  clear(): void {
    if (this.live) this.stream.write('\r\x1b[2K');
    this.live = false;
  }

  /** @param arch what is trained now. */
  show(event: PageEvent, arch: string): void {
    switch (event.type) {
      case 'import-progress':
        return this.move(`importing ${event.done} of ${event.total} images, ${rate(event.imagesPerSecond)}${left(event.secondsLeft)}`);
      case 'stage':
        return this.move(`${arch}: ${event.stage}${event.share === undefined ? '' : ` ${Math.round(event.share * 100)} %`} …`);
      case 'progress':
        return this.move(
          `${arch}: epoch ${event.epoch}, step ${event.step} of ${event.steps}, loss ${event.loss.toFixed(4)}, accuracy ${event.accuracy.toFixed(4)}, ${rate(event.imagesPerSecond)}${left(event.secondsLeft)}`,
        );
      case 'epoch': {
        const { epoch, loss, accuracy, valLoss, valAccuracy, seconds } = event.record;
        return this.note(
          `${arch}: epoch ${epoch}: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}, validation loss ${valLoss.toFixed(4)}, accuracy ${valAccuracy.toFixed(4)}, ${formatSeconds(seconds)}${event.best ? ', best so far' : ''}`,
        );
      }
      case 'advice': {
        const { what, remedy } = event.advice.notice;
        return this.note(`${arch}: ${what} ${remedy}`);
      }
      case 'making':
        return this.note(`${arch}: making ${event.name}`);
      case 'attempt': {
        const { relativeCost, costs, validation, perturbed, good, kept } = event.attempt;
        return this.note(
          `${arch}: cut ${event.place}: ${(100 * relativeCost).toFixed(1)} % of the cost, ${formatInteger(costs.params)} params, validation accuracy ${formatAccuracy(validation.accuracy)}, perturbed ${formatAccuracy(perturbed)}, ${good ? 'good' : kept ? 'nearly as good' : 'not as good'}`,
        );
      }
      case 'role':
        return event.role === 'watching' ? this.note(`${arch}: it is trained elsewhere, and watched here`) : undefined;
      case 'notice':
        return this.note(`${arch}: ${event.error.code}: ${event.error.what} ${event.error.remedy}`);
    }
  }
}

const rate = (imagesPerSecond: number) => `${imagesPerSecond < 10 ? imagesPerSecond.toFixed(1) : Math.round(imagesPerSecond)} images/s`;
const left = (seconds: number) => (Number.isFinite(seconds) && seconds > 0 ? `, ${formatSeconds(seconds)} left` : '');
