/**
 * The engine's parts that need no worker and no page, for scripts and workers of one's own: networks as graphs, what they cost, models in
 * and out of files, statistics. Importing it does nothing; tfjs is loaded with the first {@link openPredictor}.
 * @packageDocumentation
 */
import type { Model } from '../engine/exchange/model.js';
import type { AdapterInfo, Backend } from '../engine/support/settings.js';

export { architectures, buildGraph, findArchitecture, type Architecture, type ArchitectureOption, type BuildRequest } from '../engine/architectures/index.js';
export { graphCosts, type Costs } from '../engine/graph/costs.js';
export { summaryJson, summaryRows, summaryText } from '../engine/graph/summary.js';
export type { Layer, LayerGraph, Shape, Weight } from '../engine/graph/types.js';
export { initialWeights } from '../engine/graph/weights.js';
export { modelFormats, readModel, type ModelFormat } from '../engine/exchange/formats.js';
export type { Model } from '../engine/exchange/model.js';
export type { ModelCard } from '../engine/exchange/card.js';
export { mcnemar, wilson } from '../engine/comparison/statistics.js';
export { recommend, tradeOffFront, type Candidate, type Recommendation } from '../engine/comparison/recommendation.js';
export { WinnowError, type ErrorCode } from '../engine/support/errors.js';
export { defaultSettings, type RunSettings } from '../engine/support/settings.js';

/** A model on a device of this realm. */
export interface Predictor {
  readonly adapter: AdapterInfo;
  /**
   * Class probabilities, [images, classes] row by row, in the order of the model's classes.
   * @param pixels uint8 RGB at the model's own size, [images, size, size, 3].
   */
  predict(pixels: Uint8Array<ArrayBuffer>, images: number): Promise<Float32Array<ArrayBuffer>>;
  /** Frees its GPU memory. */
  dispose(): void;
}

/**
 * A realm (a page, a worker) has one device: opening another predictor there ends the one before.
 * @throws WinnowError 'gpu-missing'.
 */
export async function openPredictor({ graph, weights }: Pick<Model, 'graph' | 'weights'>, backend: 'auto' | Backend = 'auto'): Promise<Predictor> {
  const { createViewer, openDevice } = await import('../engine/gpu/index.js');
  const device = await openDevice(backend);
  const engine = createViewer(device, graph, weights);
  return { adapter: engine.adapter, predict: (pixels, images) => engine.predict(pixels, images), dispose: () => engine.dispose() };
}
