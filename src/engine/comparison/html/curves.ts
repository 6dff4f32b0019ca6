import type { EpochRecord } from '../../storage/records.js';
import type { ReportRun } from '../report.js';
import { html, type Markup } from './markup.js';
import { linearScale, logScale, niceStep, round, type Scale } from './scale.js';

const WIDTH = 460;
const HEIGHT = 220;
const PLOT = { left: 44, right: WIDTH - 12, top: 12, bottom: HEIGHT - 26 };

/** Training (dashed) and validation (solid) accuracy over the epochs, the best one marked. */
export function accuracyCurves(run: ReportRun): Markup {
  const values = run.epochs.flatMap((epoch) => [epoch.accuracy, epoch.valAccuracy]);
  const lowest = Math.min(...values, 0.99);
  const step = niceStep((1 - lowest) / 4);
  const y = linearScale([Math.max(0, Math.floor(lowest / step + 1e-9) * step), 1], [PLOT.bottom, PLOT.top], 4);
  return curves(run, 'Accuracy', y, (epoch) => epoch.accuracy, (epoch) => epoch.valAccuracy);
}

/** Training (dashed) and validation (solid) loss over the epochs, on a logarithmic scale, the best one marked. */
export function lossCurves(run: ReportRun): Markup {
  // A loss of 0 has no place on the scale.
  const drawn = (loss: number) => Math.max(loss, 1e-6);
  const values = run.epochs.flatMap((epoch) => [drawn(epoch.loss), drawn(epoch.valLoss)]);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const y = logScale([low / 1.15, Math.max(high, low * 1.5) * 1.15], [PLOT.bottom, PLOT.top]);
  return curves(run, 'Loss', y, (epoch) => drawn(epoch.loss), (epoch) => drawn(epoch.valLoss));
}

function curves(run: ReportRun, title: string, y: Scale, train: (epoch: EpochRecord) => number, validation: (epoch: EpochRecord) => number): Markup {
  const last = Math.max(run.epochs.length, 2);
  const x = linearScale([1, last], [PLOT.left + 6, PLOT.right - 6], Math.min(last - 1, 8));
  const points = (value: (epoch: EpochRecord) => number) => run.epochs.map((epoch) => `${round(x.at(epoch.epoch))},${round(y.at(value(epoch)))}`).join(' ');
  const best = run.epochs.find((epoch) => epoch.epoch === run.bestEpoch);
  const bestX = x.at(run.bestEpoch);
  const labelLeft = bestX > (PLOT.left + PLOT.right) / 2;
  const line = (kind: string, value: (epoch: EpochRecord) => number) => html`<polyline class="line ${kind}" points="${points(value)}"/>`;
  const marker = best && html`
    <line class="best" x1="${round(bestX)}" x2="${round(bestX)}" y1="${PLOT.top}" y2="${PLOT.bottom}"/>
    <circle class="best-point" cx="${round(bestX)}" cy="${round(y.at(validation(best)))}" r="3.5"/>
    <text class="best-label" x="${round(bestX + (labelLeft ? -6 : 6))}" y="${title === 'Loss' ? PLOT.top + 10 : PLOT.bottom - 8}" text-anchor="${labelLeft ? 'end' : 'start'}">best, epoch ${run.bestEpoch}</text>`;
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title} of ${run.title} over ${run.epochs.length} epochs, training and validation">
    ${y.ticks.map((tick) => html`
      <line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(y.at(tick))}" y2="${round(y.at(tick))}"/>
      <text class="tick" x="${PLOT.left - 8}" y="${round(y.at(tick) + 3.5)}" text-anchor="end">${tick}</text>`)}
    ${x.ticks.filter(Number.isInteger).map((tick) => html`<text class="tick" x="${round(x.at(tick))}" y="${PLOT.bottom + 16}" text-anchor="middle">${tick}</text>`)}
    ${marker ?? null}${line('train', train)}${line('validation', validation)}
  </svg>`;
}
