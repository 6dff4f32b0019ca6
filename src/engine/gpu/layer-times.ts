import type { LayerGraph } from '../graph/types.js';
import { CompiledEngine } from './compiled/engine.js';
import type { TrainingEngine } from './engine.js';

/** Rounds of which the fastest counts. */
const ROUNDS = 3;

/**
 * Milliseconds of each layer's kernels in one training step, forward and backward, each kernel run alone. Null of an engine that is not
 * compiled. Leaves the engine's weights in an undefined state.
 */
export async function layerTimes(engine: TrainingEngine, graph: LayerGraph): Promise<ReadonlyMap<string, number> | null> {
  if (!(engine instanceof CompiledEngine)) return null;
  const times = await engine.timeKernels(ROUNDS);
  const layers = new Set(graph.layers.map(({ name }) => name));
  const sums = new Map<string, number>();
  for (const [index, { label }] of engine.kernels.entries()) {
    // A kernel's label begins with its layer's name.
    const layer = label.split(' ', 1)[0];
    if (layers.has(layer)) sums.set(layer, (sums.get(layer) ?? 0) + times[index]);
  }
  return sums;
}
