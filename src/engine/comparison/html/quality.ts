import { formatAccuracy, formatInteger } from '../format.js';
import type { ReportRun } from '../report.js';
import { html, type Markup } from './markup.js';

const MOST_CLASSES = 50;
const MOST_MISTAKES = 20;

/** Precision, recall and F1 of each class, on the test photos or, without any, the validation photos. */
export function judgedClasses({ test, validation }: ReportRun, classes: readonly string[]): Markup | false {
  const perClass = test.perClass ?? validation.perClass;
  if (!perClass) return false;
  const share = (value: number | null) => (value === null ? '–' : formatAccuracy(value));
  // The hardest first where there are too many to read.
  const order = [...perClass.keys()];
  if (order.length > MOST_CLASSES) order.sort((a, b) => (perClass[a].f1 ?? 0) - (perClass[b].f1 ?? 0));
  return html`<section class="card"><h3>Classes, ${test.perClass ? 'test' : 'validation'} photos${order.length > MOST_CLASSES && `, the ${MOST_CLASSES} hardest`}</h3><table>
<thead><tr><th>Class</th><th>Precision</th><th>Recall</th><th>F1</th><th>Photos</th></tr></thead>
<tbody>${order.slice(0, MOST_CLASSES).map((label) => {
    const { precision, recall, f1, images } = perClass[label];
    return html`<tr><td>${classes[label]}</td><td>${share(precision)}</td><td>${share(recall)}</td><td>${share(f1)}</td><td>${formatInteger(images)}</td></tr>`;
  })}</tbody></table></section>`;
}

/** Validation photos that were taken for another class, the most confident first. */
export function mistakes({ mistakes: all = [] }: ReportRun): Markup | false {
  if (all.length === 0) return false;
  return html`<section class="card"><details><summary>Validation photos that it gets wrong, the most confident first</summary><table>
<thead><tr><th>Photo</th><th class="text">True</th><th class="text">Predicted</th><th>Probability</th></tr></thead>
<tbody>${all.slice(0, MOST_MISTAKES).map(({ name, truth, predicted, probability }) => html`<tr><td>${name}</td><td class="text">${truth}</td><td class="text">${predicted}</td><td>${formatAccuracy(probability)}</td></tr>`)}</tbody></table></details></section>`;
}
