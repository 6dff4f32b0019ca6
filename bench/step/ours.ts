import type { LayerGraph } from '../../src/engine/graph/types.js';
import { initialWeights } from '../../src/engine/graph/weights.js';
import { createCompiledEngine, predictCompiled, type CompiledEngine } from '../../src/engine/gpu/compiled/engine.js';
import type { Device } from '../../src/engine/gpu/device.js';
import type { PixelBatch } from '../../src/engine/gpu/engine.js';
import type { Subject } from './types.js';

export interface Ours extends Subject {
  readonly engine: CompiledEngine;
  readonly compileMs: number;
  readonly predictedBytes: number;
  /** Milliseconds on this thread to enqueue each step so far. */
  readonly scriptMs: readonly number[];
}

/** The compiled step: uint8 pixels uploaded every time. */
export async function ours(graph: LayerGraph, batch: PixelBatch, device: Device): Promise<Ours> {
  const options = { graph, weights: initialWeights(graph, 1), batch: batch.size, optimizer: { kind: 'adam', learningRate: 0.001 }, loss: { labelSmoothing: 0, classWeights: null }, seed: 1 } as const;
  const start = performance.now();
  const engine = await createCompiledEngine(options, device);
  const compileMs = performance.now() - start;
  const scriptMs: number[] = [];
  return {
    name: 'ours',
    engine,
    compileMs,
    predictedBytes: predictCompiled(options).peakBytes,
    scriptMs,
    async step() {
      const begun = performance.now();
      // Runs up to its first wait, which is after the submit.
      const ready = engine.step(batch);
      scriptMs.push(performance.now() - begun);
      await ready;
      await device.settle();
    },
    dispose: () => engine.dispose(),
  };
}
