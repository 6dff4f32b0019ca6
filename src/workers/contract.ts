/**
 * What the page and the workers say to each other. Calls go through Comlink (connect.ts); everything that streams goes
 * over one long-lived port a worker, as a closed union. Nothing here imports tfjs or the DOM library's elements.
 * Every method rejects with a WinnowError (it crosses as ErrorData, see engine/support/errors.ts).
 */
import type { DuplicateGroup, DuplicateProgress } from '../engine/data/duplicates.js';
import type { ImportSource, SplitSpec } from '../engine/data/types.js';
import type { Advice, DatasetRecord, EpochRecord, ImportRecord, RunRecord } from '../engine/storage/records.js';
import type { StorageUsage } from '../engine/storage/usage.js';
import type { ModelCard, Speed as ModelSpeed } from '../engine/exchange/card.js';
import type { ModelFormat } from '../engine/exchange/formats.js';
import type { ErrorData } from '../engine/support/errors.js';
import type { AdapterInfo, AugmentSettings, Backend, RunSettings } from '../engine/support/settings.js';
import type { ModelEvaluation } from '../engine/training/evaluate-model.js';
import type { Speed } from '../engine/training/speed.js';
import type { TrainingStart } from '../engine/training/start.js';
import type { Shape } from '../engine/graph/types.js';
import type { NetworkSilence } from '../engine/insight/silence.js';
import type { LayerMeasures } from '../engine/lighten/layers.js';
import type { Attempt } from '../engine/lighten/schedule.js';
import type { LightenResult } from './light-report.js';
import type { LightenRequest } from './lightening.js';

export type { ImportRecord } from '../engine/storage/records.js';
export type { StorageUsage } from '../engine/storage/usage.js';
export type { DuplicateGroup } from '../engine/data/duplicates.js';
export type { BatchSource, ImportSource, LoadedBatch, Perturbation, SplitName, SplitSpec, StreamSpec } from '../engine/data/types.js';
export type { ModelEvaluation } from '../engine/training/evaluate-model.js';
export type { Speed } from '../engine/training/speed.js';
export type { NetworkSilence } from '../engine/insight/silence.js';
export type { LayerMeasures } from '../engine/lighten/layers.js';
export type { TrainingStart } from '../engine/training/start.js';
export type { LightenResult, LightVariant } from './light-report.js';
export type { LightenRequest } from './lightening.js';

/* ---- data worker ---- */

export type DataEvent =
  | { readonly type: 'import-progress'; readonly job: string; readonly done: number; readonly total: number; readonly refused: number; readonly imagesPerSecond: number; readonly secondsLeft: number }
  | ({ readonly type: 'duplicates-progress'; readonly job: string } & DuplicateProgress)
  | { readonly type: 'datasets-changed' };

/** Decoded photos of a dataset at a size, on the disk. */
export interface KeptPixels {
  readonly kept: boolean;
  /** Bytes of the disk that they take, or would take. */
  readonly bytes: number;
  /** Photos that are there: they come as they are decoded. */
  readonly photos: number;
}

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
  /** @param reads for a folder: the port over which its files are read (folder.ts). The page calls {@link LabData.importDataset}. */
  importDataset(job: string, source: SentSource, reads?: MessagePort): Promise<DatasetRecord>;
  /** The import, or the search for duplicates, rejects with 'cancelled'; an import leaves nothing behind. */
  cancelImport(job: string): Promise<void>;
  listDatasets(): Promise<DatasetRecord[]>;
  /** Its runs go with it. */
  deleteDataset(id: string): Promise<void>;
  /** Imports that were cut off, by a closed tab say. They go on when the same files are imported again. Oldest first. */
  cutImports(): Promise<ImportRecord[]>;
  /** Removes what such an import had stored. */
  discardImport(id: string): Promise<void>;
  /** Whether decoded photos of a dataset at a size are kept on the disk, and what that takes: they then need decoding once, not once an epoch. */
  pixels(dataset: string, size: number): Promise<KeptPixels>;
  /** Begins or ends that. Throws 'disk-short', 'storage-failed'. */
  keepPixels(dataset: string, size: number, keep: boolean): Promise<KeptPixels>;
  /** What all of Winnow's storage takes in this browser, and may take. */
  storage(): Promise<StorageUsage>;
  /** The first `count` photos of each class that decode. */
  samples(dataset: string, count: number, side: number): Promise<Photo[]>;
  photo(dataset: string, index: number, side: number): Promise<Photo>;
  /** Those of the indices that decode. */
  photos(dataset: string, indices: readonly number[], side: number): Promise<Photo[]>;
  /** The class of every photo. */
  labels(dataset: string): Promise<Uint16Array<ArrayBuffer>>;
  /** The part of a split that every photo is in, an index of `splitNames`; 255 where the limit leaves it out. */
  parts(split: SplitSpec): Promise<Uint8Array<ArrayBuffer>>;
  /** A photo as the network sees it, and as each of the epochs (from 1) changes it. */
  augmented(dataset: string, index: number, side: number, augment: { readonly seed: number; readonly settings: AugmentSettings }, epochs: readonly number[]): Promise<ImageBitmap[]>;
  /** Photos that are the same file, or nearly the same picture. Reads all of them; {@link cancelImport} ends it with 'cancelled'. */
  findDuplicates(job: string, dataset: string): Promise<DuplicateGroup[]>;
}

/** What {@link DataWorker.importDataset} is sent: the files of a folder stay in the page, which reads them. */
export type SentSource = Exclude<ImportSource, { readonly kind: 'folder' }> | { readonly kind: 'folder'; readonly name: string; readonly paths: readonly string[] };

/** The data worker as the page calls it. */
export type LabData = Omit<DataWorker, 'importDataset'> & { importDataset(job: string, source: ImportSource): Promise<DatasetRecord> };

/* ---- trainer worker ---- */

export type TrainerEvent =
  /** A run has been stored or its state has changed. */
  | { readonly type: 'run'; readonly run: RunRecord }
  /** `share`: of the GPU's programs, those compiled so far, 0 to 1. */
  | { readonly type: 'stage'; readonly run: string; readonly stage: 'preparing' | 'compiling' | 'training' | 'validating' | 'measuring'; readonly share?: number }
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
  | { readonly type: 'attempt'; readonly run: 'lighten'; readonly attempt: Attempt; readonly place: number }
  /** The next lighter model is being made, in so many epochs where it trains; once made it comes as a `run`. */
  | { readonly type: 'making'; readonly run: 'lighten'; readonly name: string; readonly epochs: number | null };

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
  /** One of {@link TrainerWorker.epochs}; null or absent for the best weights, or for those of now while the run trains. */
  readonly epoch?: number | null;
}

export interface FilterRequest extends Pick<MapRequest, 'run' | 'layer' | 'epoch'> {
  /** An input channel; null for colours where there are three, for the first otherwise. */
  readonly channel: number | null;
}

/** A layer's filters, painted as {@link PaintedMaps} are: middle grey is zero. */
export interface PaintedFilters {
  readonly layer: string;
  readonly bitmap: ImageBitmap;
  readonly columns: number;
  readonly tile: number;
  /** Input channels of a filter. */
  readonly channels: number;
  /** The one that is painted; null for three as colours. */
  readonly channel: number | null;
  /** Euclidean norm of each filter. */
  readonly norms: readonly number[];
}

export interface CamRequest extends MapRequest {
  /** The class that is looked for, by index. */
  readonly label: number;
}

/** Grad-CAM as a picture to lay over the photo: the more a place speaks for the class, the less transparent. */
export interface PaintedCam {
  readonly layer: string;
  readonly label: number;
  readonly bitmap: ImageBitmap;
  /** Places of the layer. */
  readonly height: number;
  readonly width: number;
  /** Of the strongest place, in units of the class's score; 0 where none speaks for it. */
  readonly peak: number;
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
  /** A model from elsewhere, in any form that is read, as a stored run without a history, evaluated as {@link evaluate} does. */
  adopt(model: Blob, dataset: string, on: Pick<RunSettings, 'backend' | 'engine'>): Promise<RunRecord>;
  /**
   * Finds the lightest model that is still as good as a run's. Every model that is tried is stored as a run of its own; asked again, it
   * goes on from those. Not beside a run; {@link pause} and {@link resume} hold for it, {@link stop} ends it with what it has.
   */
  lighten(run: string, request: LightenRequest): Promise<LightenResult>;
  /** What the layers of a stored model cost and what their filters are worth. Not beside a run; {@link stop} ends it with 'cancelled'. */
  measureLayers(run: string): Promise<LayerMeasures[]>;
  /** Takes effect at the next step. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the run at the next step, keeping and evaluating the best weights so far. */
  stop(): Promise<void>;
  listRuns(): Promise<RunRecord[]>;
  deleteRun(id: string): Promise<void>;
  /** Feature maps from the stored best weights, or from the live ones while the run trains. */
  featureMaps(request: MapRequest): Promise<PaintedMaps>;
  /** A convolution's filters, from the stored best weights; of its latest epoch while the run trains. */
  filterWeights(request: FilterRequest): Promise<PaintedFilters>;
  /** Where the network looks for a class in a photo, by the same weights as {@link filterWeights}: `layer` is one of engine/insight/grad-cam.ts's camLayers. */
  gradCam(request: CamRequest): Promise<PaintedCam>;
  /** How silent each filter is, over at most `photos` validation photos. Rejects with 'cancelled' while a run trains, where one begins, and where it is called again. */
  silence(run: string, photos: number): Promise<NetworkSilence>;
  /** Epochs of a run of this session whose weights were kept, ascending: their maps can be asked for. */
  epochs(run: string): Promise<number[]>;
  /** While the run trains, sends `maps` events at most twice a second, and after each epoch; null stops. */
  watch(request: MapRequest | null): Promise<void>;
  /** The run's best weights as a zip of a tfjs layers model (model.json, weights.bin) and card.json. */
  exportModel(run: string): Promise<Uint8Array<ArrayBuffer>>;
}

/* ---- classifier worker ---- */

export type { ModelCard, Speed as ModelSpeed } from '../engine/exchange/card.js';
export type ExportForm = ModelFormat | 'keras-project';

export interface Classification {
  /** Most probable first. */
  readonly top: readonly { readonly class: string; readonly probability: number }[];
  readonly ms: number;
}

export interface LoadedModel {
  readonly arch: string;
  /** In the order of the model's answers. */
  readonly classes: readonly string[];
  /** Side of the square that photos are resized to, pixels. */
  readonly size: number;
  readonly card: ModelCard;
  /** What answers: WebGPU, plain JavaScript, or tfjs where WebGL is asked for; and on what, in words. */
  readonly kind: 'webgpu' | 'javascript' | 'webgl';
  readonly adapter: string;
  /** Of its float32 weights. */
  readonly weightBytes: number;
}

export interface ClassifierWorker {
  /** A model in any form that is read (engine/exchange/formats.ts). Throws 'model-broken', and 'gpu-missing' where the backend asked for is not there. */
  load(model: Blob, backend: 'auto' | Backend): Promise<LoadedModel>;
  /** Throws 'image-broken'. */
  classify(image: Blob): Promise<Classification>;
  /** Several photos in one go, in their order; for one that is broken, why. */
  classifyAll(images: readonly Blob[]): Promise<(Classification | { readonly error: ErrorData })[]>;
  /** Grad-CAM at the last layer that has places: a picture to lay over the whole photo; null where the network has no such layer. */
  explain(image: Blob, label: number): Promise<ImageBitmap | null>;
  /** How fast the model answers here; stands in the card of what {@link exportAs} writes afterwards. */
  measure(): Promise<ModelSpeed>;
  /** The loaded model in another form, its card and all; a Keras project as a zip. */
  exportAs(form: ExportForm): Promise<Blob>;
}
