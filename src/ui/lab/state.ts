import type { DatasetRecord, EpochRecord, RunRecord } from '../../engine/storage/records.js';
import type { ErrorCode, ErrorData } from '../../engine/support/errors.js';
import type { AdapterInfo, RunSettings } from '../../engine/support/settings.js';
import type { ImportSource, Photo, TrainingStart } from '../../workers/contract.js';
import type { ImportJob } from '../dataset/dataset.js';
import { remembered } from '../support/memory.js';
import { resultOf } from '../support/runs.js';
import type { Progress, Stage } from '../training/progress-card.js';
import { initialCosts, type Costs } from './costs.js';
import { rememberedForm, type Form } from './form.js';
import { noLightening, type Lightening } from './lightening.js';
import type { Looking } from './looking.js';
import { noneMeasured, type Measured } from './measurer.js';
import { noPhotos, type PhotosState } from './photos-state.js';
import { noRoom, type Room } from './room-state.js';

export const places = ['data', 'train', 'look', 'compare', 'lighten', 'use'] as const;
export type Place = (typeof places)[number];

export interface QueuedRun {
  readonly dataset: string;
  readonly settings: RunSettings;
  /** Absent where weights are drawn. */
  readonly start?: TrainingStart;
  /** A stored run that goes on from its last checkpoint, or that another tab trains and this one watches. */
  readonly resumes?: string;
}

/** The run that trains now. `run` is null until the trainer has stored it. */
export interface Training {
  readonly queued: QueuedRun;
  readonly run: string | null;
  readonly stage: Stage;
  /** Of the stage, where it is known: 0 to 1. */
  readonly share?: number | undefined;
  readonly progress: Progress | null;
  /** Another tab trains it. */
  readonly watching: boolean;
}

/** Where an error belongs, so that it stands beside what caused it. `lab`: the engine did not start. */
export type ErrorPlace = 'lab' | 'data' | 'train' | 'look' | 'compare' | 'lighten';

export interface LabState {
  readonly place: Place;
  /** False until the stored datasets and runs are read. */
  readonly ready: boolean;
  readonly adapter: AdapterInfo | null;
  readonly datasets: readonly DatasetRecord[];
  /** Id of the dataset that is shown and trained on. */
  readonly selected: string | null;
  readonly samples: readonly Photo[];
  readonly photos: PhotosState;
  readonly job: ImportJob | null;
  readonly room: Room;
  /** Oldest first. */
  readonly runs: readonly RunRecord[];
  readonly training: Training | null;
  readonly queue: readonly QueuedRun[];
  /** The run that ended last since the page was opened. */
  readonly lastRun: string | null;
  readonly form: Form;
  readonly costs: Costs;
  /** The architecture whose layers are listed, once one was asked for. */
  readonly shownArch: string | null;
  /** The model that is looked into, and another beside it. */
  readonly looking: Looking | null;
  readonly beside: Looking | null;
  /** Photos behind a cell of a confusion matrix. */
  readonly gallery: { readonly dataset: string | null; readonly photos: readonly Photo[] };
  readonly lightening: Lightening;
  readonly measured: Measured;
  readonly errors: Readonly<Partial<Record<ErrorPlace, ErrorData>>>;
}

/** Where the chosen dataset is remembered. */
export const SELECTED = 'winnow.dataset';

export function initialState(): LabState {
  return {
    place: 'data', ready: false, adapter: null, datasets: [], selected: remembered(SELECTED), samples: [], photos: noPhotos, job: null, room: noRoom,
    runs: [], training: null, queue: [], lastRun: null, form: rememberedForm(), costs: initialCosts(), shownArch: null, looking: null, beside: null, gallery: { dataset: null, photos: [] }, lightening: noLightening, measured: noneMeasured, errors: {},
  };
}

/** The dataset that is shown and trained on. */
export function chosenDataset({ datasets, selected }: Pick<LabState, 'datasets' | 'selected'>): DatasetRecord | null {
  return datasets.find(({ id }) => id === selected) ?? null;
}

/** Its best weights are stored, so that they can be looked at and carried away. */
export function hasModel(run: RunRecord): boolean {
  return resultOf(run) !== null;
}

/** What a run fails of that has nothing to do with it. */
const passing: readonly ErrorCode[] = ['gpu-lost', 'gpu-unstable', 'gpu-missing', 'worker-failed', 'disk-full'];

/** It can go on from a checkpoint. */
export function isInterrupted({ state }: RunRecord): boolean {
  return state.kind === 'interrupted' || (state.kind === 'failed' && passing.includes(state.error.code));
}

export const resuming = ({ id, dataset, settings }: RunRecord): QueuedRun => ({ dataset, settings, resumes: id });

export function byAge(runs: readonly RunRecord[]): RunRecord[] {
  return [...runs].sort((a, b) => a.created.localeCompare(b.created));
}

export function newest(datasets: readonly DatasetRecord[]): string | null {
  return datasets.reduce<DatasetRecord | null>((latest, each) => (latest && latest.created > each.created ? latest : each), null)?.id ?? null;
}

export function withEpoch(run: RunRecord, record: EpochRecord): RunRecord {
  return { ...run, history: [...run.history.filter(({ epoch }) => epoch !== record.epoch), record] };
}

export function nameOf(source: ImportSource): string {
  switch (source.kind) {
    case 'zip': return source.file.name;
    case 'folder': return source.name;
    case 'idx': return source.images.name;
    case 'synthetic': return 'Rice, synthetic';
  }
}
