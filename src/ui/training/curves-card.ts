import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { EpochRecord } from '../../engine/storage/records.js';
import { formatMetric } from '../locales/format.js';
import type { ChartSeries, LivePoint } from '../metrics-chart/curves.js';
import type { Progress } from './progress-card.js';

/** A run that has ended, whose curves can be laid over those of this one. */
export interface EarlierRun {
  readonly id: string;
  readonly name: string;
  readonly history: readonly EpochRecord[];
  readonly bestEpoch: number | null;
}

export interface CurvesContext {
  /** Null before the run is stored. */
  readonly shown: Omit<ChartSeries, 'quiet'> | null;
  readonly live: readonly LivePoint[];
  /** Newest last. */
  readonly earlier: readonly EarlierRun[];
  readonly overlaid: ReadonlySet<string>;
  readonly smoothing: number;
  readonly onOverlay: (id: string) => void;
  readonly onSmoothing: (weight: number) => void;
}

/** So many earlier runs are offered. */
const MOST_EARLIER = 6;
/** Points of the epoch under way that are kept: more than a chart has pixels for are halved. */
const MOST_POINTS = 240;

/** Accuracy and loss by epoch, with what can be laid over them and how far they are smoothed. */
export function curvesCard({ shown, live, earlier, overlaid, smoothing, onOverlay, onSmoothing }: CurvesContext) {
  const offered = earlier.slice(-MOST_EARLIER);
  const quiet = offered.filter(({ id }) => overlaid.has(id)).map(({ name, history, bestEpoch }) => ({ name, history, bestEpoch, quiet: true }));
  const series: readonly ChartSeries[] = shown ? [shown, ...quiet] : [];
  const chart = (metric: 'accuracy' | 'loss') => html`<winnow-metrics-chart metric=${metric} .series=${series} .live=${live} .smoothing=${smoothing}></winnow-metrics-chart>`;
  return html`
    <div class="curve-tools">
      <label class="smoothing">${msg('Smoothing', { id: 'training.smooth' })}
        <input type="range" min="0" max="0.9" step="0.1" .value=${String(smoothing)} aria-valuetext=${formatMetric(smoothing, 1)} @input=${(event: Event) => onSmoothing((event.target as HTMLInputElement).valueAsNumber)} />
        <span class="muted" aria-hidden="true">${formatMetric(smoothing, 1)}</span>
      </label>
      ${
        offered.length > 0
          ? html`<div class="overlay" role="group" aria-labelledby="overlay">
              <span id="overlay">${msg('Lay over', { id: 'training.overlay' })}</span>
              ${offered.map(({ id, name }) => html`<button class="chip" aria-pressed=${overlaid.has(id)} @click=${() => onOverlay(id)}>${name}</button>`)}
            </div>`
          : nothing
      }
    </div>
    <div class="row">${chart('accuracy')} ${chart('loss')}</div>
  `;
}

/** The way through the epoch under way, one progress further. Empty once its end stands in the history. */
export function followed(way: readonly LivePoint[], progress: Progress | null, name: string, epochsDone: number): readonly LivePoint[] {
  if (!progress || progress.epoch <= epochsDone) return [];
  const { epoch, step, steps, accuracy, loss } = progress;
  const point = { name, at: epoch - 1 + step / steps, accuracy, loss };
  const last = way.at(-1);
  if (!last || last.name !== name || last.at < epoch - 1 || last.at > point.at) return [point];
  if (last.at === point.at) return [...way.slice(0, -1), point];
  const kept = way.length < MOST_POINTS ? way : way.filter((_, index) => index % 2 === 0);
  return [...kept, point];
}
