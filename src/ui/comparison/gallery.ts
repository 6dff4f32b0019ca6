import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { Photo } from '../../workers/contract.js';
import { formatInteger } from '../locales/format.js';
import { bitmap } from '../theme/bitmap.js';

/** Photos that a person has asked for. */
export interface PhotoList {
  readonly title: () => string;
  readonly dataset: string;
  /** In the dataset. */
  readonly indices: readonly number[];
  /** What is said under a photo beside its name. */
  readonly note: (index: number) => string;
}

/** Shown at once; more come by a button. */
export const PAGE = 24;

/** @param photos that have come so far, in any order. */
export function gallery(list: PhotoList, photos: readonly Photo[], wanted: number, onMore: () => void) {
  const byIndex = new Map(photos.map((photo) => [photo.index, photo]));
  const shown = list.indices.slice(0, wanted);
  return html`
    <ul class="gallery">
      ${shown.map((index) => {
        const photo = byIndex.get(index);
        return html`
          <li>
            <span class="thumb">${photo ? html`<canvas role="img" aria-label=${photo.name} ${bitmap(photo.bitmap)}></canvas>` : nothing}</span>
            <span class="small name">${photo?.name ?? '…'}</span>
            <span class="small muted">${list.note(index)}</span>
          </li>
        `;
      })}
    </ul>
    ${wanted < list.indices.length
      ? html`<p class="buttons">
          <span class="muted small">${msg(str`${formatInteger(shown.length)} of ${formatInteger(list.indices.length)}`, { id: 'comparison.shown-of' })}</span>
          <button @click=${onMore}>${msg('Show more', { id: 'comparison.more' })}</button>
        </p>`
      : nothing}
  `;
}
