import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { RunRecord } from '../../../engine/storage/records.js';
import type { AugmentSettings } from '../../../engine/support/settings.js';
import type { ImportSource } from '../../../workers/contract.js';
import '../../dataset/dataset.js';
import type { Suspicion } from '../../dataset/findings.js';
import { resultOf } from '../../support/runs.js';
import { latest } from '../latest.js';
import { namedRuns } from '../runs.js';
import type { LabStore } from '../store.js';
import type { PlaceContent } from './index.js';
import { roomNote } from './room-note.js';

const none: readonly ImageBitmap[] = [];

export function render(store: LabStore): PlaceContent {
  const { datasets, selected, samples, job, errors, ready, photos, form } = store.state;
  return {
    lead: msg('Photos of each class go in; they are checked, counted and stored in this browser only.', { id: 'data.lead' }),
    actions: selected !== null && datasets.length > 0 && !job ? html`<a class="button primary" href="#train">${msg('Train on it', { id: 'data.next' })}</a>` : nothing,
    body: ready
      ? html`
          <winnow-dataset
            .datasets=${datasets}
            .selected=${selected}
            .samples=${samples}
            .job=${job}
            .error=${errors.data ?? null}
            .labels=${photos.labels}
            .parts=${photos.parts}
            .splitError=${photos.splitError}
            .browsed=${photos.browsed}
            .duplicates=${photos.duplicates}
            .suspicion=${suspicion(store.state.runs, selected)}
            .augment=${form.now.augment}
            .augmented=${photos.augmented?.bitmaps ?? none}
            @winnow-browse=${(event: CustomEvent<{ indices: number[] }>) => store.desk.browse(event.detail.indices)}
            @winnow-find-duplicates=${() => store.desk.findDuplicates()}
            @winnow-cancel-duplicates=${() => store.desk.cancelDuplicates()}
            @winnow-augment=${(event: CustomEvent<{ augment: AugmentSettings }>) => store.augment(event.detail.augment)}
            @winnow-example=${() => store.desk.nextExample()}
            @winnow-import=${(event: CustomEvent<{ source: ImportSource }>) => store.importDataset(event.detail.source)}
            @winnow-cancel-import=${() => store.cancelImport()}
            @winnow-select-dataset=${(event: CustomEvent<{ id: string }>) => store.select(event.detail.id)}
            @winnow-delete-dataset=${(event: CustomEvent<{ id: string }>) => store.deleteDataset(event.detail.id)}
          >${roomNote(store)}</winnow-dataset>
        `
      : html`<div class="waiting" aria-busy="true"></div>`,
  };
}

/** The mistakes of the run that makes the fewest: what the best network doubts is worth a look. */
export const suspicion = latest((runs: readonly RunRecord[], dataset: string | null): Suspicion | null => {
  const judged = namedRuns(runs, dataset).flatMap(({ run, name }) => {
    const result = resultOf(run);
    return result?.mistakes ? [{ run: name, mistakes: result.mistakes, accuracy: result.validation.accuracy }] : [];
  });
  return judged.reduce<(typeof judged)[number] | null>((best, each) => (best && best.accuracy > each.accuracy ? best : each), null);
});
