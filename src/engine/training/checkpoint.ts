import type { EnginePath, TileRates } from '../gpu/index.js';
import type { Weight } from '../graph/types.js';
import { saveCheckpoint, type StoredCheckpoint } from '../storage/checkpoints.js';
import { saveBest } from '../storage/weights.js';
import { toErrorData, type ErrorData } from '../support/errors.js';
import type { AdapterInfo } from '../support/settings.js';
import type { TrainingEngine } from '../gpu/engine.js';
import { Clock } from './clock.js';
import type { RunControl } from './control.js';
import type { FitState } from './fit.js';
import type { SentinelState } from './sentinel.js';

/** What a run's checkpoint holds beside weights and optimiser. Randomness is not in it: every draw comes from seed, purpose, epoch and step. */
export interface RunState {
  readonly fit: FitState;
  readonly sentinel: SentinelState;
  /** What the compiled plan's tiles were chosen by; null on the reference path. Another choice sums in another order. */
  readonly rates: TileRates | null;
  readonly path: EnginePath;
  readonly adapter: AdapterInfo;
  readonly undecodable: readonly string[];
  readonly cost: CheckpointCost;
}

export type RunCheckpoint = StoredCheckpoint<RunState>;

export interface CheckpointCost {
  readonly count: number;
  /** Milliseconds spent on them. */
  readonly spent: number;
  /** Milliseconds trained, they included. */
  readonly trained: number;
}

/** Shares of the time that checkpoints may take: within an epoch less, so that there is enough for the one at its end; then for the last, 3 % in all. */
const SHARE = { step: 0.02, epoch: 0.025 } as const;
/** Assumed until one was written. */
const BYTES_A_MS = 100_000;
const LEAST_MS = 10;

export interface CheckpointsOptions {
  readonly run: string;
  readonly engine: Pick<TrainingEngine, 'readWeights' | 'readOptimizer'>;
  /** Of weights and slots. */
  readonly bytes: number;
  readonly control: RunControl;
  /** Of the run before it was interrupted. */
  readonly cost?: CheckpointCost;
  /** Something was not stored; training goes on. Told once for several in a row. */
  readonly failed: (error: ErrorData) => void;
}

/** Writes a run's checkpoints, as often as {@link SHARE} of the time allows by what they took. */
export class Checkpoints {
  private readonly clock: Clock;
  private count: number;
  private spent: number;
  private expected: number;
  private failing = false;
  /** The best weights since they were last stored. */
  private best: readonly Weight[] | null = null;
  /** Which state is stored, so that the end does not store it again. */
  private stored = '';
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: CheckpointsOptions) {
    const { bytes, control, cost } = options;
    this.clock = new Clock(control, cost?.trained ?? 0);
    this.count = cost?.count ?? 0;
    this.spent = cost?.spent ?? 0;
    this.expected = LEAST_MS + bytes / BYTES_A_MS;
  }

  get cost(): CheckpointCost {
    return { count: this.count, spent: this.spent, trained: this.clock.elapsed };
  }

  /** They are stored with the next checkpoint, which belongs to them. */
  note(best: readonly Weight[]): void {
    this.best = best;
  }

  due(at: 'step' | 'epoch'): boolean {
    return this.spent + this.expected <= SHARE[at] * this.clock.elapsed;
  }

  /** Settles when none is being written. */
  get idle(): Promise<void> {
    return this.writing.catch(() => {});
  }

  /** The GPU is idle, or is waited for. Does not throw where the disk is full, or the memory: what was stored stays. */
  take(state: RunState): Promise<void> {
    return (this.writing = this.write(state));
  }

  private async write(state: RunState): Promise<void> {
    const place = `${state.fit.history.length} ${state.fit.step}`;
    if (place === this.stored) return;
    const { run, engine } = this.options;
    const from = this.clock.elapsed;
    try {
      await this.storeBest();
      await saveCheckpoint(run, state, { weights: () => engine.readWeights(), optimizer: () => engine.readOptimizer() });
      this.stored = place;
      this.count++;
      this.failing = false;
    } catch (error) {
      const data = toErrorData(error);
      if (data.code !== 'disk-full' && data.code !== 'storage-failed' && !(error instanceof RangeError)) throw error;
      if (!this.failing) this.options.failed(data);
      this.failing = true;
    } finally {
      this.expected = this.clock.elapsed - from;
      this.spent += this.expected;
    }
  }

  /** Those that have not been stored yet. @throws 'disk-full' */
  async storeBest(): Promise<void> {
    if (this.best === null) return;
    await saveBest(this.options.run, this.best);
    this.best = null;
  }
}
