import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import type { DatasetRecord, Refusal } from '../../engine/storage/records.js';
import type { Photo } from '../../workers/contract.js';
import { formatBytes, formatInteger, formatPercent } from '../locales/format.js';
import { bitmap } from '../theme/bitmap.js';
import { leftOutText } from './lists.js';

/** Everything about one stored dataset. */
export function datasetCards(dataset: DatasetRecord, samples: readonly Photo[]): TemplateResult {
  return html`
    ${overview(dataset)} ${gallery(dataset, samples)} ${classTable(dataset)} ${dataset.refusedCount > 0 ? refusedFiles(dataset) : nothing}
  `;
}

function overview(dataset: DatasetRecord): TemplateResult {
  return html`
    <section class="card" aria-labelledby="overview">
      <div class="head">
        <h2 id="overview">${dataset.name}</h2>
        ${dataset.source === 'synthetic' ? html`<span class="chip caution">${msg('Drawn by Winnow, not photographed', { id: 'dataset.synthetic' })}</span>` : nothing}
      </div>
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

function classTable(dataset: DatasetRecord): TemplateResult {
  const most = Math.max(...dataset.counts);
  return html`
    <section class="card" aria-labelledby="classes">
      <h2 id="classes">${msg('Photos a class', { id: 'dataset.classes' })}</h2>
      <table class="classes" aria-labelledby="classes">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">${msg('Class', { id: 'dataset.column-class' })}</th>
            <th scope="col">${msg('Compared with the largest', { id: 'dataset.column-bar' })}</th>
            <th scope="col">${msg('Photos', { id: 'dataset.column-photos' })}</th>
            <th scope="col">${msg('Share', { id: 'dataset.column-share' })}</th>
          </tr>
        </thead>
        <tbody>
          ${dataset.classes.map((name, label) => {
            const count = dataset.counts[label];
            return html`
              <tr>
                <th scope="row">${name}</th>
                <td aria-label=${formatPercent(count / most)}><span class="bar"><i .style=${`width: ${(100 * count) / most}%`}></i></span></td>
                <td class="number">${formatInteger(count)}</td>
                <td class="number muted">${formatPercent(count / dataset.images, 1)}</td>
              </tr>
            `;
          })}
        </tbody>
      </table>
    </section>
  `;
}

function refusedFiles(dataset: DatasetRecord): TemplateResult {
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
