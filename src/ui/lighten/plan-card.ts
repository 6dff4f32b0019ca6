import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import { graphOfRun } from '../../engine/architectures/index.js';
import { formatBytes, formatCount, formatInteger, formatMetric, plural } from '../locales/format.js';
import { keptDiagram, keyOf } from '../model-summary/diagram.js';
import type { Options } from './options-form.js';
import type { Found } from './points.js';

/** Weights as stored take so many bytes as float32, float16 and int8. */
const BYTES = { float32: 4, float16: 2, int8: 1 };

/** Before a search has made anything: what it will do, with the numbers of the given model. @param cuttable filters that can go, by layer. */
export function planCard(title: string, { points: [given], limits, rule }: Found, cuttable: ReadonlyMap<string, number>, { judge, byHand, baselines }: Options) {
  const graph = graphOfRun(given.run);
  const filters = [...cuttable.values()].reduce((sum, count) => sum + count, 0);
  const bytesAs = (precision: keyof typeof BYTES) => formatBytes((given.bytes * BYTES[precision]) / BYTES.float32);
  const step = (name: string, ...what: (string | typeof nothing)[]) => html`<li><h3>${name}</h3><p class="muted">${what}</p></li>`;
  return html`
    <section class="card plan" aria-labelledby="plan" part="plan">
      <h2 id="plan">${msg(str`What happens to ${title}`, { id: 'lighten.plan' })}</h2>
      <div class="given">
        <div>${keptDiagram(graph)} ${keyOf(graph)}</div>
        <div class="figures">
          <div class="figure"><b>${formatCount(given.flops)}</b><span>${msg('FLOPs an image', { id: 'lighten.flops-axis' })}</span></div>
          <div class="figure"><b>${formatInteger(given.costs.params)}</b><span>${msg('params', { id: 'lighten.params' })}</span></div>
          <div class="figure"><b>${formatInteger(filters)}</b><span>${plural(cuttable.size, {
            one: () => msg('filters that can go, in 1 layer', { id: 'lighten.plan-filter-layer' }),
            other: () => msg(str`filters that can go, in ${formatInteger(cuttable.size)} layers`, { id: 'lighten.plan-filter-layers' }),
          })}</span></div>
          <div class="figure"><b>${formatMetric(limits.validation)}</b><span>${msg(str`least validation accuracy, now ${formatMetric(given.validation.accuracy)}`, { id: 'lighten.plan-least' })}</span></div>
        </div>
      </div>
      <ol class="steps">
        ${step(
          msg('Measure', { id: 'lighten.plan-measure' }),
          msg(str`Its filters, on validation photos (there are ${formatInteger(rule.photos)}): how often each is dark, which other says the same, how much the loss would change without it.`, { id: 'lighten.plan-measured' }),
        )}
        ${step(
          msg('Cut, and train on', { id: 'lighten.plan-cut' }),
          msg('Half of the cost goes first, params and MACs counted alike, and the rest trains for a few epochs. As good: the next cut is made from it. Not as good: a cut half as deep.', { id: 'lighten.plan-cuts' }),
        )}
        ${step(
          msg('Train the small shapes anew', { id: 'lighten.plan-anew' }),
          msg('Where the cuts ended, the shape is also trained from scratch, on the labels and on the answers of the best model so far.', { id: 'lighten.plan-shapes' }),
          byHand ? ` ${msg('Shapes by hand come last.', { id: 'lighten.plan-hand' })}` : nothing,
          baselines > 0 ? ` ${msg('The same shape with filters chosen by chance is the comparison.', { id: 'lighten.plan-chance' })}` : nothing,
        )}
        ${step(
          msg('Choose', { id: 'lighten.plan-choose' }),
          judge === 'both'
            ? msg('The fewest FLOPs of all that are good enough, on perturbed photos too.', { id: 'lighten.plan-chosen-both' })
            : msg('The fewest FLOPs of all that are good enough.', { id: 'lighten.plan-chosen' }),
          ` ${msg(str`Its weights are stored smaller, too: ${bytesAs('float32')} as they are would be about ${bytesAs('float16')} in float16 and ${bytesAs('int8')} in int8.`, { id: 'lighten.plan-bytes' })}`,
        )}
      </ol>
    </section>
  `;
}
