import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { Rule } from '../../../engine/comparison/recommendation.js';
import { formatInteger, plural } from '../../locales/format.js';
import '../../comparison/comparison.js';
import '../../metrics-chart/metrics-chart.js';
import type { ChartSeries } from '../../metrics-chart/metrics-chart.js';
import { bestEpochOf } from '../../support/runs.js';
import { errorNote } from '../../theme/error-note.js';
import { latest } from '../latest.js';
import type { ReportFormat } from '../report.js';
import { lookInto, namedRuns, saveModel, type NamedRun } from '../runs.js';
import { chosenDataset } from '../state.js';
import type { LabStore } from '../store.js';
import type { PlaceContent } from './index.js';

export function render(store: LabStore): PlaceContent {
  const { runs, selected, training, errors, ready, gallery } = store.state;
  const named = namedRuns(runs, selected);
  const name = chosenDataset(store.state)?.name ?? '';
  const elsewhere = runs.length - named.length;
  const series = curvesOf(named);
  return {
    lead: named.length > 0 ? leadOf(named.length, name) : msg('Models beside each other: how good, how large, how fast.', { id: 'compare.lead' }),
    actions: named.length > 0 && !training ? html`<a class="button" href="#train">${msg('Train another', { id: 'compare.train' })}</a><a class="button" href="#use">${msg('Use a model', { id: 'compare.use' })}</a>` : nothing,
    body: html`
      ${errors.compare ? errorNote(errors.compare) : nothing}
      ${
        named.length > 0
          ? html`
              <winnow-comparison
                .runs=${recordsOf(named)}
                .photos=${gallery.photos}
                @winnow-photos=${(event: CustomEvent<{ dataset: string; indices: number[] }>) => store.gallery.show(event.detail.dataset, event.detail.indices)}
                @winnow-report=${(event: CustomEvent<{ runs: string[]; rule: Rule; format: ReportFormat }>) => store.saveReport(event.detail.runs, event.detail.rule, event.detail.format)}
                @winnow-look=${(event: CustomEvent<{ run: string }>) => lookInto(store, event.detail.run)}
                @winnow-export=${(event: CustomEvent<{ run: string }>) => saveModel(store, event.detail.run)}
                @winnow-delete-run=${(event: CustomEvent<{ run: string }>) => store.deleteRun(event.detail.run)}
              ></winnow-comparison>
              ${
                series.length > 0
                  ? html`
                      <div class="row">
                        <winnow-metrics-chart metric="accuracy" .series=${series}></winnow-metrics-chart>
                        <winnow-metrics-chart metric="loss" .series=${series}></winnow-metrics-chart>
                      </div>
                    `
                  : nothing
              }
            `
          : ready
            ? html`
                <section class="card empty">
                  <p>${msg('Nothing is trained on this dataset yet. Two models are the least for a comparison.', { id: 'compare.empty' })}</p>
                  <p><a class="button primary" href="#train">${msg('Train two models', { id: 'compare.train-two' })}</a></p>
                </section>
              `
            : html`<div class="waiting" aria-busy="true"></div>`
      }
      ${elsewhere > 0 ? html`<p class="muted small">${elsewhereText(elsewhere)}</p>` : nothing}
    `,
  };
}

const recordsOf = latest((named: readonly NamedRun[]) => named.map(({ run }) => run));

const curvesOf = latest((named: readonly NamedRun[]): ChartSeries[] =>
  // Of lighter models only the results count: their curves would hide the others.
  named.filter(({ run }) => run.history.length > 0 && !run.lightened).map(({ run, name }) => ({ name, history: run.history, bestEpoch: bestEpochOf(run) })),
);

function leadOf(count: number, name: string): string {
  return plural(count, {
    one: () => msg(str`1 run on ${name}. A second one makes it a comparison.`, { id: 'compare.lead-one' }),
    other: () => msg(str`${formatInteger(count)} runs on ${name}: how good, how large, how fast.`, { id: 'compare.lead-many' }),
  });
}

function elsewhereText(count: number): string {
  return plural(count, {
    one: () => msg('1 run on another dataset is not shown; choose its dataset in Data.', { id: 'compare.elsewhere-one' }),
    other: () => msg(str`${formatInteger(count)} runs on other datasets are not shown; choose their dataset in Data.`, { id: 'compare.elsewhere' }),
  });
}
