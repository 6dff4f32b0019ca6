import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import { formatMetric } from '../locales/format.js';
import type { JudgedModel } from './models.js';

const MOST_CLASSES = 50;
const MOST_MISSES = 20;

/** Precision, recall and F1 of each class on the photos of the confusion matrix; nothing of a run that did not measure them. */
export function perClass({ run, result }: JudgedModel) {
  const { perClass: metrics, topK, calibrationError } = result.test.accuracy === null ? result.validation : result.test;
  if (!metrics) return nothing;
  const share = (value: number | null) => (value === null ? '–' : formatMetric(value));
  return html`
    <details>
      <summary>${msg('By class', { id: 'comparison.classes' })}</summary>
      ${topK && calibrationError !== undefined
        ? html`<p class="small muted">${msg(str`Top ${topK.k}: ${formatMetric(topK.accuracy)}, calibration error ${formatMetric(calibrationError)}`, { id: 'comparison.quality' })}</p>`
        : nothing}
      <div class="scroll" tabindex="0" role="region" aria-label=${msg('By class', { id: 'comparison.classes' })}>
        <table>
          <thead>
            <tr>
              <th scope="col">${msg('Class', { id: 'comparison.class' })}</th>
              <th scope="col" class="number">${msg('Precision', { id: 'comparison.precision' })}</th>
              <th scope="col" class="number">${msg('Recall', { id: 'comparison.recall' })}</th>
              <th scope="col" class="number">${msg('F1', { id: 'comparison.f1' })}</th>
            </tr>
          </thead>
          <tbody>
            ${metrics.slice(0, MOST_CLASSES).map(({ precision, recall, f1 }, label) => html`
              <tr><th scope="row">${run.classes[label]}</th><td class="number">${share(precision)}</td><td class="number">${share(recall)}</td><td class="number">${share(f1)}</td></tr>
            `)}
          </tbody>
        </table>
      </div>
    </details>
  `;
}

/** Validation photos that it gets wrong, the most confident first: mislabelled ones often come to the top. */
export function misses({ result: { mistakes = [] } }: JudgedModel) {
  if (mistakes.length === 0) return nothing;
  const title = msg('Validation photos that it is sure of and wrong', { id: 'comparison.misses' });
  return html`
    <details>
      <summary>${title}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label=${title}>
        <table>
          <thead>
            <tr>
              <th scope="col">${msg('Photo', { id: 'comparison.misses-photo' })}</th>
              <th scope="col">${msg('True', { id: 'comparison.misses-truth' })}</th>
              <th scope="col">${msg('Predicted', { id: 'comparison.misses-predicted' })}</th>
              <th scope="col" class="number">${msg('Probability', { id: 'comparison.misses-probability' })}</th>
            </tr>
          </thead>
          <tbody>
            ${mistakes.slice(0, MOST_MISSES).map(({ name, truth, predicted, probability }) => html`
              <tr><th scope="row">${name}</th><td>${truth}</td><td>${predicted}</td><td class="number">${formatMetric(probability)}</td></tr>
            `)}
          </tbody>
        </table>
      </div>
    </details>
  `;
}
