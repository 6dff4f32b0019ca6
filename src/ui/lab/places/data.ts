import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { ImportSource } from '../../../workers/contract.js';
import '../../dataset/dataset.js';
import type { LabStore } from '../store.js';
import type { PlaceContent } from './index.js';

export function render(store: LabStore): PlaceContent {
  const { datasets, selected, samples, job, errors, ready } = store.state;
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
            @winnow-import=${(event: CustomEvent<{ source: ImportSource }>) => store.importDataset(event.detail.source)}
            @winnow-cancel-import=${() => store.cancelImport()}
            @winnow-select-dataset=${(event: CustomEvent<{ id: string }>) => store.select(event.detail.id)}
            @winnow-delete-dataset=${(event: CustomEvent<{ id: string }>) => store.deleteDataset(event.detail.id)}
          ></winnow-dataset>
        `
      : html`<div class="waiting" aria-busy="true"></div>`,
  };
}
