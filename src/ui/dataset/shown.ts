import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import type { DatasetRecord, Refusal } from '../../engine/storage/records.js';
import type { ErrorData } from '../../engine/support/errors.js';
import type { Photo } from '../../workers/contract.js';
import { formatBytes, formatInteger, formatPercent } from '../locales/format.js';
import { bitmap } from '../theme/bitmap.js';
import { errorNote } from '../theme/error-note.js';
import { countParts, partNames } from './findings.js';
import { leftOutText } from './lists.js';
import { partText } from './photo-browser.js';

/** Counts, one photo beside the other, and the split, of one stored dataset. */
export function datasetCards(dataset: DatasetRecord, samples: readonly Photo[], split: SplitContext): TemplateResult {
  return html`${overview(dataset)} ${gallery(dataset, samples)} ${classTable(dataset, split)}`;
}

export interface SplitContext {
  readonly labels: Uint16Array | null;
  readonly parts: Uint8Array | null;
  readonly error: ErrorData | null;
}

function overview(dataset: DatasetRecord): TemplateResult {
  return html`
    <section class="card" aria-labelledby="overview">
      <header>
        <h2 id="overview">${dataset.name}</h2>
        ${dataset.source === 'synthetic' ? html`<span class="chip caution">${msg('Drawn by Winnow, not photographed', { id: 'dataset.synthetic' })}</span>` : nothing}
      </header>
      <div class="figures">
        <div class="figure"><b>${formatInteger(dataset.images)}</b><span>${msg('photos', { id: 'dataset.figure-photos' })}</span></div>
        <div class="figure"><b>${formatInteger(dataset.classes.length)}</b><span>${msg('classes', { id: 'dataset.figure-classes' })}</span></div>
        <div class="figure"><b>${formatBytes(dataset.bytes)}</b><span>${msg('stored here', { id: 'dataset.figure-bytes' })}</span></div>
        <div class="figure"><b>${formatInteger(dataset.refusedCount)}</b><span>${msg('files left out', { id: 'dataset.figure-refused' })}</span></div>
      </div>
    </section>
  `;
}

function gallery(dataset: DatasetRecord, samples: readonly Photo[]): TemplateResult {
  const single = dataset.classes.length > 24;
  const places = single ? 1 : 4;
  return html`
    <section class="card" aria-labelledby="gallery">
      <h2 id="gallery">${msg('Each class, side by side', { id: 'dataset.gallery' })}</h2>
      <div class="gallery ${dataset.classes.length <= 8 ? 'few' : ''}" part="gallery" aria-busy=${samples.length === 0}>
        ${dataset.classes.map((name, label) => {
          const photos = samples.filter((photo) => photo.label === label);
          const blanks = samples.length === 0 ? places : 0;
          return html`
            <figure>
              <div class="photos ${single ? 'single' : ''}">
                ${photos.map((photo) => html`<canvas role="img" aria-label="${name}: ${photo.name}" title=${photo.name} ${bitmap(photo.bitmap)}></canvas>`)}
                ${Array.from({ length: blanks }, () => html`<div class="blank"></div>`)}
              </div>
              <figcaption><b title=${name}>${name}</b><span class="muted">${formatInteger(dataset.counts[label])}</span></figcaption>
            </figure>
          `;
        })}
      </div>
    </section>
  `;
}

/** Counts as bars, each in the parts of the split that the form for a run asks for. */
function classTable(dataset: DatasetRecord, { labels, parts, error }: SplitContext): TemplateResult {
  const most = Math.max(...dataset.counts);
  const counts = labels && parts ? countParts(labels, parts, dataset.classes.length) : null;
  const totals = counts?.map((ofClass) => ofClass.reduce((sum, count) => sum + count, 0));
  const shown = partNames.filter((_, part) => totals && totals[part] > 0);
  return html`
    <section class="card" aria-labelledby="classes">
      <header>
        <h2 id="classes">${msg('Photos a class, as a run would split them', { id: 'dataset.classes' })}</h2>
        ${totals ? html`<ul class="key muted small">${shown.map((name) => html`<li><i class=${name}></i>${partText(name)} ${formatInteger(totals[partNames.indexOf(name)])}</li>`)}</ul>` : nothing}
      </header>
      ${error ? errorNote(error) : nothing}
      <table class="classes" aria-labelledby="classes">
        <thead>
          <tr>
            <th scope="col">${msg('Class', { id: 'dataset.column-class' })}</th>
            <th scope="col"><span class="visually-hidden">${msg('Compared with the largest', { id: 'dataset.column-bar' })}</span></th>
            <th scope="col" class="number">${msg('Photos', { id: 'dataset.column-photos' })}</th>
            ${shown.map((name) => html`<th scope="col" class="number part">${partText(name)}</th>`)}
            <th scope="col" class="number share">${msg('Share', { id: 'dataset.column-share' })}</th>
          </tr>
        </thead>
        <tbody>
          ${dataset.classes.map((name, label) => {
            const count = dataset.counts[label];
            const used = counts?.reduce((sum, ofClass) => sum + ofClass[label], 0) ?? 0;
            return html`
              <tr>
                <th scope="row">${name}</th>
                <td aria-label=${formatPercent(count / most)}>
                  <span class="bar">${
                    counts
                      ? [...partNames.map((part, index) => html`<i class=${part} .style=${`width: ${(100 * counts[index][label]) / most}%`}></i>`), html`<i class="unused" .style=${`width: ${(100 * (count - used)) / most}%`}></i>`]
                      : html`<i .style=${`width: ${(100 * count) / most}%`}></i>`
                  }</span>
                </td>
                <td class="number">${formatInteger(count)}</td>
                ${shown.map((part) => html`<td class="number muted part">${formatInteger(counts![partNames.indexOf(part)][label])}</td>`)}
                <td class="number muted share">${formatPercent(count / dataset.images, 1)}</td>
              </tr>
            `;
          })}
        </tbody>
      </table>
    </section>
  `;
}

/** Files that were left out, each with its reason. */
export function refusedFiles(dataset: DatasetRecord): TemplateResult {
  const unlisted = dataset.refusedCount - dataset.refused.length;
  return html`
    <details class="card">
      <summary>${leftOutText(dataset.refusedCount)}</summary>
      <div class="refused" tabindex="0" role="region" aria-label=${leftOutText(dataset.refusedCount)}>
        <table>
          <thead>
            <tr>
              <th scope="col">${msg('File', { id: 'dataset.column-file' })}</th>
              <th scope="col">${msg('Reason', { id: 'dataset.column-reason' })}</th>
            </tr>
          </thead>
          <tbody>
            ${dataset.refused.map((refusal) => html`<tr><td>${refusal.name}</td><td>${reasonText(refusal)}</td></tr>`)}
          </tbody>
        </table>
        ${unlisted > 0 ? html`<p class="muted">${msg(str`and ${formatInteger(unlisted)} more`, { id: 'dataset.refused-more' })}</p>` : nothing}
      </div>
    </details>
  `;
}

/** By code; the engine's English sentence where there is no translation. */
function reasonText({ code, reason }: Refusal): string {
  return msg(reason, { id: `refusal.${code}` });
}
