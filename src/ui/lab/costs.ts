import type { DatasetRecord, RunRecord } from '../../engine/storage/records.js';
import type { AdapterInfo, RunSettings } from '../../engine/support/settings.js';
import type { Speed } from '../../workers/contract.js';
import { remember, remembered } from '../support/memory.js';
import type { RunCosts } from '../training/queue-card.js';
import { latest } from './latest.js';

const REMEMBERED = 'winnow.speeds';
/** Costs are shown for as many classes before there is a dataset: the study's five. */
const USUAL_CLASSES = 5;

export function classesOf(dataset: DatasetRecord | null): number {
  return dataset?.classes.length ?? USUAL_CLASSES;
}
/** By {@link costKey}. */
export interface Costs {
  /** Predicted peak bytes of GPU memory. */
  readonly memory: Readonly<Record<string, number>>;
  readonly speeds: Readonly<Record<string, Speed>>;
  /** The architecture whose time is being measured. */
  readonly measuring: string | null;
}

export function initialCosts(): Costs {
  try {
    return { memory: {}, speeds: JSON.parse(remembered(REMEMBERED) ?? '{}') as Costs['speeds'], measuring: null };
  } catch {
    return { memory: {}, speeds: {}, measuring: null };
  }
}

export function rememberSpeeds(speeds: Costs['speeds']): void {
  remember(REMEMBERED, JSON.stringify(speeds));
}

/** Everything that decides memory and time of a step. */
export function costKey({ arch, archOptions, size, batch, optimizer, freeze, engine }: RunSettings, classes: number, { backend, description, vendor, architecture }: AdapterInfo): string {
  return JSON.stringify([backend, description, vendor, architecture, arch, archOptions, size, batch, classes, optimizer.kind, freeze, engine]);
}

/** The form's settings for another architecture than the edited one. */
export function settingsFor(arch: string, edited: RunSettings): RunSettings {
  return arch === edited.arch ? edited : { ...edited, arch, archOptions: {} };
}

/** What a run will take. Time is as runs of the same kind took here, else as a few steps were measured; memory as the trainer plans it. */
export const costsOf = latest((costs: Costs, runs: readonly RunRecord[], dataset: DatasetRecord | null, adapter: AdapterInfo | null) => {
  const took = new Map<string, number>();
  if (adapter) for (const run of runs) if (run.history.length > 0) took.set(costKey(run.settings, run.classes.length, run.adapter), secondsAnImage(run));
  return (settings: RunSettings): RunCosts => {
    if (!adapter) return {};
    const key = costKey(settings, classesOf(dataset), adapter);
    const gpuBytes = costs.memory[key];
    const epochSeconds = dataset ? secondsAnEpoch(settings, dataset.images, took.get(key), costs.speeds[key]) : undefined;
    return { ...(gpuBytes !== undefined && { gpuBytes }), ...(epochSeconds !== undefined && { epochSeconds }) };
  };
});

/** Of training images, the epoch's validation included. */
function secondsAnImage({ history, split }: RunRecord): number {
  const seconds = history.map((epoch) => epoch.seconds).sort((a, b) => a - b);
  return seconds[Math.floor(seconds.length / 2)] / split.train.reduce((sum, count) => sum + count, 0);
}

function secondsAnEpoch({ batch, limit, validationShare, testShare }: RunSettings, stored: number, anImage: number | undefined, speed: Speed | undefined): number | undefined {
  const images = Math.min(stored, limit ?? stored);
  const train = images * (1 - validationShare - testShare);
  if (anImage !== undefined) return anImage * train;
  if (speed === undefined) return undefined;
  return (Math.ceil(train / batch) * speed.stepMs + Math.ceil((images * validationShare) / batch) * speed.predictMs) / 1000;
}
