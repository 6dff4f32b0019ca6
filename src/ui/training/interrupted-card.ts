import { html } from 'lit';
import { msg, str } from '@lit/localize';
import type { RunRecord } from '../../engine/storage/records.js';
import { formatInteger } from '../locales/format.js';
import { runText } from './progress-card.js';

/** Runs whose tab, worker or browser ended while they trained: each goes on from its last checkpoint at one click. */
export function interruptedCard(runs: readonly RunRecord[], titleOf: (id: string) => string, onResume: (run: string) => void) {
  return html`
    <section class="card" aria-labelledby="interrupted" part="interrupted">
      <h2 id="interrupted">${msg('Interrupted', { id: 'training.interrupted' })}</h2>
      <p class="muted">${msg('It goes on where its last checkpoint was, and ends with the same weights as if nothing had happened.', { id: 'training.interrupted-means' })}</p>
      ${runs.map((run) => {
        const title = titleOf(run.settings.arch);
        return html`
          <div class="choice">
            <button class="primary" aria-label=${msg(str`Resume ${title}`, { id: 'training.resume-named' })} @click=${() => onResume(run.id)}>${msg('Resume', { id: 'training.resume' })}</button>
            <span>${title} <span class="muted">${runText(run.settings, run.datasetName)} · ${msg(str`${formatInteger(run.history.length)} of ${formatInteger(run.settings.epochs)} epochs`, { id: 'training.interrupted-after' })}</span></span>
          </div>
        `;
      })}
    </section>
  `;
}
