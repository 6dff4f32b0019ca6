import type { LayerGraph } from '../graph/types.js';
import { WinnowError } from '../support/errors.js';
import type { OptimizerSettings, RunSettings } from '../support/settings.js';
import type { Device } from './device.js';
import type { EngineOptions, TrainingEngine } from './engine.js';
import { predictReference, type MemoryPrediction } from './memory.js';
import { ReferenceEngine } from './reference/engine.js';

export { openDevice, probeAdapter, type Device } from './device.js';
export { checkFits, type MemoryPrediction } from './memory.js';

export type EnginePath = TrainingEngine['path'];

/**
 * Which engine trains a graph on a device; 'auto' is compiled wherever it can be.
 * @throws 'gpu-missing' where the compiled engine is asked for and not to be had.
 */
export function choosePath(wanted: RunSettings['engine']): EnginePath {
  if (wanted === 'compiled') throw new WinnowError('gpu-missing', { backend: 'compiled engine' });
  return 'reference';
}

export async function createEngine(path: EnginePath, device: Device, options: EngineOptions): Promise<TrainingEngine> {
  void path;
  return new ReferenceEngine(device, options);
}

/** Bytes of GPU memory that training a graph will take, without allocating any. */
export function predictTraining(path: EnginePath, graph: LayerGraph, batch: number, optimizer: OptimizerSettings['kind']): MemoryPrediction {
  void path;
  return predictReference(graph, batch, optimizer);
}
