import { Purpose, Random } from '../../src/engine/support/random.js';

/** `held` of `times` did, `lost` did not; `worst` is the worst number that was measured, in words. */
export interface Row {
  readonly fault: string;
  readonly times: number;
  readonly held: number;
  readonly lost: number;
  readonly worst: string;
}

export type Size = 'full' | 'quick' | 'short';

export interface Fault {
  readonly name: string;
  readonly times: Readonly<Record<Size, number>>;
  /** What `worst` is of. */
  readonly unit: string;
  /**
   * One time. @returns the number to be told, the larger the worse; null where there is none.
   * @throws where something did not hold.
   */
  once(random: Random, size: Size): Promise<number | null>;
}

/** Does a fault again and again; what did not hold is said on stderr, with the seed that does it again. */
export async function endure(fault: Fault, size: Size, seed: number): Promise<Row> {
  const times = fault.times[size];
  let held = 0;
  let worst: number | null = null;
  const from = performance.now();
  for (let time = 0; time < times; time++) {
    try {
      const number = await fault.once(new Random(seed, Purpose.sample, time), size);
      if (number !== null) worst = Math.max(worst ?? -Infinity, number);
      held++;
    } catch (error) {
      process.stderr.write(`${fault.name}, time ${time} of seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n`);
      if (process.env.WINNOW_DEBUG) console.error(error);
    }
  }
  const seconds = ((performance.now() - from) / 1000).toFixed(0);
  process.stderr.write(`${fault.name}: ${held} of ${times} held, in ${seconds} s\n`);
  return { fault: fault.name, times, held, lost: times - held, worst: worst === null ? '' : `${worst.toFixed(worst < 10 ? 2 : 0)} ${fault.unit}` };
}
