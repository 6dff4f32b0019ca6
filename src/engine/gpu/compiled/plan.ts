import type { LayerGraph, Shape } from '../../graph/types.js';
import type { LossSettings, OptimizerSettings } from '../../support/settings.js';
import { slotNames } from '../slots.js';
import { Backward } from './backward.js';
import { Forward, transient, type Lasting } from './forward.js';
import { STEP_BYTES, whole, type Kernel, type Memory } from './kernel.js';
import { moveStatistics } from './kernels/batch-norm.js';
import { FLAGS_BYTES, softmax, softmaxCrossEntropy, SUMS_BYTES } from './kernels/loss.js';
import { guard } from './kernels/guard.js';
import { optimize } from './kernels/optimizer.js';
import { normalisePixels } from './kernels/pixels.js';
import { lower } from './lowering.js';
import { lastingMemories, planMemory, type Slot } from './memory-planner.js';
import type { TileRates } from './tiles.js';
import { viewOf, type View } from './views.js';
import { layOutWeights, type Arenas } from './weights.js';

export interface PlanOptions {
  readonly graph: LayerGraph;
  readonly batch: number;
  readonly optimizer: OptimizerSettings;
  readonly loss: LossSettings;
  readonly seed: number;
}

/** Everything that an engine does on the GPU, laid out but not allocated. */
export interface Plan {
  readonly arenas: Arenas;
  /** Output shapes by layer. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly training: readonly Kernel[];
  readonly inference: readonly Kernel[];
  /** One image, every layer's output kept. */
  readonly maps: readonly Kernel[];
  readonly probabilities: View;
  /** Outputs by layer, all but the input's. */
  readonly features: ReadonlyMap<string, View>;
  readonly memories: Lasting & {
    readonly pixels: Memory;
    readonly labels: Memory;
    /** Of a teacher; bound only where the loss distils. */
    readonly targets: Memory;
    readonly stepNumbers: Memory;
    readonly gradients: Memory;
    readonly slots: readonly Memory[];
    readonly sums: Memory;
    readonly flags: Memory;
  };
  readonly lasting: readonly Memory[];
  readonly slots: readonly Slot[];
  /** GPU memory in all; staging buffers, which come and go, apart. */
  readonly bytes: number;
}

const lasting = (label: string, bytes: number): Memory => ({ label, bytes, lasting: true });

export function makePlan(options: PlanOptions, rates: TileRates): Plan {
  const { graph, batch } = options;
  const arenas = layOutWeights(graph);
  const floats = (label: string, count: number) => lasting(label, count * 4);
  const stepNumbers = lasting('step', STEP_BYTES);
  const memories = {
    learning: floats('weights', arenas.lengths.learning),
    moving: floats('moving statistics', arenas.lengths.moving),
    fixed: floats('frozen weights', arenas.lengths.fixed),
    batchStatistics: floats('batch statistics', arenas.lengths.moving),
    gradients: floats('gradients', arenas.lengths.learning),
    slots: slotNames(options.optimizer.kind).map((slot) => floats(slot, arenas.lengths.learning)),
    pixels: lasting('pixels', Math.ceil((batch * graph.input[0] * graph.input[1] * graph.input[2]) / 4) * 4),
    labels: lasting('labels', batch * 8),
    targets: floats('targets', batch * graph.classes),
    sums: lasting('sums', SUMS_BYTES),
    flags: lasting('flags', FLAGS_BYTES),
    stepNumbers,
    step: whole(stepNumbers),
  };
  const pass = (name: string, images: number, fuses: boolean, trains: boolean) => {
    const forward = new Forward(lower(graph, fuses, trains), arenas, memories, rates, images, trains ? { seed: options.seed } : null, name);
    forward.kernels.push(normalisePixels(whole(memories.pixels), memories.step, forward.view(graph.layers[0].name)));
    forward.run();
    const logits = forward.view(forward.lowering.logits);
    return { forward, logits, probabilities: viewOf(transient(`${name} probabilities`, images * logits.channels.quads * 16), images, [1, 1], logits.channels) };
  };

  const training = pass('training', batch, true, true);
  const bad = guard(memories.step, whole(memories.flags));
  const backward = new Backward(training.forward, memories.gradients, bad);
  const { labelSmoothing, distillation } = options.loss;
  const loss = softmaxCrossEntropy(
    {
      logits: training.logits, gradient: backward.logits, labels: whole(memories.labels), classes: graph.classes, labelSmoothing,
      ...(distillation && { distillation: { ...distillation, targets: whole(memories.targets) } }),
    },
    memories.sums, bad,
  );
  backward.run();
  const step = [
    ...training.forward.kernels,
    loss,
    ...backward.kernels,
    optimize(options.optimizer, memories.learning, memories.gradients, memories.slots, memories.step, memories.sums, memories.flags, rates.threads),
    ...movingUpdates(graph, arenas, memories),
  ];

  const inference = pass('inference', batch, true, false);
  const inferenceKernels = [...inference.forward.kernels, softmax('probabilities', inference.logits, inference.probabilities, graph.classes)];

  const maps = pass('maps', 1, false, false);
  const mapsKernels = [...maps.forward.kernels, softmax('probabilities', maps.logits, maps.probabilities, graph.classes)];
  const features = new Map(graph.layers.slice(1).map(({ name }) => [name, name === graph.layers.at(-1)!.name ? maps.probabilities : maps.forward.view(name)]));

  const kernels = [...step, ...inferenceKernels, ...mapsKernels];
  const ends = new Map<Memory, number>([[inference.probabilities.memory, step.length + inferenceKernels.length - 1]]);
  for (const view of features.values()) ends.set(view.memory, kernels.length - 1);
  const slots = planMemory(kernels, ends);
  const kept = lastingMemories(kernels);
  const bytes = [...slots, ...kept].reduce((sum, one) => sum + one.bytes, 0);
  return { arenas, shapes: maps.forward.lowering.shapes, training: step, inference: inferenceKernels, maps: mapsKernels, probabilities: inference.probabilities, features, memories, lasting: kept, slots, bytes };
}

function movingUpdates(graph: LayerGraph, arenas: Arenas, memories: Plan['memories']): Kernel[] {
  const momenta = graph.layers.flatMap((layer) => {
    const part = layer.type === 'batchNorm' ? arenas.layers.get(layer.name)!.find(({ arena }) => arena === 'moving') : undefined;
    return layer.type === 'batchNorm' && part ? [{ end: (part.offset + part.bytes) / 16, momentum: layer.momentum }] : [];
  });
  if (momenta.length === 0) return [];
  // Neighbours of the same momentum are one stretch.
  const stretches = momenta.filter(({ momentum }, index) => momenta[index + 1]?.momentum !== momentum);
  return [moveStatistics(whole(memories.moving), whole(memories.batchStatistics), whole(memories.flags), memories.step, stretches)];
}
