import type { RunControl } from './control.js';

/** Time that a run has worked, pauses left out. */
export class Clock {
  private readonly from: number;

  constructor(private readonly control: RunControl) {
    this.from = this.now();
  }

  /** Milliseconds since it was made. */
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
