import { html } from 'lit';
import { msg, str } from '@lit/localize';
import { formatMetric } from '../locales/format.js';
import { misses, perClass } from './quality.js';
import '../confusion-matrix/confusion-matrix.js';
import type { JudgedModel } from './models.js';

/** Two models side by side: what each takes for what, and how well it stands each perturbation. */
export function mistakesCards(models: readonly JudgedModel[], shown: readonly JudgedModel[], onShow: (place: number, run: string) => void, onCell: (model: JudgedModel, actual: number, predicted: number) => void) {
  return html`
    <div class="pair">
      ${shown.map((model, place) => html`
        <section class="card" aria-label=${msg(str`Mistakes of ${model.title}`, { id: 'comparison.mistakes-of' })} part="mistakes">
          <header>
            <h2>${model.result.test.accuracy === null ? msg('Mistakes on the validation photos', { id: 'comparison.mistakes-validation' }) : msg('Mistakes on the test photos', { id: 'comparison.mistakes-test' })}</h2>
            <label>
              <span class="visually-hidden">${msg('Model', { id: 'comparison.model' })}</span>
              <select @change=${(event: Event) => onShow(place, (event.target as HTMLSelectElement).value)}>
                ${models.map(({ run, title }) => html`<option value=${run.id} ?selected=${run.id === model.run.id}>${title}</option>`)}
              </select>
            </label>
          </header>
          <winnow-confusion-matrix
            .matrix=${model.result.confusion} .classes=${model.run.classes} ?openable=${model.result.predictions !== undefined}
            @winnow-cell=${(event: CustomEvent<{ actual: number; predicted: number }>) => onCell(model, event.detail.actual, event.detail.predicted)}
            label=${msg(str`Confusion matrix of ${model.title}`, { id: 'comparison.matrix-of' })}
          ></winnow-confusion-matrix>
          ${byKind(model)} ${perClass(model)} ${misses(model)}
        </section>
      `)}
    </div>
  `;
}

function byKind({ result }: JudgedModel) {
  const { byKind: kinds } = result.test.perturbed;
  const names = {
    flip: msg('flipped', { id: 'comparison.flip' }), rotation: msg('turned', { id: 'comparison.rotation' }), zoom: msg('zoomed', { id: 'comparison.zoom' }),
    shift: msg('shifted', { id: 'comparison.shift' }), contrast: msg('contrast', { id: 'comparison.contrast' }),
  };
  return html`
    <h3>${msg('Accuracy by perturbation', { id: 'comparison.by-kind' })}</h3>
    <dl class="kinds">
      ${(Object.keys(names) as (keyof typeof names)[]).map((kind) => html`<div><dt class="muted small">${names[kind]}</dt><dd>${formatMetric(kinds[kind].accuracy)}</dd></div>`)}
    </dl>
  `;
}
