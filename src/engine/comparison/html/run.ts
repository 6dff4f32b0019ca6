import { trainingSeconds } from '../csv.js';
import { formatAccuracy, formatInteger, formatSeconds } from '../format.js';
import { formatBytes } from '../../graph/summary.js';
import type { MetricDetails } from '../../storage/records.js';
import { studyStrengths } from '../../support/settings.js';
import type { ReportRun } from '../report.js';
import { accuracyCurves, lossCurves } from './curves.js';
import { html, type Markup } from './markup.js';
import { judgedClasses, mistakes } from './quality.js';

/** A confusion matrix with more classes is a table nobody reads. */
const MOST_MATRIX_CLASSES = 20;

/** One model: curves, metrics by split and by perturbation, confusion matrix, settings. */
export function runSection(run: ReportRun, classes: readonly string[]): Markup {
  return html`<h2>${run.title}</h2>
${run.epochs.length > 0 && html`<div class="pair">
<figure class="card"><h3>Accuracy</h3>${accuracyCurves(run)}${legend()}</figure>
<figure class="card"><h3>Loss</h3>${lossCurves(run)}${legend()}</figure>
</div>`}
<div class="pair">
<section class="card"><h3>At the best epoch</h3>${metrics(run)}</section>
<section class="card"><h3>Settings</h3>${settings(run)}</section>
</div>
${run.advice.map(({ notice }) => html`<p class="notice">${notice.what} ${notice.remedy}</p>`)}
<section class="card"><h3>Confusion, ${run.test.accuracy === null ? 'validation' : 'test'} photos</h3>
<p class="muted">Rows are true classes, columns predicted ones.</p>
${run.confusion.length <= MOST_MATRIX_CLASSES ? matrix(run.confusion, classes) : worst(run.confusion, classes)}</section>
${judgedClasses(run, classes)}${mistakes(run)}`;
}

function legend(): Markup {
  const key = (kind: string) => html`<svg class="key" viewBox="0 0 22 8" aria-hidden="true"><path class="line ${kind}" d="M0 4H22"/></svg>`;
  return html`<figcaption>${key('validation')} validation ${key('train')} training</figcaption>`;
}

function metrics({ train, validation, test }: ReportRun): Markup {
  const row = (name: string, accuracy: number, second: string, { topK, calibrationError }: Partial<MetricDetails> = {}) =>
    html`<tr><td>${name}</td><td>${formatAccuracy(accuracy)}</td><td class="muted">${second}</td><td class="muted">${topK && formatAccuracy(topK.accuracy)}</td><td class="muted">${calibrationError !== undefined && formatAccuracy(calibrationError)}</td></tr>`;
  const interval = ([low, high]: readonly [number, number]) => `${formatAccuracy(low)} to ${formatAccuracy(high)}`;
  return html`<table>
<thead><tr><th></th><th>Accuracy</th><th>Loss, or 95 % interval</th><th>${validation.topK && `Top ${validation.topK.k}`}</th><th>${validation.topK && 'Calibration error'}</th></tr></thead>
<tbody>
${row('Train', train.accuracy, formatAccuracy(train.loss), train)}
${row('Validation', validation.accuracy, formatAccuracy(validation.loss), validation)}
${test.accuracy !== null && test.loss !== null && row('Test', test.accuracy, formatAccuracy(test.loss), test)}
${row(`Perturbed ${test.perturbed.of}`, test.perturbed.accuracy, interval(test.perturbed.interval))}
${Object.entries(test.perturbed.byKind).map(([kind, part]) => row(`only ${kind}`, part.accuracy, interval(part.interval)))}
</tbody></table>`;
}

function settings(run: ReportRun): Markup {
  const { kind, ...rates } = run.optimizer;
  const rows: [string, string][] = [
    ['Input', `${run.size} x ${run.size}, batch ${run.batch}`],
    ['Seed', run.splitSeed === null ? String(run.seed) : `${run.seed}, of the split ${run.splitSeed}`],
    ['Optimiser', [kind, ...Object.entries(rates).map(([name, value]) => `${name} ${value}`)].join(', ')],
    ...training(run),
    ['Epochs', `${run.epochs.length}, best ${run.bestEpoch}${run.stoppedEarly ? ', stopped early' : ''}${run.finished ? '' : ', interrupted'}`],
    ['Params', `${formatInteger(run.params)}, ${formatInteger(run.trainableParams)} trainable`],
    ['Trained in', formatSeconds(trainingSeconds(run.epochs))],
    ['Training step', `${run.stepMs.toFixed(1)} ms, ${(run.dataWaitShare * 100).toFixed(1)} % of the time waiting for photos`],
    ['First step after', formatSeconds(run.compileMs / 1000)],
    ['GPU memory', `${formatBytes(run.peakGpuBytes)}, ${formatBytes(run.predictedGpuBytes)} predicted`],
    ['Latency', `${run.latencyMs.toFixed(1)} ms an image`],
    ['Weights', `SHA-256 ${run.weightsSha256.slice(0, 16)}…`],
  ];
  if (run.undecodable.length > 0) rows.push(['Not decoded', run.undecodable.join(', ')]);
  return html`<table><tbody>${rows.map(([name, value]) => html`<tr><td class="muted">${name}</td><td class="text">${value}</td></tr>`)}</tbody></table>`;
}

/** What differs from plain training; the strengths of the test where they are not the study's. */
function training({ schedule, loss, augment, perturbation, freeze, parent }: ReportRun): [string, string][] {
  const named = (values: object) => Object.entries(values).map(([name, value]) => `${name} ${value}`).join(', ');
  const { kind, ...numbers } = schedule;
  const strengths = Object.fromEntries(Object.entries(augment).filter(([, strength]) => strength > 0));
  const { labelSmoothing, classWeights } = loss;
  const rows: [string, string, boolean][] = [
    ['Schedule', [kind, named(numbers)].filter(Boolean).join(', '), kind !== 'constant'],
    ['Label smoothing', String(labelSmoothing), labelSmoothing > 0],
    ['Class weights', typeof classWeights === 'string' ? classWeights : (classWeights ?? []).join(', '), classWeights !== null],
    ['Augmentation', named(strengths), Object.keys(strengths).length > 0],
    ['Perturbed by', named(perturbation), named(perturbation) !== named(studyStrengths)],
    ['Frozen', freeze === 'base' ? 'all before the head' : `the first ${freeze} layers with weights`, freeze !== 0],
    ['Begun from', parent ?? '', parent !== null],
  ];
  return rows.filter(([, , told]) => told).map(([name, value]) => [name, value]);
}

function matrix(confusion: ReportRun['confusion'], classes: readonly string[]): Markup {
  const cell = (count: number, right: boolean) => html`<td class="${right ? 'right' : count > 0 ? 'wrong' : 'none'}">${formatInteger(count)}</td>`;
  return html`<table class="matrix">
<thead><tr><th></th>${classes.map((name) => html`<th>${name}</th>`)}</tr></thead>
<tbody>${confusion.map((row, truth) => html`<tr><td>${classes[truth]}</td>${row.map((count, predicted) => cell(count, truth === predicted))}</tr>`)}</tbody></table>`;
}

/** The most frequent mistakes. */
function worst(confusion: ReportRun['confusion'], classes: readonly string[]): Markup {
  const mistakes = confusion
    .flatMap((row, truth) => row.map((count, predicted) => ({ truth, predicted, count })))
    .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_MATRIX_CLASSES);
  return html`<table><thead><tr><th>True</th><th class="text">Predicted</th><th>Photos</th></tr></thead>
<tbody>${mistakes.map(({ truth, predicted, count }) => html`<tr><td>${classes[truth]}</td><td class="text">${classes[predicted]}</td><td>${formatInteger(count)}</td></tr>`)}</tbody></table>`;
}
