/**
 * The engine's parts that need no worker and no page, for scripts and workers of one's own: networks as graphs, what they cost, models in
 * and out of files, their answers, statistics. Importing it does nothing.
 * @packageDocumentation
 */
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

export { createRuntime, type InferenceModel, type Runtime, type RuntimeOptions } from '../engine/inference/runtime.js';
