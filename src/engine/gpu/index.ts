import type { LayerGraph, Weight } from '../graph/types.js';
import { WinnowError } from '../support/errors.js';
import type { OptimizerSettings, RunSettings } from '../support/settings.js';
import { createCompiledEngine, predictCompiled, type CompiledOptions } from './compiled/engine.js';
import { canCompile } from './compiled/lowering.js';
import type { Device } from './device.js';
import type { EngineOptions, TrainingEngine, Viewer } from './engine.js';
import { predictReference, type MemoryPrediction } from './memory.js';
import { ReferenceEngine } from './reference/engine.js';

export { openDevice, probeAdapter, type Device } from './device.js';
export { checkFits, type MemoryPrediction } from './memory.js';
export { canCompile } from './compiled/lowering.js';
export { measureRates } from './compiled/tuning.js';
export type { CompiledEngine, CompiledOptions } from './compiled/engine.js';
export type { TileRates } from './compiled/tiles.js';

export type EnginePath = TrainingEngine['path'];

/**
 * Which engine trains a graph on a device; 'auto' is compiled wherever it can be.
 * @throws 'settings-invalid' where the compiled engine is asked for and not to be had.
 */
export function choosePath(wanted: RunSettings['engine'], device: Device, graph: LayerGraph): EnginePath {
  const compiles = device.gpu !== null && canCompile(graph);
  if (wanted === 'compiled' && !compiles) throw new WinnowError('settings-invalid', { setting: 'engine', value: wanted, allowed: 'auto or reference here: the compiled engine needs WebGPU and a network of its own layers' });
  return compiles && wanted !== 'reference' ? 'compiled' : 'reference';
}

export async function createEngine(path: EnginePath, device: Device, options: CompiledOptions): Promise<TrainingEngine> {
  return path === 'compiled' ? createCompiledEngine(options, device) : new ReferenceEngine(device, options);
}

/** Of an engine that never trains: no optimiser is smaller. */
export const noTraining: OptimizerSettings = { kind: 'sgd', learningRate: 0, momentum: 0 };

/** An engine that only looks: predictions, feature maps and their gradients, at batch 1. */
export function createViewer(device: Device, graph: LayerGraph, weights: readonly Weight[]): Viewer {
  return new ReferenceEngine(device, { graph, weights, batch: 1, optimizer: noTraining, loss: { labelSmoothing: 0, classWeights: null }, seed: 0 });
}

/** Bytes of GPU memory that training will take, without allocating any. */
export function predictTraining(path: EnginePath, options: Omit<EngineOptions, 'weights'>): MemoryPrediction {
  return path === 'compiled' ? predictCompiled(options) : predictReference(options.graph, options.batch, options.optimizer.kind);
}
