import type { Device } from '../../../../src/engine/gpu/device.js';
import type { EngineOptions, PixelBatch } from '../../../../src/engine/gpu/engine.js';
import { ReferenceEngine } from '../../../../src/engine/gpu/reference/engine.js';
import { initialWeights } from '../../../../src/engine/graph/weights.js';
import type { LayerGraph, Weight } from '../../../../src/engine/graph/types.js';
import type { Random } from '../../../../src/engine/support/random.js';

export function reference(device: Device, graph: LayerGraph, options: Partial<EngineOptions> = {}): ReferenceEngine {
  return new ReferenceEngine(device, {
    graph,
    weights: initialWeights(graph, 3),
    batch: 8,
    optimizer: { kind: 'adam', learningRate: 0.01 },
    loss: { labelSmoothing: 0, classWeights: null },
    seed: 5,
    ...options,
  });
}

export function randomBatch(random: Random, graph: LayerGraph, size: number): PixelBatch {
  const [height, width, channels] = graph.input;
  return {
    pixels: Uint8Array.from({ length: size * height * width * channels }, () => random.below(256)),
    labels: Uint16Array.from({ length: size }, () => random.below(graph.classes)),
    size,
  };
}

/** Plain gradient descent at rate 1 moves each weight by its gradient. */
export async function gradients(device: Device, graph: LayerGraph, weights: readonly Weight[], batch: PixelBatch): Promise<Map<string, Float32Array>> {
  const engine = reference(device, graph, { weights, optimizer: { kind: 'sgd', learningRate: 1, momentum: 0 } });
  await engine.step(batch);
  const moved = await engine.readWeights();
  engine.dispose();
  return new Map(moved.map(({ name, data }, i) => [name, data.map((value, j) => weights[i].data[j] - value)]));
}
