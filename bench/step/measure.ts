import { median } from '../../src/engine/training/clock.js';
import type { Subject, Timing, Yardstick } from './types.js';

export function summarise(times: readonly number[]): Timing {
  return { median: median(times), least: Math.min(...times), most: Math.max(...times), steps: times.length };
}

/** How many times the yardstick's rate work has: the median over runs that the yardstick followed at once. */
export function yardsticksOf(flops: number, times: readonly number[], yardstick: Yardstick, yardstickTimes: readonly number[]): number {
  return (flops / yardstick.flops) * median(times.map((milliseconds, index) => yardstickTimes[index] / milliseconds));
}

export interface Schedule {
  readonly subject: Subject;
  /** Steps before those that count. */
  readonly warm: number;
  readonly steps: number;
}

/** Times subjects turn by turn, so that what disturbs the machine disturbs all of them. Steps are spread over the rounds of the longest. */
export async function interleave(schedules: readonly Schedule[]): Promise<Map<Subject, number[]>> {
  const times = new Map<Subject, number[]>(schedules.map(({ subject }) => [subject, []]));
  for (const { subject, warm } of schedules) for (let i = 0; i < warm; i++) await subject.step();
  const rounds = Math.max(...schedules.map(({ steps }) => steps));
  for (let round = 0; round < rounds; round++) {
    for (const { subject, steps } of schedules) {
      // Evenly: subject takes part where its share of the rounds goes up.
      if (Math.floor(((round + 1) * steps) / rounds) === Math.floor((round * steps) / rounds)) continue;
      times.get(subject)!.push(await timed(() => subject.step()));
    }
  }
  return times;
}

export async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Counts dispatches of every device in this realm while `work` runs. */
export async function countDispatches(work: () => Promise<void>): Promise<number> {
  const { prototype } = GPUComputePassEncoder;
  const original = prototype.dispatchWorkgroups;
  let count = 0;
  prototype.dispatchWorkgroups = function dispatchWorkgroups(...size) {
    count++;
    return original.apply(this, size);
  };
  try {
    await work();
  } finally {
    prototype.dispatchWorkgroups = original;
  }
  return count;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Least-squares slope of log y over log x. */
export function exponent(x: readonly number[], y: readonly number[]): number {
  const lx = x.map(Math.log);
  const ly = y.map(Math.log);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(lx), mean(ly)];
  return lx.reduce((sum, value, i) => sum + (value - mx) * (ly[i] - my), 0) / lx.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}
