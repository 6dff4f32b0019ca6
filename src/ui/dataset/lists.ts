import { html, nothing, svg, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import type { DatasetRecord } from '../../engine/storage/records.js';
import { formatBytes, formatDay, formatDuration, formatInteger, plural } from '../locales/format.js';
import type { ImportJob } from './dataset.js';

/** The import that is going on. */
export function jobCard(job: ImportJob, cancel: () => void): TemplateResult {
  const { progress } = job;
  const known = progress !== null && progress.total > 0;
  return html`
    <section class="card job" aria-labelledby="job" aria-busy="true">
      <header>
        <h2 id="job">${msg(str`Importing ${job.name}`, { id: 'dataset.importing' })}</h2>
        <button @click=${cancel}>${msg('Cancel', { id: 'dataset.cancel' })}</button>
      </header>
      <progress aria-labelledby="job" max="1" .value=${known ? progress.done / progress.total : 0}></progress>
      <p>
        ${
          known
            ? html`<span>${msg(str`${formatInteger(progress.done)} of ${formatInteger(progress.total)} images`, { id: 'dataset.done-of' })}</span>
                <span class="muted">${msg(str`${formatInteger(progress.imagesPerSecond)} a second`, { id: 'dataset.rate' })}</span>
                <span class="muted">${msg(str`${formatDuration(progress.secondsLeft)} left`, { id: 'dataset.left' })}</span>`
            : html`<span class="muted">${msg('Reading what there is…', { id: 'dataset.opening' })}</span>`
        }
      </p>
      ${progress && progress.refused > 0 ? html`<p class="small muted">${leftOutText(progress.refused)}</p>` : nothing}
    </section>
  `;
}

/** Every stored dataset: one is shown, each can be deleted. */
export function storedList(
  datasets: readonly DatasetRecord[],
  selected: string | null,
  choose: (id: string) => void,
  askToDelete: (dataset: DatasetRecord) => void,
): TemplateResult {
  return html`
    <section class="card" aria-labelledby="stored">
      <h2 id="stored">${msg('Stored in this browser', { id: 'dataset.stored' })}</h2>
      <ul class="stored">
        ${datasets.map(
          (dataset) => html`
            <li class=${dataset.id === selected ? 'selected' : ''}>
              <button class="choose" aria-pressed=${dataset.id === selected} @click=${() => choose(dataset.id)}>
                <b>${dataset.name}</b>
                <span class="muted small">${imagesText(dataset.images)} · ${formatBytes(dataset.bytes)} · ${formatDay(dataset.created)}</span>
              </button>
              <button class="bare delete" aria-label=${msg(str`Delete ${dataset.name}`, { id: 'dataset.delete-label' })} @click=${() => askToDelete(dataset)}>${bin}</button>
            </li>
          `,
        )}
      </ul>
    </section>
  `;
}

function imagesText(count: number): string {
  return plural(count, {
    one: () => msg('1 photo', { id: 'dataset.photo' }),
    other: () => msg(str`${formatInteger(count)} photos`, { id: 'dataset.photos' }),
  });
}

export function leftOutText(count: number): string {
  return plural(count, {
    one: () => msg('1 file was left out', { id: 'dataset.refused-one' }),
    other: () => msg(str`${formatInteger(count)} files were left out`, { id: 'dataset.refused' }),
  });
}

const bin = html`<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
  ${svg`<path d="M2.5 4.5h11M6.5 4.5v-2h3v2M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4" />`}
</svg>`;
