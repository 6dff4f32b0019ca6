import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { Pairing } from '../../engine/comparison/paired.js';
import { disagreements, unpackPredictions, type Disagreement, type Predictions } from '../../engine/comparison/predictions.js';
import type { PackedPredictions } from '../../engine/storage/records.js';
import { formatInteger, formatMetric, formatSigned, plural } from '../locales/format.js';
import type { JudgedModel } from './models.js';
import { pairOn } from './verdict.js';

export interface PairContext {
  readonly first: JudgedModel;
  readonly second: JudgedModel;
  /** Null where one of the runs kept no record of its answers. */
  readonly disagreements: readonly Disagreement[] | null;
  readonly onShow: () => void;
}

/** Two models on the same photos: who is right where the other is not, whether that is chance, and where they disagree. */
export function pairCard({ first, second, disagreements, onShow }: PairContext) {
  const tests = [
    { name: msg('Validation', { id: 'comparison.accuracy' }), pairing: pairOn(first, second, 'validation') },
    { name: msg('Perturbed test', { id: 'comparison.perturbed' }), pairing: pairOn(first, second, 'perturbed') },
  ];
  const title = msg(str`${first.title} against ${second.title}, photo by photo`, { id: 'comparison.pair' });
  return html`
    <section class="card" part="pair">
      <h2 id="pair">${title}</h2>
      <div class="scroll" role="region" aria-labelledby="pair" tabindex="0">
        <table class="narrow" aria-labelledby="pair">
          <thead>
            <tr>
              <th scope="col">${msg('On', { id: 'comparison.pair-on' })}</th>
              <th scope="col" class="number">${msg('Photos', { id: 'comparison.pair-photos' })}</th>
              <th scope="col" class="number">${msg(str`Only ${first.title} right`, { id: 'comparison.pair-only' })}</th>
              <th scope="col" class="number">${msg(str`Only ${second.title} right`, { id: 'comparison.pair-only' })}</th>
              <th scope="col" class="number">${msg('Difference in points, 95 %', { id: 'comparison.pair-difference' })}</th>
              <th scope="col" class="number">${msg('McNemar’s p', { id: 'comparison.pair-p' })}</th>
              <th scope="col">${msg('So', { id: 'comparison.pair-so' })}</th>
            </tr>
          </thead>
          <tbody>${tests.map(({ name, pairing }) => row(name, pairing, first, second))}</tbody>
        </table>
      </div>
      ${disagreements === null
        ? html`<p class="muted small">${msg('One of the two was trained before answers were kept: where they disagree is not known.', { id: 'comparison.pair-unknown' })}</p>`
        : html`
            <p class="disagree">
              <span>${plural(disagreements.length, {
                one: () => msg('They take 1 photo for different classes.', { id: 'comparison.disagree-one' }),
                other: () => msg(str`They take ${formatInteger(disagreements.length)} photos for different classes.`, { id: 'comparison.disagree' }),
              })}</span>
              ${disagreements.length > 0 ? html`<button @click=${onShow}>${msg('Show these photos', { id: 'comparison.disagree-show' })}</button>` : nothing}
            </p>
          `}
    </section>
  `;
}

function row(name: string, pairing: Pairing | null, first: JudgedModel, second: JudgedModel) {
  if (!pairing) return html`<tr><th scope="row">${name}</th><td colspan="6" class="muted">${msg('not judged on the same photos', { id: 'comparison.pair-other' })}</td></tr>`;
  const { onlyFirst, onlySecond, p, photos, difference, interval } = pairing;
  const points = (share: number) => formatSigned(share * 100, (each) => formatMetric(each, 1));
  const better = onlyFirst > onlySecond ? first.title : second.title;
  return html`
    <tr>
      <th scope="row">${name}</th>
      <td class="number">${formatInteger(photos)}</td>
      <td class="number">${formatInteger(onlyFirst)}</td>
      <td class="number">${formatInteger(onlySecond)}</td>
      <td class="number">${points(difference)} <span class="muted">(${points(interval[0])} … ${points(interval[1])})</span></td>
      <td class="number">${pText(p)}</td>
      <td>${p > 0.05 ? msg('may be chance', { id: 'comparison.pair-chance' }) : msg(str`${better} is better`, { id: 'comparison.pair-better' })}</td>
    </tr>
  `;
}

export function pText(p: number): string {
  return p < 0.001 ? `< ${formatMetric(0.001, 3)}` : formatMetric(p, 3);
}

const unpacked = new WeakMap<PackedPredictions, Predictions>();

/** Unpacked once. */
export function answersOf(packed: PackedPredictions): Predictions {
  let answers = unpacked.get(packed);
  if (!answers) unpacked.set(packed, (answers = unpackPredictions(packed)));
  return answers;
}

const compared = new WeakMap<PackedPredictions, WeakMap<PackedPredictions, readonly Disagreement[]>>();

/** Null where one kept no record of its answers. */
export function disagreementsOf({ result: { predictions: first } }: JudgedModel, { result: { predictions: second } }: JudgedModel): readonly Disagreement[] | null {
  if (!first || !second) return null;
  const others = compared.get(first) ?? new WeakMap<PackedPredictions, readonly Disagreement[]>();
  compared.set(first, others);
  let found = others.get(second);
  if (!found) others.set(second, (found = disagreements(answersOf(first), answersOf(second))));
  return found;
}
