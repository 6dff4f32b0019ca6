/**
 * Winnow without its page. Importing it does nothing; workers start with the first call.
 * @packageDocumentation
 */
export { Winnow, type EvaluateOptions, type ImportOptions, type ImportProgress, type TrainOptions } from './winnow.js';
export { Training, type TrainingEvent } from './training.js';
export { Classifier } from './classifier.js';
export type { DatasetSource } from '../workers/source.js';
export { hostWorkers } from './scripts.js';

export { WinnowError, type ErrorCode, type ErrorData, type ErrorDetails } from '../engine/support/errors.js';
export {
  defaultSettings, noAugmentation, studyStrengths,
  type AdapterInfo, type AugmentSettings, type Backend, type LossChoice, type OptimizerSettings, type PerturbationStrengths, type RunSettings, type ScheduleSettings,
} from '../engine/support/settings.js';
export type { Advice, DatasetRecord, EpochRecord, Interval, Mistake, PerturbedMetrics, Refusal, RunRecord, RunResult, RunState, SplitMetrics } from '../engine/storage/records.js';
export type { Classification, ExportForm, ImportSource, LoadedModel, ModelCard, ModelEvaluation, ModelSpeed, TrainingStart } from '../workers/contract.js';
