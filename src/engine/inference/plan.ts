import type { LayerGraph } from '../graph/types.js';
import { Forward, transient, type Lasting } from '../gpu/compiled/forward.js';
import { STEP_BYTES, whole, type Kernel, type Memory } from '../gpu/compiled/kernel.js';
import { softmax } from '../gpu/compiled/kernels/loss.js';
import { normalisePixels } from '../gpu/compiled/kernels/pixels.js';
import { lower } from '../gpu/compiled/lowering.js';
import { lastingMemories, planMemory, type Slot } from '../gpu/compiled/memory-planner.js';
import type { TileRates } from '../gpu/compiled/tiles.js';
import { viewOf, type View } from '../gpu/compiled/views.js';
import { layOutWeights, type ArenaName, type Arenas } from '../gpu/compiled/weights.js';

/** The dispatches that answer for `images` photos. */
export interface Program {
  readonly images: number;
  readonly kernels: readonly Kernel[];
  readonly probabilities: View;
}

/** The forward half of the compiled plan: no gradient, no optimiser, no loss. */
export interface InferencePlan {
  readonly arenas: Arenas;
  readonly memories: Readonly<Record<ArenaName | 'pixels' | 'step', Memory>>;
  /** For one photo, and for a batch; the same where the batch is one. */
  readonly one: Program;
  readonly many: Program;
  readonly lasting: readonly Memory[];
  readonly slots: readonly Slot[];
}

export function planInference(graph: LayerGraph, batch: number, rates: TileRates): InferencePlan {
  const arenas = layOutWeights(graph);
  const lasting = (label: string, bytes: number): Memory => ({ label, bytes, lasting: true });
  const arena = (name: ArenaName): Memory => lasting(`${name} weights`, arenas.lengths[name] * 4);
  const memories = {
    learning: arena('learning'),
    moving: arena('moving'),
    fixed: arena('fixed'),
    pixels: lasting('pixels', Math.ceil((batch * graph.input[0] * graph.input[1] * graph.input[2]) / 4) * 4),
    step: lasting('step', STEP_BYTES),
  };
  // Only training asks for the batch's own statistics.
  const all: Lasting = { ...memories, batchStatistics: memories.moving, step: whole(memories.step) };
  const lowering = lower(graph, true, false);
  const program = (images: number): Program => {
    const forward = new Forward(lowering, arenas, all, rates, images, null, `${images}`);
    forward.kernels.push(normalisePixels(whole(memories.pixels), all.step, forward.view(graph.layers[0].name)));
    forward.run();
    const logits = forward.view(lowering.logits);
    const probabilities = viewOf(transient(`${images} probabilities`, images * logits.channels.quads * 16), images, [1, 1], logits.channels);
    return { images, probabilities, kernels: [...forward.kernels, softmax('probabilities', logits, probabilities, graph.classes)] };
  };
  const one = program(1);
  const many = batch === 1 ? one : program(batch);
  const kernels = many === one ? one.kernels : [...one.kernels, ...many.kernels];
  // What was computed last is copied out after the program has ended.
  const ends = new Map([[one.probabilities.memory, one.kernels.length - 1], [many.probabilities.memory, kernels.length - 1]]);
  return { arenas, memories, one, many, lasting: lastingMemories(kernels), slots: planMemory(kernels, ends) };
}
