import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { RunRecord } from '../../engine/storage/records.js';
import type { AdapterInfo } from '../../engine/support/settings.js';
import { formatInteger, formatMetric, formatSeconds } from '../locales/format.js';
import { resultOf } from '../support/runs.js';
import { kerasLog } from './log.js';
import { runText } from './progress-card.js';

/** Trained when a person asks for more. */
export const moreEpochs = 10;

/** How a run ended, in a sentence with its numbers; what can be done next is the slot's. */
export function endedCard(run: RunRecord, title: string, onContinue: () => void) {
  const { state, history } = run;
  if (state.kind === 'running' || state.kind === 'paused' || state.kind === 'interrupted') return nothing;
  const result = resultOf(run);
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const head = {
    done: msg(str`${title} is trained`, { id: 'training.done' }),
    stopped: msg(str`${title} was stopped`, { id: 'training.stopped' }),
    failed: msg(str`${title} failed`, { id: 'training.failed' }),
  }[state.kind];
  const figure = (value: string, what: string) => html`<div class="figure"><b>${value}</b><span>${what}</span></div>`;
  return html`
    <section class="card ended" aria-labelledby="ended" part="ended">
      <header>
        <div>
          <h2 id="ended">${head}</h2>
          <p class="muted">${runText(run.settings, run.datasetName)}${run.synthetic ? html` · ${msg('synthetic photos', { id: 'training.synthetic' })}` : nothing}</p>
        </div>
        <div class="buttons">
          ${result ? html`<button @click=${onContinue}>${msg(str`Train ${moreEpochs} more epochs`, { id: 'training.continue' })}</button>` : nothing}
          <slot name="next"></slot>
        </div>
      </header>
      ${
        result
          ? html`
              <div class="figures">
                ${figure(formatMetric(result.validation.accuracy), msg(str`validation, best epoch ${result.bestEpoch}`, { id: 'training.result-validation' }))}
                ${figure(formatMetric(result.test.perturbed.accuracy), msg('perturbed photos', { id: 'training.result-perturbed' }))}
                ${figure(formatInteger(history.length), result.stoppedEarly ? msg('epochs, stopped early', { id: 'training.result-early' }) : msg('epochs', { id: 'training.epochs-unit' }))}
                ${figure(formatSeconds(seconds), msg('to train', { id: 'training.result-time' }))}
              </div>
            `
          : state.kind === 'stopped'
            ? html`<p>${msg('It was stopped before its first epoch ended: there is nothing to keep.', { id: 'training.stopped-empty' })}</p>`
            : nothing
      }
    </section>
  `;
}

/** Which GPU or what in its place, and what that means for the time. Nothing to say on a real GPU by WebGPU. */
export function adapterNote(adapter: AdapterInfo) {
  const note = (head: string, text: string) => html`<div class="note" part="adapter"><strong>${head}</strong> ${text}</div>`;
  if (adapter.backend === 'cpu') {
    return note(
      msg('This browser offers neither WebGPU nor WebGL: the processor trains.', { id: 'training.cpu' }),
      msg('The results are the same, and it takes hours where a GPU takes minutes. Choose a light architecture, images of 32 pixels and a few hundred photos.', { id: 'training.cpu-means' }),
    );
  }
  if (adapter.fallback) {
    return note(
      msg(str`No GPU was found: ${adapterName(adapter)} computes in software.`, { id: 'training.software' }),
      msg('The results are the same; the processor does the work of the GPU and takes hours where one takes minutes. Choose a light architecture, images of 32 or 64 pixels and at most a few thousand photos.', { id: 'training.software-means' }),
    );
  }
  if (adapter.backend === 'webgl') {
    return note(
      msg('This browser offers no WebGPU: WebGL trains in its place.', { id: 'training.webgl' }),
      msg('The results are the same within rounding, and it takes several times longer. A current Chrome or Edge has WebGPU.', { id: 'training.webgl-means' }),
    );
  }
  return nothing;
}

function adapterName({ description, vendor, architecture, backend }: AdapterInfo): string {
  return description || [vendor, architecture].filter(Boolean).join(' ') || backend;
}

/** In Keras's own words, which are English in every language. */
export function logCard(run: RunRecord) {
  return html`
    <section class="card" part="log">
      <h2 id="log">${msg('Log', { id: 'training.log' })}</h2>
      <pre lang="en" role="region" aria-labelledby="log" tabindex="0"><code>${kerasLog(run).join('\n') || msg('Its first line comes with the end of the first epoch.', { id: 'training.log-empty' })}</code></pre>
    </section>
  `;
}
