import type { LayerGraph } from '../graph/types.js';
import type { AdapterInfo, RunSettings } from '../support/settings.js';
import type { ErrorCode, ErrorData } from '../support/errors.js';

/** A file that was left out of a dataset. */
export interface Refusal {
  /** Path in the archive or folder. */
  readonly name: string;
  readonly code: RefusalCode;
  /** One English sentence. */
  readonly reason: string;
}
export type RefusalCode =
  | 'not-an-image' | 'unsupported-format' | 'no-class' | 'too-many-pixels' | 'too-many-bytes'
  | 'truncated' | 'empty' | 'unreadable' | 'unsafe-path' | 'duplicate';

/** `refused` is capped (the first 1000); `refusedCount` is not. */
export interface DatasetRecord {
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly created: string;
  /** 'synthetic' is drawn by the generator, and said wherever a number of it is shown. */
  readonly source: 'zip' | 'folder' | 'idx' | 'synthetic';
  /** Class names, sorted; a label is an index here. */
  readonly classes: readonly string[];
  /** Images a class, in the order of classes. */
  readonly counts: readonly number[];
  readonly images: number;
  /** Encoded bytes stored. */
  readonly bytes: number;
  readonly shards: number;
  readonly refused: readonly Refusal[];
  readonly refusedCount: number;
}

/** The small half of a shard, readable without its bytes. Entry i is image `first + i` of the dataset. */
export interface ShardIndex {
  readonly dataset: string;
  readonly shard: number;
  readonly first: number;
  readonly labels: Uint16Array<ArrayBuffer>;
  readonly offsets: Uint32Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly names: readonly string[];
}

/** An import that goes on, or was cut off: all that it takes to go on where it stopped. Its shards are stored with their indexes, under its id. */
export interface ImportRecord {
  /** Of the dataset to be. */
  readonly id: string;
  readonly name: string;
  /** Of the files: who brings the same again goes on. */
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly started: string;
  /** Files that are stored in shards or refused, of `total`. */
  readonly done: number;
  readonly total: number;
  readonly shards: number;
  readonly images: number;
  readonly bytes: number;
  /** Images taken, and files still to come, by the source's class. */
  readonly counts: readonly number[];
  readonly left: readonly number[];
  readonly refused: readonly Refusal[];
  readonly refusedCount: number;
}

/** One epoch, as in the terminal's contract. Accuracies are fractions; losses are mean nats an image. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Over the epoch's training steps as they were taken (Keras's `loss`, `accuracy`): the weights moved meanwhile. */
  readonly loss: number;
  readonly accuracy: number;
  /** On the whole validation split, after the epoch. */
  readonly valLoss: number;
  readonly valAccuracy: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Of its last step. (Absent in runs stored before there were schedules, as are the other fields that may be absent below.) */
  readonly learningRate?: number;
}

/** Of one class. Null where nothing is divided by: no photo was taken for the class, or none is of it. */
export interface ClassMetrics {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Photos that are of it. */
  readonly images: number;
}

export interface MetricDetails {
  /** Share of photos whose class is among the `k` most probable. */
  readonly topK: { readonly k: number; readonly accuracy: number };
  /** Expected calibration error, 0 to 1: how far confidence and accuracy lie apart (Guo et al. 2017, 15 bins). */
  readonly calibrationError: number;
  /** In the order of the classes. */
  readonly perClass: readonly ClassMetrics[];
  /** Rows are true classes, columns predicted ones. */
  readonly confusion: readonly (readonly number[])[];
}

export interface SplitMetrics extends Partial<MetricDetails> {
  readonly loss: number;
  readonly accuracy: number;
}

/** Which photos of a split a model got right, in the split's order, so that two models can be compared photo by photo: base64 of bits, the first photo in the lowest. */
export interface PackedHits {
  readonly images: number;
  readonly bits: string;
}

/** What a model took every photo of a split for, by ascending index in the dataset, so that each can be shown again. Base64. */
export interface PackedPredictions {
  readonly images: number;
  /** Classes take two bytes, the low one first: there are more than 256. */
  readonly wide: boolean;
  /** Gaps between one photo's index and the one before (0 before the first), as LEB128. */
  readonly photos: string;
  /** A class index a photo. */
  readonly truth: string;
  readonly predicted: string;
}

/** A photo that the model takes for another class. */
export interface Mistake {
  /** In the dataset. */
  readonly index: number;
  readonly name: string;
  readonly truth: string;
  readonly predicted: string;
  /** Of the predicted class. */
  readonly probability: number;
}

/** What the sentinel noticed, as of which epoch. */
export interface Advice {
  readonly epoch: number;
  readonly notice: ErrorData;
}

/** 95 % Wilson score interval of an accuracy. */
export type Interval = readonly [low: number, high: number];

export interface PerturbedMetrics {
  readonly accuracy: number;
  readonly interval: Interval;
  readonly byKind: Readonly<Record<'flip' | 'rotation' | 'zoom' | 'shift' | 'contrast', { accuracy: number; interval: Interval }>>;
  /** Which photos were perturbed; validation where no test split was set aside. */
  readonly of: 'test' | 'validation';
}

/** What a finished (or stopped, with what it had) run found, at the best epoch's weights, each split evaluated in inference mode. */
export interface RunResult {
  readonly bestEpoch: number;
  readonly stoppedEarly: boolean;
  readonly restoredBest: boolean;
  readonly train: SplitMetrics;
  readonly validation: SplitMetrics;
  /** loss and accuracy are null where no test split was set aside. */
  readonly test: { readonly loss: number | null; readonly accuracy: number | null; readonly perturbed: PerturbedMetrics } & Partial<MetricDetails>;
  /** Rows are true classes, columns predicted ones; of the test split, or of validation where there is none. */
  readonly confusion: readonly (readonly number[])[];
  /** Median milliseconds an image at batch 1, warm, read-back included. */
  readonly latencyMs: number;
  /** Photos a second in batches of the run's size, warm, read-back included. */
  readonly imagesPerSecond?: number;
  /** Median milliseconds a training step, the GPU's work included, data wait not. */
  readonly stepMs: number;
  /** Milliseconds from the settings to the end of the first step. */
  readonly compileMs: number;
  /** Share of training time spent waiting for a batch, 0 to 1. */
  readonly dataWaitShare: number;
  readonly peakGpuBytes: number;
  readonly predictedGpuBytes: number;
  /** SHA-256, hex, over the float32 weights in layer order. */
  readonly weightsSha256: string;
  /** Validation photos that it gets wrong, the most confident first; at most 200. */
  readonly mistakes?: readonly Mistake[];
  /** On the photos of `confusion`. */
  readonly predictions?: PackedPredictions;
  /** On the validation photos, and on the perturbed ones (all changes at once). */
  readonly hits?: { readonly validation: PackedHits; readonly perturbed: PackedHits };
  /** Photos that passed the header check but did not decode; left out of every number. */
  readonly undecodable: readonly string[];
}

export type RunState =
  | { readonly kind: 'running' }
  | { readonly kind: 'paused' }
  /** Its tab, worker or browser ended while it trained: it can be resumed from its last checkpoint. */
  | { readonly kind: 'interrupted' }
  /** Ran to its last epoch or stopped early by patience. */
  | { readonly kind: 'done'; readonly result: RunResult }
  /** Stopped by a person; the result is of what was trained until then. */
  | { readonly kind: 'stopped'; readonly result: RunResult | null }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** float16: IEEE 754 half precision. int8: a symmetric scale for each filter, -127 to 127. */
export type Precision = 'float32' | 'float16' | 'int8';

/** What a lighter model is. Of one origin, `name` and `search` tell it apart. */
export interface Lightened {
  /** The run at the beginning of its lineage. */
  readonly origin: string;
  /** pruned-3, distilled-7. */
  readonly name: string;
  readonly method: LightMethod;
  readonly precision: Precision;
  /** Of the weights as stored at that precision, and of these gzipped, as a server sends them. */
  readonly bytes: number;
  readonly downloadBytes: number;
  /** Accuracy on validation photos perturbed by other draws than the run's test: what the search decides by. */
  readonly perturbed: number;
  /** Of a cut: how much of its parent's cost was to go, 0 to 1, and whether it held, so that the next was made from it. */
  readonly cut?: { readonly share: number; readonly kept: boolean };
  /** What was asked of the search that made it, as text: a search goes on with what an equal one has left. */
  readonly search: string;
}

/**
 * prune: filters cut out of its parent, the rest trained on. random: the same, the filters drawn by chance. scratch: drawn anew and
 * trained. distil: drawn anew, and trained on the answers of its parent. hand: a shape that nobody measured anything for, trained
 * from scratch. quantise: its parent's weights at another precision.
 */
export type LightMethod = 'prune' | 'random' | 'scratch' | 'distil' | 'hand' | 'quantise';

export interface RunRecord {
  readonly id: string;
  readonly dataset: string;
  readonly datasetName: string;
  readonly synthetic: boolean;
  readonly classes: readonly string[];
  /** ISO 8601. */
  readonly created: string;
  readonly settings: RunSettings;
  readonly adapter: AdapterInfo;
  readonly path: 'reference' | 'compiled';
  /** Images a split, by class in the order of classes. */
  readonly split: { readonly train: readonly number[]; readonly validation: readonly number[]; readonly test: readonly number[] };
  readonly history: readonly EpochRecord[];
  readonly state: RunState;
  /** Where its first weights came from: the run that it continues, or the weightsSha256 of a model; null where they were drawn. */
  readonly parent: string | null;
  /** The network, where it is not the one that the settings' architecture gives. */
  readonly graph?: LayerGraph;
  /** Of a lighter model: how it was made of its parent. */
  readonly lightened?: Lightened;
  readonly advice?: readonly Advice[];
  /** What its checkpoints cost: how many were written, and their share (0 to 1) of the time that it trained. */
  readonly checkpoints?: { readonly count: number; readonly share: number };
  /** How often it went on from a checkpoint. */
  readonly resumed?: number;
}

export type { ErrorCode };

/** Which weights of a run: those of its best epoch, or one of the two generations of its checkpoint. */
export type WeightsKind = 'best' | 'checkpoint 0' | 'checkpoint 1';
export type WeightChunkKey = [run: string, kind: string, generation: string, chunk: number];

/** Written after its chunks: weights without a manifest do not exist. */
export interface WeightsManifest {
  readonly run: string;
  readonly kind: WeightsKind;
  /** Chunks of one save share it, so that a save that did not finish never mixes with the one before. */
  readonly generation: string;
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly chunks: readonly { readonly bytes: number; readonly sha256: string }[];
}

/** Where a run stood. Its chunks hold the weights, then the optimiser's slots. */
export interface CheckpointManifest extends WeightsManifest {
  /** Counts on: the higher of the two is the newer. */
  readonly number: number;
  /** The training's own, plain data; see training/checkpoint.ts. */
  readonly state: unknown;
  /** Steps that the optimiser has taken. */
  readonly step: number;
  readonly slots: WeightsManifest['weights'];
  /** How many of the chunks are the weights'. */
  readonly weightChunks: number;
  /** The best weights so far, which stay for as long as a checkpoint names them. */
  readonly best: WeightsManifest | null;
  /** SHA-256 of all else in it. */
  readonly seal: string;
}
