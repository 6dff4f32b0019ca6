import { findArchitecture } from '../../engine/architectures/index.js';
import type { RunRecord } from '../../engine/storage/records.js';
import type { LabStore } from './store.js';
import { download } from './download.js';
import { latest } from './latest.js';

export interface NamedRun {
  readonly run: RunRecord;
  /** The architecture's title, with what was made of it; runs of the same one are numbered in the order of training. */
  readonly name: string;
}

/** The runs of one dataset, oldest first. */
export const namedRuns = latest((runs: readonly RunRecord[], dataset: string | null): readonly NamedRun[] => {
  const seen = new Map<string, number>();
  return runs
    .filter((run) => run.dataset === dataset)
    .map((run) => {
      const { title: plain } = findArchitecture(run.settings.arch);
      const title = run.lightened ? `${plain} ${run.lightened.name}` : plain;
      const count = (seen.get(title) ?? 0) + 1;
      seen.set(title, count);
      return { run, name: count === 1 ? title : `${title} (${count})` };
    });
});

/** The epoch whose weights count: the result's, or so far the one with the lowest validation loss. */
export function bestEpoch({ state, history }: RunRecord): number | null {
  if ((state.kind === 'done' || state.kind === 'stopped') && state.result) return state.result.bestEpoch;
  return history.length > 0 ? history.reduce((best, record) => (record.valLoss < best.valLoss ? record : best)).epoch : null;
}

export async function saveModel(store: LabStore, { run, name }: NamedRun): Promise<void> {
  const model = await store.exportModel(run.id);
  if (model) download(model, `${name} ${run.datasetName} ${run.settings.size}.zip`.replace(/[^\p{L}\p{N}.]+/gu, '-').toLowerCase());
}
