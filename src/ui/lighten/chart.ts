import { html, nothing, svg } from 'lit';
import { msg, str } from '@lit/localize';
import { formatCount, formatMetric } from '../locales/format.js';
import { costTicks, tickText } from '../support/cost-ticks.js';
import { methodText } from './texts.js';
import type { Found, LightPoint } from './points.js';

/** Which accuracy is drawn. */
export type Measure = 'perturbed' | 'validation';

export interface ChartContext {
  readonly found: Found;
  readonly measure: Measure;
  readonly selected: LightPoint;
  /** Pixels that there are. */
  readonly width: number;
  readonly onMeasure: (measure: Measure) => void;
  readonly onSelect: (run: string) => void;
}

const HEIGHT = 300;
const MARGIN = { left: 48, right: 16, top: 14, bottom: 40 };
/** Drawn as what they are: a symbol for each way, so that colour alone says nothing. */
const DRAWN: readonly LightPoint['method'][] = ['given', 'prune', 'scratch', 'distil', 'hand', 'random'];

/** Accuracy against size, as it grows: the way of the cuts as a line, every model a mark. */
export function chartCard(context: ChartContext) {
  const { measure, onMeasure, found: { points, limits } } = context;
  const methods = DRAWN.filter((method) => points.some((point) => point.method === method));
  return html`
    <section class="card chart" aria-labelledby="chart" part="chart">
      <header>
        <h2 id="chart">${msg('Accuracy against size', { id: 'lighten.chart' })}</h2>
        <div class="segmented" role="group" aria-label=${msg('Accuracy on', { id: 'lighten.measure' })}>
          ${(['perturbed', 'validation'] as const).map((each) => html`<button aria-pressed=${each === measure} @click=${() => onMeasure(each)}>${measureText(each)}</button>`)}
        </div>
      </header>
      <div class="drawing">${context.width > 0 ? drawing(context) : nothing}</div>
      <ul class="key muted small">
        ${methods.map((method) => html`<li><svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">${mark(method)}</svg>${methodText(method)}</li>`)}
        ${limits[measure] > 0 ? html`<li><svg width="20" height="14" aria-hidden="true"><path class="limit" d="M0 7H20"></path></svg>${msg('what is good enough', { id: 'lighten.limit' })}</li>` : nothing}
      </ul>
    </section>
  `;
}

export function measureText(measure: Measure): string {
  return measure === 'perturbed' ? msg('perturbed photos', { id: 'lighten.on-perturbed' }) : msg('validation photos', { id: 'lighten.on-validation' });
}

function accuracyOf(point: LightPoint, measure: Measure): number {
  return measure === 'perturbed' ? point.perturbed : point.validation.accuracy;
}

function drawing({ found: { points, limits, chosen }, measure, selected, width, onSelect }: ChartContext) {
  const shown = points.filter(({ method }) => DRAWN.includes(method));
  const limit = limits[measure];
  const accuracies = [...shown.map((point) => accuracyOf(point, measure)), limit].filter((value) => value > 0);
  const [low, high] = [Math.max(0, Math.min(...accuracies) - 0.02), Math.min(1, Math.max(...accuracies) + 0.02)];
  const costs = shown.map(({ flops }) => Math.log10(flops));
  const [small, large] = [Math.min(...costs) - 0.15, Math.max(...costs) + 0.15];
  const x = ({ flops }: Pick<LightPoint, 'flops'>) => MARGIN.left + ((Math.log10(flops) - small) / (large - small)) * (width - MARGIN.left - MARGIN.right);
  const y = (accuracy: number) => HEIGHT - MARGIN.bottom - ((accuracy - low) / (high - low || 1)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const way = shown.filter(({ method, run }) => method === 'given' || run.lightened?.cut?.kept);
  const label = msg(str`Accuracy on ${measureText(measure)} against FLOPs, ${shown.length} models. The table below holds its numbers.`, { id: 'lighten.chart-label' });
  const ticks = Array.from({ length: 5 }, (_, step) => low + ((high - low) * step) / 4);
  return html`
    <svg role="img" aria-label=${label} width=${width} height=${HEIGHT} viewBox="0 0 ${width} ${HEIGHT}">
      ${ticks.map((tick) => svg`
        <path class="grid" d="M${MARGIN.left} ${y(tick)}H${width - MARGIN.right}"></path>
        <text class="tick" x=${MARGIN.left - 8} y=${y(tick) + 4} text-anchor="end">${formatMetric(tick, 2)}</text>
      `)}
      ${costTicks(10 ** small, 10 ** large, width).map((tick) => svg`<text class="tick" x=${x({ flops: tick })} y=${HEIGHT - MARGIN.bottom + 18} text-anchor="middle">${tickText(formatCount(tick))}</text>`)}
      <text class="tick" x=${width - MARGIN.right} y=${HEIGHT - 4} text-anchor="end">${msg('FLOPs an image', { id: 'lighten.flops-axis' })}</text>
      ${limit > low ? svg`<path class="limit" d="M${MARGIN.left} ${y(limit)}H${width - MARGIN.right}"></path>` : nothing}
      <path class="way" d=${way.map((point, index) => `${index === 0 ? 'M' : 'L'}${x(point)} ${y(accuracyOf(point, measure))}`).join('')}></path>
      ${shown.map((point) => svg`
        <g class="point" transform="translate(${x(point)} ${y(accuracyOf(point, measure))})" @click=${() => onSelect(point.run.id)}>
          <title>${point.name}: ${formatMetric(accuracyOf(point, measure))}, ${formatCount(point.flops)} FLOPs</title>
          <circle class="target" r="14"></circle>
          ${point === selected ? svg`<circle class="ring" r="11"></circle>` : nothing}
          ${mark(point.method, point === chosen)}
        </g>
      `)}
    </svg>
  `;
}

function mark(method: LightPoint['method'], chosen = false) {
  const className = `mark ${method} ${chosen ? 'chosen' : ''}`;
  switch (method) {
    case 'given':
      return svg`<rect class=${className} x="-5.5" y="-5.5" width="11" height="11"></rect>`;
    case 'scratch':
      return svg`<path class=${className} d="M0 -6.5L6 5H-6Z"></path>`;
    case 'distil':
      return svg`<path class=${className} d="M0 -6.5L6.5 0L0 6.5L-6.5 0Z"></path>`;
    case 'hand':
      return svg`<path class=${className} d="M0 6.5L6 -5H-6Z"></path>`;
    case 'random':
      return svg`<path class=${className} d="M-5 -5L5 5M5 -5L-5 5"></path>`;
    default:
      return svg`<circle class=${className} r="5.5"></circle>`;
  }
}
