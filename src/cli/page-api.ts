/** What the terminal (Node) and its page (the browser) say to each other. Everything is JSON; bytes go by the file inputs and by POST. */
import type { DatasetRecord, RunRecord } from '../engine/storage/records.js';
import type { ModelCard } from '../engine/exchange/card.js';
import type { ErrorData } from '../engine/support/errors.js';
import type { Backend, RunSettings } from '../engine/support/settings.js';
import type { Classification, DataEvent, LoadedModel, LightenRequest, LightenResult, ModelEvaluation, TrainerEvent } from '../workers/contract.js';

/** An error's code would be lost when an evaluated function throws, so it is a value. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorData };

/** Where the page finds the data: in its file inputs, which the terminal has filled. */
export type PageSource =
  | { readonly kind: 'zip' }
  | { readonly kind: 'folder'; readonly name: string }
  /** The images file first, then the labels file. */
  | { readonly kind: 'idx' }
  | { readonly kind: 'synthetic'; readonly images: number; readonly seed: number };

/** The events that are JSON; painted feature maps are for the page of the lab. */
export type PageEvent = Extract<DataEvent, { type: 'import-progress' }> | Extract<TrainerEvent, { type: 'stage' | 'progress' | 'epoch' | 'advice' | 'notice' | 'role' | 'attempt' | 'making' }>;

export interface PageApi {
  importDataset(source: PageSource): Promise<DatasetRecord>;
  /** @param transfer from the model that is the first file of the input. */
  train(dataset: string, settings: RunSettings, transfer?: boolean): Promise<RunRecord>;
  /** All that is in the browser's storage, oldest first. */
  stored(): Promise<{ datasets: DatasetRecord[]; runs: RunRecord[] }>;
  /** Goes on with a stored run from its last checkpoint. */
  resumeRun(id: string): Promise<RunRecord>;
  /** Of the model whose card was read. */
  evaluate(dataset: string, on: Pick<RunSettings, 'backend' | 'engine'>): Promise<ModelEvaluation>;
  /** The model whose card was read as a stored run. */
  adopt(dataset: string, on: Pick<RunSettings, 'backend' | 'engine'>): Promise<RunRecord>;
  lighten(run: string, request: LightenRequest): Promise<LightenResult>;
  /** Of the model that is the first file of the input, which is kept for {@link evaluate}. */
  readCard(): Promise<ModelCard>;
  /** Ends what goes on: an import is cancelled, a run stops at its next step and keeps what it has. */
  stop(): Promise<void>;
  /** Posts the run's model.zip to `address`. */
  postModel(run: string, address: string): Promise<void>;
  /** Posts synthetic photos to `address`, as a zip of class folders. */
  postSample(images: number, seed: number, address: string): Promise<void>;
  /** The model is the first file of the input. */
  loadModel(backend: 'auto' | Backend): Promise<LoadedModel>;
  /** Classifies file `index` of the input. */
  classify(index: number): Promise<Classification>;
}

/** How the page offers {@link PageApi} to evaluated functions. */
export type PageBridge = { readonly [Name in keyof PageApi]: (...args: Parameters<PageApi[Name]>) => Promise<Outcome<Awaited<ReturnType<PageApi[Name]>>>> };

/** The ids of the file inputs of terminal.html. */
export type InputId = 'files' | 'folder';

declare global {
  // `var`, because only that declares a property of globalThis.
  // oxlint-disable-next-line no-var
  var winnow: PageBridge | undefined;
  // oxlint-disable-next-line no-var
  var winnowReport: ((event: PageEvent) => Promise<void>) | undefined;
}
