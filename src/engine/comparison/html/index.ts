import { formatBytes } from '../../graph/summary.js';
import { trainingSeconds } from '../csv.js';
import { formatAccuracy, formatCount, formatInteger, formatSeconds } from '../format.js';
import type { Report, ReportRun } from '../report.js';
import { html, Markup } from './markup.js';
import { runSection } from './run.js';
import { tradeOffScatter } from './scatter.js';
import { style } from './style.js';

/** `report.html`: one file that needs nothing else; no script, nothing fetched, light or dark as the reader's system. */
export function renderReportHtml(report: Report): string {
  const { dataset, adapter, runs } = report;
  const hardware = adapter.description || [adapter.vendor, adapter.architecture].filter(Boolean).join(' ') || 'unknown adapter';
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Winnow: ${dataset.name}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header>
<h1>${dataset.name}</h1>
<p class="muted">${count(runs.length, 'model')} on ${count(dataset.images, 'photo')} of ${count(dataset.classes.length, 'class', 'classes')}. Made by Winnow ${report.winnow} on ${report.created.slice(0, 10)}, with ${report.backend} on ${hardware}, ${report.engine} path.</p>
</header>
${notices(report).map((text) => html`<p class="notice">${text}</p>`)}
<main>
${runs.length > 0 && comparison(report)}
${report.failed.length > 0 && failures(report)}
${runs.map((run) => runSection(run, dataset.classes.map((one) => one.name)))}
${datasetSection(report)}
</main>
</body>
</html>`}\n`;
}

/** What a reader must know before any number. */
function notices({ dataset, adapter, runs }: Report): string[] {
  return [
    dataset.synthetic && 'Synthetic data: these photos were drawn by a generator. The numbers say nothing about real ones.',
    adapter.fallback && 'Software adapter: no GPU was used. Accuracies hold; times say nothing about a GPU.',
    runs.some((run) => run.test.perturbed.of === 'validation') && 'No test split was set aside: perturbed photos are validation photos, which early stopping has seen unperturbed.',
    runs.some((run) => !run.finished) && 'Some training was stopped before its end; the results are of what was trained until then.',
  ].filter((text) => text !== false);
}

function comparison(report: Report): Markup {
  const { runs, recommendation } = report;
  return html`<div class="pair wide">
<figure class="card"><h3>Accuracy on perturbed photos against cost</h3>${tradeOffScatter(report)}</figure>
${recommendation && html`<section class="card"><h3>Conclusion</h3>
<p class="conclusion">${recommendation.reason}</p>
<p class="muted">Rule: ${recommendation.rule} Intervals are 95 % Wilson intervals.</p>
${runs.length > 1 && figures(runs, runs[recommendation.run])}</section>`}
</div>
<section class="card"><table>
<thead><tr><th>Model</th><th>Params</th><th>Size</th><th>MACs</th><th>FLOPs</th><th>Filters</th><th>Validation</th><th>Perturbed</th><th>95 %</th><th>Val. loss</th><th>GPU memory</th><th>ms an image</th><th>Trained in</th></tr></thead>
<tbody>${[...runs].sort((a, b) => b.test.perturbed.accuracy - a.test.perturbed.accuracy).map((run) => comparisonRow(run, runs.indexOf(run) === recommendation?.run, report.criterion.floor))}</tbody>
</table></section>`;
}

function comparisonRow(run: ReportRun, chosen: boolean, floor: number): Markup {
  const { accuracy, interval } = run.test.perturbed;
  return html`<tr${chosen ? new Markup(' class="chosen"') : ''}><td>${run.title}${chosen && html` <b>chosen</b>`}</td><td>${formatInteger(run.params)}</td><td>${formatBytes(run.bytes)}</td><td>${formatCount(run.macs)}</td><td>${formatCount(run.flops)}</td><td>${formatInteger(run.filters)}</td><td>${formatAccuracy(run.validation.accuracy)}</td><td class="${accuracy < floor ? 'poor' : ''}">${formatAccuracy(accuracy)}</td><td class="muted">${formatAccuracy(interval[0])}–${formatAccuracy(interval[1])}</td><td>${formatAccuracy(run.validation.loss)}</td><td>${formatBytes(run.peakGpuBytes)}</td><td>${run.latencyMs.toFixed(1)}</td><td>${formatSeconds(trainingSeconds(run.epochs))}</td></tr>`;
}

/** The chosen model against the one with the most params. */
function figures(runs: readonly ReportRun[], chosen: ReportRun): Markup {
  const largest = runs.reduce((most, run) => (run.params > most.params ? run : most));
  const size = html`<div><strong>${formatBytes(chosen.bytes)}</strong>of weights</div>`;
  if (largest === chosen) return html`<div class="figures">${size}</div>`;
  const points = (chosen.test.perturbed.accuracy - largest.test.perturbed.accuracy) * 100;
  return html`<div class="figures">
<div><strong>−${((1 - chosen.params / largest.params) * 100).toFixed(1)} %</strong>params against ${largest.title}</div>
${size}
<div><strong>${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}</strong>points against ${largest.title}</div>
</div>`;
}

function failures({ failed }: Report): Markup {
  return html`<section class="card"><h3>Without a result</h3>${failed.map(({ arch, error }) => html`<p>${arch}: ${error ? `${error.what} ${error.remedy}` : 'stopped before its first epoch ended.'}</p>`)}</section>`;
}

function datasetSection({ dataset }: Report): Markup {
  return html`<h2>Data</h2><section class="card"><table>
<thead><tr><th>Class</th><th>Train</th><th>Validation</th><th>Test</th></tr></thead>
<tbody>${dataset.classes.map((one) => html`<tr><td>${one.name}</td><td>${formatInteger(one.train)}</td><td>${formatInteger(one.validation)}</td><td>${formatInteger(one.test)}</td></tr>`)}</tbody>
</table>
${dataset.refusedCount > 0 && html`<details><summary>${count(dataset.refusedCount, 'file')} left out</summary><table><tbody>${dataset.refused.map(({ name, reason }) => html`<tr><td>${name}</td><td class="text">${reason}</td></tr>`)}</tbody></table></details>`}
</section>`;
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${formatInteger(value)} ${value === 1 ? one : many}`;
}
