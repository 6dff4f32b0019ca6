import type { CompiledEngine } from '../../src/engine/gpu/compiled/engine.js';
import { median } from '../../src/engine/training/clock.js';
import { timed, yardsticksOf } from './measure.js';
import type { KernelTime, Yardstick } from './types.js';

/** How many of a model's kernels are timed once more. */
const CONTENDERS = 6;
/** So long is one sample of theirs, as long as the steps that the ceiling judges: a short one may slip between two disturbances. */
const SAMPLE_MILLISECONDS = 100;

export interface KernelTimes {
  readonly kernels: readonly KernelTime[];
  /** The rates of the fastest, in yardsticks, by the kernel's name. */
  readonly fastest: Readonly<Record<string, number>>;
}

/** A rate is of what was carried out: a kernel that leaves the padding out is no faster for it. */
export const executedFlops = ({ flops, skippedFlops = 0 }: CompiledEngine['kernels'][number]): number => flops - skippedFlops;

/**
 * Times every kernel of a step alone, and those with the highest rates once more: of a hundred, one always had luck, and the luckiest would
 * be the ceiling.
 */
export async function timeKernels(engine: CompiledEngine, rounds: number, yardstick: Yardstick): Promise<KernelTimes> {
  const samples: number[][] = engine.kernels.map(() => []);
  const units: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [index, times] of samples.entries()) times.push(await engine.timeKernel(index, 1));
    units.push(await timed(() => yardstick.step()));
  }
  const first = engine.kernels.map((kernel, index) => {
    const flops = executedFlops(kernel);
    return { index, flops, milliseconds: median(samples[index]), yardsticks: yardsticksOf(flops, samples[index], yardstick, units) };
  });
  const contenders = first.toSorted((a, b) => b.yardsticks - a.yardsticks).slice(0, CONTENDERS);
  const fastest: Record<string, number> = {};
  for (const { index, flops, milliseconds } of contenders) {
    const repeats = Math.ceil(SAMPLE_MILLISECONDS / milliseconds);
    const again: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < 2 * rounds; round++) {
      again.push((await engine.timeKernel(index, repeats)) / repeats);
      beside.push(await timed(() => yardstick.step()));
    }
    fastest[engine.kernels[index].label] = yardsticksOf(flops, again, yardstick, beside);
  }
  const kernels = first.map(({ index, flops, milliseconds }) => ({ kernel: engine.kernels[index].label, milliseconds, gflops: flops === 0 ? null : flops / milliseconds / 1e6 }));
  return { kernels, fastest };
}
