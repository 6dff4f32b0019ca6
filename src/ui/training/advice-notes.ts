import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { RunRecord } from '../../engine/storage/records.js';
import { describeError } from '../locales/errors.js';

/** What the sentinel noticed in a run's first epochs, with the way out. */
export function adviceNotes({ advice = [] }: RunRecord, onAgain: () => void) {
  if (advice.length === 0) return nothing;
  return html`
    <div class="note advice" part="advice">
      ${advice.map(({ notice }) => {
        const { what, remedy } = describeError(notice);
        return html`<p><strong>${what}</strong> ${remedy}</p>`;
      })}
      <p><button @click=${onAgain}>${msg('Start again from another seed', { id: 'training.again' })}</button>
      <span class="small muted">${msg('On the same split, so that the two can be compared.', { id: 'training.again-means' })}</span></p>
    </div>
  `;
}
