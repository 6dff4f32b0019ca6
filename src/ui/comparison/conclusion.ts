import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import { formatBytes, formatCount, formatList, formatMetric, formatPercent, formatRounded, plural } from '../locales/format.js';
import type { JudgedModel } from './models.js';
import type { Verdict } from './verdict.js';

export interface ConclusionContext {
  readonly verdict: Verdict;
  /** Models that were judged. */
  readonly count: number;
  readonly floor: number;
  readonly onFloor: (text: string) => void;
}

/** What the numbers say, in words; how it was chosen, and what speaks against it. */
export function conclusionCard({ verdict, count, floor, onFloor }: ConclusionContext) {
  const { chosen } = verdict;
  return html`
    <section class="card conclusion" aria-labelledby="conclusion" part="conclusion">
      <h2 id="conclusion">${msg('Conclusion', { id: 'comparison.conclusion' })}</h2>
      <p class="sentence">${sentence(verdict, count, floor)}</p>
      <p class="muted">${[rule(floor), certainty(chosen), paired(verdict), misjudged(verdict)].filter(Boolean).join(' ')}</p>
      <label class="floor-field">
        ${msg('Floor', { id: 'comparison.floor' })}
        <input type="number" min="0" max="1" step="0.01" .value=${String(floor)} @change=${(event: Event) => onFloor((event.target as HTMLInputElement).value)} />
        <span class="muted small">${msg('Under this accuracy a model counts as unusable.', { id: 'comparison.floor-means' })}</span>
      </label>
      <div class="figures">${figures(verdict)}</div>
    </section>
  `;
}

function sentence({ chosen, reaches, better }: Verdict, count: number, floor: number): string {
  const { title, costs, result } = chosen;
  const accuracy = formatMetric(result.test.perturbed.accuracy);
  if (!reaches) {
    return msg(str`No model reaches ${formatMetric(floor, 2)} on perturbed photos; ${title} comes nearest with ${accuracy}. Train longer or on more photos before cost decides.`, { id: 'comparison.none-reaches' });
  }
  const flops = formatCount(costs.flops);
  if (count === 1) return msg(str`${title} reaches ${accuracy} on perturbed photos for ${flops} FLOPs an image. A second run makes it a comparison.`, { id: 'comparison.single' });
  if (!better) return msg(str`${title} is the efficient one, and none is more accurate: ${accuracy} on perturbed photos for ${flops} FLOPs an image.`, { id: 'comparison.best-of-all' });
  const [times, points, other] = [formatRounded(better.times), formatRounded(better.points), better.model.title];
  if (better.mayBeChance) {
    return msg(str`${title} is the efficient one: ${accuracy} on perturbed photos for ${flops} FLOPs an image, ${times} times cheaper than ${other}, whose ${points} points more may be chance.`, { id: 'comparison.efficient-chance' });
  }
  return msg(str`${title} is the efficient one: ${accuracy} on perturbed photos for ${flops} FLOPs an image, ${times} times cheaper than ${other}, which is ${points} points better.`, { id: 'comparison.efficient' });
}

function rule(floor: number): string {
  return msg(str`Rule: the fewest FLOPs among the models with at least ${formatMetric(floor, 2)} on perturbed photos.`, { id: 'comparison.rule' });
}

function certainty({ title, result }: JudgedModel): string {
  const [low, high] = result.test.perturbed.interval;
  return msg(str`With 95 % confidence ${title} lies between ${formatMetric(low)} and ${formatMetric(high)} there.`, { id: 'comparison.certainty' });
}

/** McNemar's word on the more accurate one, where both saw the same photos. */
function paired({ better }: Verdict): string {
  if (!better || better.p === null) return '';
  const [title, p] = [better.model.title, better.p < 0.001 ? '< 0.001' : `= ${formatMetric(better.p, 3)}`];
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
    figure(signed(formatPercent(Math.abs(chosen.costs.params / largest.costs.params - 1), 1), -1), msg(str`params against ${largest.title}`, { id: 'comparison.saved' })),
    download,
    figure(signed(formatMetric(Math.abs(points), 1), points), msg(str`points against ${largest.title}`, { id: 'comparison.points' })),
  ];
}

/** With a real minus sign. */
function signed(text: string, sign: number): string {
  return `${sign < 0 ? '−' : sign > 0 ? '+' : ''}${text}`;
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
