/**
 * What the page and the workers say to each other. Calls go through Comlink (connect.ts); everything that streams goes
 * over one long-lived port a worker, as a closed union. Nothing here imports tfjs or the DOM library's elements.
 * Every method rejects with a WinnowError (it crosses as ErrorData, see engine/support/errors.ts).
 */
import type { ImportSource } from '../engine/data/types.js';
import type { Advice, DatasetRecord, EpochRecord, RunRecord } from '../engine/storage/records.js';
import type { ErrorData } from '../engine/support/errors.js';
import type { AdapterInfo, Backend, RunSettings } from '../engine/support/settings.js';
import type { ModelEvaluation } from '../engine/training/evaluate-model.js';
import type { Speed } from '../engine/training/speed.js';
import type { TrainingStart } from '../engine/training/start.js';
import type { Shape } from '../engine/graph/types.js';
import type { Attempt } from '../engine/lighten/schedule.js';
import type { LightenRequest, LightenResult } from './lightening.js';

export type { BatchSource, ImportSource, LoadedBatch, Perturbation, SplitName, SplitSpec, StreamSpec } from '../engine/data/types.js';
export type { ModelEvaluation } from '../engine/training/evaluate-model.js';
export type { Speed } from '../engine/training/speed.js';
export type { TrainingStart } from '../engine/training/start.js';
export type { LightenRequest, LightenResult, LightVariant } from './lightening.js';

/* ---- data worker ---- */

export type DataEvent =
  | { readonly type: 'import-progress'; readonly job: string; readonly done: number; readonly total: number; readonly refused: number; readonly imagesPerSecond: number; readonly secondsLeft: number }
  | { readonly type: 'datasets-changed' };

/** A decoded photo for the page, drawn to `side` x `side`. */
export interface Photo {
  /** Index in the dataset. */
  readonly index: number;
  readonly name: string;
  readonly label: number;
  readonly bitmap: ImageBitmap;
}

export interface DataWorker {
  /** The port over which {@link DataEvent}s come; once, at the start. */
  subscribe(port: MessagePort): Promise<void>;
  /** The port over which the trainer calls {@link BatchSource}. */
  serveBatches(port: MessagePort): Promise<void>;
  importDataset(job: string, source: ImportSource): Promise<DatasetRecord>;
  /** The import rejects with 'cancelled' and leaves nothing behind. */
  cancelImport(job: string): Promise<void>;
  listDatasets(): Promise<DatasetRecord[]>;
  /** Its runs go with it. */
  deleteDataset(id: string): Promise<void>;
  /** The first `count` photos of each class that decode. */
  samples(dataset: string, count: number, side: number): Promise<Photo[]>;
  photo(dataset: string, index: number, side: number): Promise<Photo>;
}

/* ---- trainer worker ---- */

export type TrainerEvent =
  /** A run has been stored or its state has changed. */
  | { readonly type: 'run'; readonly run: RunRecord }
  | { readonly type: 'stage'; readonly run: string; readonly stage: 'preparing' | 'compiling' | 'training' | 'validating' | 'measuring' }
  /** At most ten a second. Loss and accuracy are means of the epoch so far; step counts from 1 in the epoch. */
  | { readonly type: 'progress'; readonly run: string; readonly epoch: number; readonly step: number; readonly steps: number; readonly loss: number; readonly accuracy: number; readonly imagesPerSecond: number; readonly secondsLeft: number; readonly gpuBytes: number }
  | { readonly type: 'epoch'; readonly run: string; readonly record: EpochRecord; readonly best: boolean }
  /** While watching; see {@link TrainerWorker.watch}. */
  | { readonly type: 'maps'; readonly run: string; readonly epoch: number; readonly maps: PaintedMaps }
  /** The sentinel has noticed something; it stands in the run too. */
  | { readonly type: 'advice'; readonly run: string; readonly advice: Advice }
  | { readonly type: 'notice'; readonly run: string; readonly error: ErrorData }
  /** Whether this tab trains the run, or watches another tab that does; told at the start, and when the one becomes the other. */
  | { readonly type: 'role'; readonly run: string; readonly role: 'training' | 'watching' }
  /** While a model is lightened; `stage` and `progress` come too, their run 'lighten'. `place` counts from 1. */
  | { readonly type: 'attempt'; readonly run: 'lighten'; readonly attempt: Attempt; readonly place: number };

/** One layer's feature maps, painted: each map is a tile of `bitmap`, row by row, `columns` a row, with no gap. */
export interface PaintedMaps {
  readonly layer: string;
  readonly shape: Shape;
  readonly bitmap: ImageBitmap;
  readonly columns: number;
  readonly tile: number;
  /** Mean output of each map over the image. */
  readonly activity: readonly number[];
  /** Maps with no value above 0 on this image. */
  readonly dark: readonly number[];
  readonly probabilities: readonly number[];
}

export interface MapRequest {
  readonly run: string;
  /** Index of the photo in the run's dataset. */
  readonly photo: number;
  readonly layer: string;
}

export interface TrainerWorker {
  subscribe(port: MessagePort): Promise<void>;
  /** The other end of {@link DataWorker.serveBatches}. */
  connectData(port: MessagePort): Promise<void>;
  probe(backend: 'auto' | Backend): Promise<AdapterInfo>;
  /** Peak bytes of GPU memory of each of the settings, by planning alone; null where they cannot train here or it is not known. */
  predictMemory(settings: readonly RunSettings[], classes: number): Promise<(number | null)[]>;
  /** Times a few steps on made-up photos. Not beside a run; {@link stop} ends it with 'cancelled'. */
  measureSpeed(settings: RunSettings, classes: number): Promise<Speed>;
  /** Resolves when the run has ended (done, stopped or failed); progress comes as events. One at a time; the caller queues. */
  train(dataset: string, settings: RunSettings, start?: TrainingStart): Promise<RunRecord>;
  /**
   * Goes on with a run that was interrupted (or has failed), from its last checkpoint; resolves as {@link train}. Where another tab
   * trains it, this one watches: its events come as they are told there, pause, resume and stop are passed on, and when that tab ends this one takes over.
   */
  resumeRun(id: string): Promise<RunRecord>;
  /** Metrics of a model, in any form that is read, on a dataset, in the split of the model's card. Not beside a run; {@link stop} ends it with 'cancelled'. */
  evaluate(model: Blob, dataset: string, on: Pick<RunSettings, 'backend' | 'engine'>): Promise<ModelEvaluation>;
  /** Finds the smallest model cut from a model that is within a margin of its validation accuracy. Not beside a run; {@link stop} ends it with what it has. */
  lighten(model: Blob, dataset: string, request: LightenRequest): Promise<LightenResult>;
  /** A variant of the last {@link lighten} as a model.zip; of a quantised one, its weights as they are once read. */
  exportVariant(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Takes effect at the next step. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the run at the next step, keeping and evaluating the best weights so far. */
  stop(): Promise<void>;
  listRuns(): Promise<RunRecord[]>;
  deleteRun(id: string): Promise<void>;
  /** Feature maps from the stored best weights, or from the live ones while the run trains. */
  featureMaps(request: MapRequest): Promise<PaintedMaps>;
  /** While the run trains, sends `maps` events at most twice a second, and after each epoch; null stops. */
  watch(request: MapRequest | null): Promise<void>;
  /** The run's best weights as a zip of a tfjs layers model (model.json, weights.bin) and card.json. */
  exportModel(run: string): Promise<Uint8Array<ArrayBuffer>>;
}

/* ---- classifier worker ---- */

export interface Classification {
  /** Most probable first. */
  readonly top: readonly { readonly class: string; readonly probability: number }[];
  readonly ms: number;
}

export interface ClassifierWorker {
  /** A model in any form that is read (engine/exchange/formats.ts). Throws 'model-broken'. */
  load(model: Blob, backend: 'auto' | Backend): Promise<{ classes: readonly string[]; size: number; arch: string }>;
  /** Throws 'image-broken'. */
  classify(image: Blob): Promise<Classification>;
}
