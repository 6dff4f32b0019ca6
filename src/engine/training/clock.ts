import type { RunControl } from './control.js';

/** Time that a run has worked, pauses left out. */
export class Clock {
  private readonly from: number;

  /** @param before milliseconds that it shows at once: of a run that goes on. */
  constructor(private readonly control: RunControl, before = 0) {
    this.from = this.now() - before;
  }

  /** Milliseconds since it was made, and before. */
  get elapsed(): number {
    return this.now() - this.from;
  }

  private now(): number {
    return performance.now() - this.control.pausedMs;
  }
}

/** Middle value; mean of the two of an even number; 0 of none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
