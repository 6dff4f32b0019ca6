import type { AdapterInfo } from '../../src/engine/support/settings.js';

/** A model at a size: one row of the table. */
export interface Case {
  readonly model: string;
  readonly size: number;
  readonly batch: number;
  /** Whether jax-js is asked too. */
  readonly jax: boolean;
}

/** Milliseconds of repeated steps. */
export interface Timing {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly steps: number;
}

/** One of those compared: each has its own way to train one and the same batch. */
export interface Subject {
  readonly name: 'ours' | 'tfjs' | 'jax' | 'yardstick';
  /** One training step (of the yardstick: its products), done when the GPU is. */
  step(): Promise<void>;
  dispose(): void;
}

/** What the adapter's speed is measured by, beside everything else. */
export interface Yardstick extends Subject {
  /** Of one step. */
  readonly flops: number;
}

export interface KernelTime {
  readonly kernel: string;
  readonly milliseconds: number;
  /** Of what it carries out; null where memory decides, not arithmetic. */
  readonly gflops: number | null;
}

export interface Row {
  readonly model: string;
  readonly size: number;
  readonly batch: number;
  readonly ms: number;
  readonly tfjsMs: number;
  readonly jaxMs: number | null;
  readonly speedupTfjs: number;
  readonly speedupJax: number | null;
  readonly dispatches: number;
  readonly tfjsDispatches: number;
  readonly jaxDispatches: number | null;
  /** Matrix FLOPs a second in the whole step, over the ceiling's: both in yardsticks, so that the machine's drift is not in it. */
  readonly ceilingShare: number;
  /** The same, without those in the padding that kernels do not carry out. */
  readonly executedShare: number;
  /** Matrix FLOPs a second over the fastest kernel's that ran once and alone, whenever in the run that was. */
  readonly shareOfSingle: number;
  /** GFLOP/s of the yardstick beside the steps. */
  readonly yardstickGflops: number;
  readonly gpuBytes: number;
  readonly predictedBytes: number;
  readonly tfjsGpuBytes: number;
  /** On the thread that enqueues the step, milliseconds. */
  readonly scriptMs: number;
  readonly compileMs: number;
  /** First step over second. */
  readonly firstStep: number;
  readonly timings: { readonly ours: Timing; readonly tfjs: Timing; readonly jax: Timing | null };
  /** The kernels that take longest, each run alone. */
  readonly kernels: readonly KernelTime[];
  /** Matrix FLOPs of a step, and what its kernels take one by one, milliseconds. */
  readonly matrixFlops: number;
  readonly executedFlops: number;
  readonly kernelsMs: number;
}

export interface Memory {
  readonly model: string;
  readonly size: number;
  readonly batch: number;
  readonly gpuBytes: number;
  readonly predictedBytes: number;
  readonly tfjsGpuBytes: number | null;
}

export interface Scaling {
  readonly model: string;
  readonly size: number;
  readonly batches: readonly number[];
  readonly ms: readonly number[];
  /** Slope of log(ms) over log(batch). */
  readonly exponent: number;
}

/** The fastest kernel of the run. */
export interface Ceiling {
  /** At the speed that the machine had in the median of the run. */
  readonly gflops: number;
  readonly gbps: number;
  readonly by: string;
  /** Of the fastest kernel that ran once and alone, whenever in the run that was: handing it over is in its time. */
  readonly singleGflops: number;
  /** Rates in yardsticks; of the tiles' trials with the padding counted in, which makes none of them slower. */
  readonly candidates: Readonly<Record<string, number>>;
}

export interface StepResult {
  readonly suite: 'step';
  readonly created: string;
  readonly quick: boolean;
  readonly adapter: AdapterInfo;
  readonly ceiling: Ceiling;
  readonly rows: readonly Row[];
  readonly memory: readonly Memory[];
  readonly scaling: readonly Scaling[];
  readonly summary: { readonly geometricMeanTfjs: number; readonly leastTfjs: number; readonly leastJax: number };
}
