import { titleOfRun } from '../../engine/comparison/title.js';
import type { RunRecord } from '../../engine/storage/records.js';
import type { LabStore } from './store.js';
import { download, fileName } from '../support/download.js';
import { latest } from './latest.js';

export interface NamedRun {
  readonly run: RunRecord;
  /** Its title; runs of the same one are numbered in the order of training. */
  readonly name: string;
}

/** The runs of one dataset, oldest first. */
export const namedRuns = latest((runs: readonly RunRecord[], dataset: string | null): readonly NamedRun[] => {
  const seen = new Map<string, number>();
  return runs
    .filter((run) => run.dataset === dataset)
    .map((run) => {
      const title = titleOfRun(run);
      const count = (seen.get(title) ?? 0) + 1;
      seen.set(title, count);
      return { run, name: count === 1 ? title : `${title} (${count})` };
    });
});

/** Hands a run of the chosen dataset to the browser's downloads. */
export async function saveModel(store: LabStore, id: string): Promise<void> {
  const named = namedRuns(store.state.runs, store.state.selected).find(({ run }) => run.id === id);
  const model = named && (await store.exportModel(id));
  if (model) download(model, fileName(`${named.name} ${named.run.datasetName} ${named.run.settings.size}.zip`));
}

export function lookInto(store: LabStore, id: string): void {
  void store.look.open(id);
  location.hash = '#look';
}
