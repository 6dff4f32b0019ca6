import type { PixelBatch } from '../gpu/engine.js';
import type { DatasetRecord } from '../storage/records.js';
import type { AugmentSettings, PerturbationStrengths } from '../support/settings.js';
import type { FolderFiles } from './sources/picked.js';

/** Where the photos of a new dataset come from. */
export type ImportSource =
  | { readonly kind: 'zip'; readonly file: File }
  /** Path of each file relative to the dropped or picked folder's parent, with '/' between. */
  | { readonly kind: 'folder'; readonly name: string; readonly files: readonly { readonly path: string; readonly file: File }[] }
  | { readonly kind: 'idx'; readonly images: File; readonly labels: File }
  | { readonly kind: 'synthetic'; readonly images: number; readonly seed: number };

/** A folder whose files another thread reads. */
export interface OpenedFolder {
  readonly kind: 'opened-folder';
  readonly files: FolderFiles;
}

/** Which photos of a dataset, in which split: the same fields give the same split, always. */
export interface SplitSpec {
  readonly dataset: string;
  readonly seed: number;
  readonly validationShare: number;
  readonly testShare: number;
  readonly limit: number | null;
}
export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];
export type Perturbation = 'all' | 'flip' | 'rotation' | 'zoom' | 'shift' | 'contrast';

export interface StreamSpec {
  readonly split: SplitSpec;
  readonly part: SplitName;
  /** Side of the square, pixels. */
  readonly size: number;
  readonly batch: number;
  /** null keeps the dataset's order (evaluation); a number shuffles by (seed, epoch). */
  readonly epoch: number | null;
  readonly perturb: Perturbation | null;
  /** How far `perturb` may go; the study's strengths where absent. */
  readonly strengths?: PerturbationStrengths;
  /** Seeds what `perturb` draws; the split's seed where absent. */
  readonly perturbSeed?: number;
  /** How each photo is changed, by (seed, epoch, index). Only where `epoch` is a number. */
  readonly augment?: { readonly seed: number; readonly settings: AugmentSettings };
}

export interface LoadedBatch extends PixelBatch {
  /** Index in the dataset of each image. */
  readonly indices: Uint32Array<ArrayBuffer>;
  /** Names of photos of this batch that did not decode; they are left out, so `size` can be smaller than the batch, even 0. */
  readonly undecodable: readonly string[];
}

/** Spoken on the channel between trainer and data worker; the page is not on the way. */
export interface BatchSource {
  /** Images a split, by class. Throws 'dataset-missing', 'class-too-small'. */
  split(spec: SplitSpec): Promise<{ dataset: DatasetRecord; train: number[]; validation: number[]; test: number[] }>;
  /** Batch `step` (from 0) of a stream. The same (spec, step) gives the same pixels. The next batches are decoded ahead. */
  batch(spec: StreamSpec, step: number): Promise<LoadedBatch>;
  /** Names of photos, in the order asked. */
  names(dataset: string, indices: readonly number[]): Promise<string[]>;
  /** One photo as the network sees it, size x size x 3. */
  pixels(dataset: string, index: number, size: number): Promise<Uint8Array<ArrayBuffer>>;
}
