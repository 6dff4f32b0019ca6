import type { TrainingEngine } from '../engine/gpu/engine.js';
import type { Weight } from '../engine/graph/types.js';
import { WinnowError } from '../engine/support/errors.js';

/** Bytes of weights that are kept, of all runs together. */
const BUDGET = 256 * 2 ** 20;
/** A run keeps at least so many epochs, or none: two stills are no film. */
const LEAST_FRAMES = 4;

/**
 * The weights of a run after each of its epochs, so that one sees its filters form. Weights rather than painted maps: any layer of
 * any photo can be asked for afterwards, and a small network's are smaller than one layer's maps. They live in memory, for as long as
 * the worker does, and within a budget: where there are too many, every second one in the fullest stretch goes, the first and the
 * last stay; of a network too large for four, none is kept.
 */
export class Film {
  /** By run, oldest first; within one by epoch. */
  private readonly runs = new Map<string, Map<number, readonly Weight[]>>();

  constructor(private readonly budget = BUDGET) {}

  /**
   * The engine's weights as of this call, which the next step may already be changing.
   * @param bytes of its weights.
   */
  async take(run: string, epoch: number, engine: Pick<TrainingEngine, 'readWeights'>, bytes: number): Promise<void> {
    if (bytes * LEAST_FRAMES > this.budget) return;
    const frames = this.runs.get(run) ?? new Map<number, readonly Weight[]>();
    this.runs.set(run, frames);
    const weights = await engine.readWeights();
    // The run may have been deleted meanwhile.
    if (this.runs.get(run) !== frames) return;
    frames.set(epoch, weights);
    this.fit(run);
  }

  epochs(run: string): number[] {
    return [...(this.runs.get(run)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** @throws 'call-invalid' where that epoch was not kept. */
  weights(run: string, epoch: number): readonly Weight[] {
    const weights = this.runs.get(run)?.get(epoch);
    if (!weights) throw new WinnowError('call-invalid', { why: `epoch ${epoch} of this run was not kept` });
    return weights;
  }

  forget(run: string): void {
    this.runs.delete(run);
  }

  /** Older runs go first; then the run itself is thinned. */
  private fit(run: string): void {
    while (this.bytes() > this.budget) {
      const oldest = [...this.runs].find(([id, frames]) => id !== run && frames.size > 0);
      if (oldest) oldest[1].clear();
      else this.thin(this.runs.get(run)!);
    }
  }

  /** The frame goes whose neighbours are the nearest to each other. */
  private thin(frames: Map<number, readonly Weight[]>): void {
    const epochs = [...frames.keys()].sort((a, b) => a - b);
    let least = 1;
    for (let i = 1; i < epochs.length - 1; i++) if (epochs[i + 1] - epochs[i - 1] < epochs[least + 1] - epochs[least - 1]) least = i;
    frames.delete(epochs[least]);
  }

  private bytes(): number {
    let sum = 0;
    for (const frames of this.runs.values()) for (const weights of frames.values()) sum += bytesOf(weights);
    return sum;
  }
}

function bytesOf(weights: readonly Weight[]): number {
  return weights.reduce((sum, { data }) => sum + data.byteLength, 0);
}
