import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { Rule } from '../../engine/comparison/recommendation.js';
import { formatBytes, formatCount, formatInteger, formatList, formatMetric, formatPercent, formatRounded, formatSigned, plural } from '../locales/format.js';
import type { JudgedModel } from './models.js';
import { pText } from './pair.js';
import type { Rival, Verdict } from './verdict.js';

export interface ConclusionContext {
  readonly verdict: Verdict;
  /** Models that were judged. */
  readonly count: number;
  readonly margin: number;
  readonly onRule: (kind: Rule['kind']) => void;
  readonly onFloor: (text: string) => void;
  /** In points. */
  readonly onMargin: (text: string) => void;
}

/** What the numbers say, in words; how it was chosen, what speaks against it, and what it would cost to be wrong. */
export function conclusionCard(context: ConclusionContext) {
  const { verdict, count } = context;
  const { chosen } = verdict;
  const wrong = stakes(verdict);
  return html`
    <section class="card conclusion" aria-labelledby="conclusion" part="conclusion">
      <h2 id="conclusion">${msg('Conclusion', { id: 'comparison.conclusion' })}</h2>
      <p class="sentence" aria-live="polite">${sentence(verdict, count)}</p>
      <p class="muted">${[certainty(chosen), paired(verdict), misjudged(verdict)].filter(Boolean).join(' ')}</p>
      ${wrong === '' ? nothing : html`<p class="muted"><b>${msg('If that is wrong:', { id: 'comparison.if-wrong' })}</b> ${wrong}</p>`}
      ${ruleFields(context)}
      <div class="figures">${figures(verdict)}</div>
    </section>
  `;
}

function ruleFields({ verdict: { rule }, margin, onRule, onFloor, onMargin }: ConclusionContext) {
  const value = (event: Event) => (event.target as HTMLInputElement).value;
  return html`
    <fieldset class="rule">
      <legend class="visually-hidden">${msg('Rule', { id: 'comparison.rule-name' })}</legend>
      <label class="wide">${msg('Efficient is', { id: 'comparison.rule-is' })}
        <select @change=${(event: Event) => onRule(value(event) as Rule['kind'])}>
          <option value="floor" ?selected=${rule.kind === 'floor'}>${msg('the fewest FLOPs above the floor', { id: 'comparison.rule-floor' })}</option>
          <option value="margin" ?selected=${rule.kind === 'margin'}>${msg('the smallest within a margin of the best', { id: 'comparison.rule-margin' })}</option>
        </select>
      </label>
      <label>${msg('Floor', { id: 'comparison.floor' })}
        <input id="floor" type="number" min="0" max="1" step="0.01" .value=${String(rule.floor)} @change=${(event: Event) => onFloor(value(event))} />
      </label>
      ${rule.kind === 'margin'
        ? html`<label>${msg('Margin, points', { id: 'comparison.margin' })}
            <input id="margin" type="number" min="0" max="100" step="0.1" .value=${String(Number((margin * 100).toFixed(6)))} @change=${(event: Event) => onMargin(value(event))} />
          </label>`
        : nothing}
      <p class="muted small">${msg('By the accuracy on perturbed photos; under the floor a model counts as unusable.', { id: 'comparison.floor-means' })}</p>
    </fieldset>
  `;
}

function sentence({ rule, chosen, reaches, better, usable }: Verdict, count: number): string {
  const { title, costs, result } = chosen;
  const accuracy = formatMetric(result.test.perturbed.accuracy);
  if (!reaches) {
    return msg(str`No model reaches ${formatMetric(rule.floor, 2)} on perturbed photos; ${title} comes nearest with ${accuracy}. Train longer or on more photos before cost decides.`, { id: 'comparison.none-reaches' });
  }
  const flops = formatCount(costs.flops);
  if (count === 1) return msg(str`${title} reaches ${accuracy} on perturbed photos for ${flops} FLOPs an image. A second run makes it a comparison.`, { id: 'comparison.single' });
  if (!better) return msg(str`${title} is the efficient one, and none is more accurate: ${accuracy} on perturbed photos for ${flops} FLOPs an image.`, { id: 'comparison.best-of-all' });
  const [points, other] = [formatRounded(better.points), better.model.title];
  if (rule.kind === 'margin') {
    const params = formatCount(costs.params);
    return msg(str`${title} is the smallest of the ${formatInteger(usable)} within ${formatRounded(rule.margin * 100)} points of the best: ${accuracy} on perturbed photos with ${params} params; ${other} is ${points} points better.`, { id: 'comparison.smallest' });
  }
  if (better.model.costs.flops <= costs.flops) return msg(str`${title} is the efficient one: ${accuracy} on perturbed photos for ${flops} FLOPs an image.`, { id: 'comparison.efficient-plain' });
  const times = formatRounded(better.times);
  if (better.mayBeChance) {
    return msg(str`${title} is the efficient one: ${accuracy} on perturbed photos for ${flops} FLOPs an image, ${times} times cheaper than ${other}, whose ${points} points more may be chance.`, { id: 'comparison.efficient-chance' });
  }
  return msg(str`${title} is the efficient one: ${accuracy} on perturbed photos for ${flops} FLOPs an image, ${times} times cheaper than ${other}, which is ${points} points better.`, { id: 'comparison.efficient' });
}

/** What it costs where the choice is the wrong one, in mistakes of a thousand photos and in arithmetic. */
function stakes({ chosen, reaches, better, cheaper }: Verdict): string {
  if (!reaches) return '';
  const bytes = (model: JudgedModel) => formatBytes(model.costs.bytes);
  if (better) {
    const [title, other, times] = [chosen.title, better.model.title, formatRounded(better.times)];
    return [
      msg(str`${title} makes ${mistakesMore(better)} than ${other}.`, { id: 'comparison.cost-mistakes' }),
      better.model.costs.flops > chosen.costs.flops ? msg(str`To take ${other} for nothing costs ${times} times the FLOPs and ${bytes(better.model)} to download instead of ${bytes(chosen)}.`, { id: 'comparison.cost-effort' }) : '',
    ].filter(Boolean).join(' ');
  }
  if (!cheaper) return '';
  return msg(str`${cheaper.model.title} would do with ${formatRounded(cheaper.times)} times fewer FLOPs, and makes ${mistakesMore(cheaper)}.`, { id: 'comparison.cost-cheaper' });
}

/** 12 more mistakes in 1,000 perturbed photos (95 %: 3 to 21); of the less accurate one. */
function mistakesMore({ points, pairing }: Rival): string {
  const thousand = (share: number) => formatInteger(Math.round(share * 1000));
  const more = thousand(pairing?.difference ?? points / 100);
  if (!pairing) return msg(str`${more} more mistakes in 1,000 perturbed photos`, { id: 'comparison.mistakes-more' });
  const [low, high] = pairing.interval;
  return msg(str`${more} more mistakes in 1,000 perturbed photos (95 %: ${thousand(low)} to ${thousand(high)})`, { id: 'comparison.mistakes-more-interval' });
}

function certainty({ title, result }: JudgedModel): string {
  const [low, high] = result.test.perturbed.interval;
  return msg(str`With 95 % confidence ${title} lies between ${formatMetric(low)} and ${formatMetric(high)} there.`, { id: 'comparison.certainty' });
}

/** McNemar's word on the more accurate one, where both saw the same photos. */
function paired({ better }: Verdict): string {
  if (!better || better.p === null) return '';
  const [title, p] = [better.model.title, better.p < 0.001 ? pText(better.p) : `= ${pText(better.p)}`];
  return better.mayBeChance
    ? msg(str`Photo by photo ${title} is no surer: McNemar’s test gives p ${p}, so the difference may be chance.`, { id: 'comparison.paired-chance' })
    : msg(str`Photo by photo ${title} is surely better: McNemar’s test gives p ${p}.`, { id: 'comparison.paired' });
}

/** The study's finding, where it holds here too. */
function misjudged({ misjudged: models }: Verdict): string {
  if (models.length === 0) return '';
  const names = formatList(models.map(({ title }) => title));
  const least = formatMetric(Math.min(...models.map(({ result }) => result.validation.accuracy)));
  return plural(models.length, {
    one: () => msg(str`Validation accuracy says little here: ${names} reached ${least} there and falls under the floor once photos are turned and shifted.`, { id: 'comparison.misjudged-one' }),
    other: () => msg(str`Validation accuracy says little here: ${names} reached at least ${least} there and fall under the floor once photos are turned and shifted.`, { id: 'comparison.misjudged' }),
  });
}

function figures({ chosen, largest }: Verdict) {
  const figure = (value: string, what: string) => html`<div class="figure"><b>${value}</b><span>${what}</span></div>`;
  const download = figure(formatBytes(chosen.costs.bytes), msg(str`to download, ${chosen.title}`, { id: 'comparison.download' }));
  if (!largest) return [download, figure(formatCount(chosen.costs.flops), msg('FLOPs an image', { id: 'comparison.axis-flops' }))];
  const points = (chosen.result.test.perturbed.accuracy - largest.result.test.perturbed.accuracy) * 100;
  return [
    figure(formatSigned(chosen.costs.params / largest.costs.params - 1, (each) => formatPercent(each, 1)), msg(str`params against ${largest.title}`, { id: 'comparison.saved' })),
    download,
    figure(formatSigned(points, (each) => formatMetric(each, 1)), msg(str`points against ${largest.title}`, { id: 'comparison.points' })),
  ];
}

/** What must be known to read the numbers right: where the photos came from, what computed, which photos judged. */
export function caveats(models: readonly JudgedModel[]) {
  const [first] = models;
  if (!first) return nothing;
  const said = [
    first.run.synthetic ? msg('The photos are synthetic, drawn by a generator: the numbers say nothing of real ones.', { id: 'comparison.synthetic' }) : '',
    models.some(({ run }) => run.adapter.fallback || run.adapter.backend === 'cpu') ? msg('Times and memory were measured on a software adapter, not on a GPU.', { id: 'comparison.software' }) : '',
    new Set(models.map(({ run }) => JSON.stringify([run.adapter.backend, run.adapter.description, run.adapter.architecture]))).size > 1 ? msg('The runs come from different adapters: compare their times with care.', { id: 'comparison.adapters' }) : '',
    first.result.test.perturbed.of === 'validation' ? msg('The perturbed test uses the validation photos, because no test photos were set aside.', { id: 'comparison.of-validation' }) : msg('The perturbed test uses test photos that no training has seen.', { id: 'comparison.of-test' }),
  ].filter(Boolean);
  return html`<ul class="caveats small muted">${said.map((text) => html`<li>${text}</li>`)}</ul>`;
}
