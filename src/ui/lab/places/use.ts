import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { RunRecord } from '../../../engine/storage/records.js';
import { formatDay, formatMetric } from '../../locales/format.js';
import { errorNote } from '../../theme/error-note.js';
import { namedRuns, saveModel } from '../runs.js';
import { hasModel } from '../state.js';
import type { LabStore } from '../store.js';
import type { PlaceContent } from './index.js';

export function render(store: LabStore): PlaceContent {
  const { runs, selected, errors } = store.state;
  const models = namedRuns(runs, selected).filter(({ run }) => hasModel(run));
  return {
    lead: msg('A trained model, carried away to where it is needed.', { id: 'use.lead' }),
    actions: nothing,
    body: html`
      ${errors.compare ? errorNote(errors.compare) : nothing}
      <section class="card" aria-labelledby="models">
        <h2 id="models">${msg('Download a model', { id: 'use.models' })}</h2>
        ${
          models.length === 0
            ? html`<p class="empty">${msg('No model is trained on this dataset yet.', { id: 'use.empty' })} <a href="#train">${msg('Train one', { id: 'use.train' })}</a></p>`
            : html`
                <ul class="models">
                  ${models.map(
                    (model) => html`
                      <li>
                        <div>
                          <b>${model.name}</b>
                          <span class="muted small">${describe(model.run)}</span>
                        </div>
                        <button aria-label=${msg(str`Download zip of ${model.name}`, { id: 'use.download-label' })} @click=${() => saveModel(store, model)}>${msg('Download zip', { id: 'use.download' })}</button>
                      </li>
                    `,
                  )}
                </ul>
              `
        }
      </section>
      <section class="card prose">
        <h2>${msg('What this can do so far', { id: 'use.title' })}</h2>
        <p>${msg('The zip holds a TensorFlow.js layers model (model.json, weights.bin) and a card that says what it was trained on and how photos are prepared for it. The terminal classifies photos with it (winnow classify), and makes Keras, ONNX and safetensors files of it (winnow export).', { id: 'use.text' })}</p>
        <p class="muted">${msg('Not built yet: trying the model on a photo here, a web component, an offline app.', { id: 'use.later' })}</p>
      </section>
    `,
  };
}

function describe({ state, settings, created }: RunRecord): string {
  const result = state.kind === 'done' || state.kind === 'stopped' ? state.result : null;
  const accuracy = result ? formatMetric(result.validation.accuracy) : '–';
  return msg(str`${settings.size} × ${settings.size} · validation accuracy ${accuracy} · ${formatDay(created)}`, { id: 'use.model' });
}
