import { html, nothing, svg } from 'lit';
import { msg, str } from '@lit/localize';
import { formatBytes, formatCount, formatInteger, formatMetric, formatMilliseconds } from '../locales/format.js';
import { accuracyOn, type JudgedModel, type Measure } from './models.js';
import { layOut, type Point } from './scatter-layout.js';
import { tickText } from '../support/cost-ticks.js';

/** Costs that accuracy is drawn against. */
export type Axis = 'flops' | 'params' | 'filters' | 'bytes' | 'latency' | 'memory';

const axes: Readonly<Record<Axis, { readonly value: (model: JudgedModel) => number; readonly format: (value: number) => string }>> = {
  flops: { value: ({ costs }) => costs.flops, format: formatCount },
  params: { value: ({ costs }) => costs.params, format: formatCount },
  filters: { value: ({ costs }) => costs.filters, format: formatInteger },
  bytes: { value: ({ costs }) => costs.bytes, format: formatBytes },
  latency: { value: ({ result }) => result.latencyMs, format: formatMilliseconds },
  memory: { value: ({ result }) => result.peakGpuBytes, format: formatBytes },
};

export interface ScatterContext {
  readonly models: readonly JudgedModel[];
  readonly chosen: JudgedModel | null;
  readonly axis: Axis;
  readonly measure: Measure;
  readonly floor: number;
  /** Pixels that there are. */
  readonly width: number;
  readonly onAxis: (axis: Axis) => void;
  readonly onMeasure: (measure: Measure) => void;
}

const HEIGHT = 360;

/** Accuracy against a cost, with the front of those that no other beats, and the floor. */
export function scatterCard(context: ScatterContext) {
  const { models, axis, measure, onAxis, onMeasure } = context;
  const measures = (['perturbed', 'validation', 'test'] as const).filter((each) => models.some((model) => accuracyOn(model, each) !== null));
  return html`
    <section class="card scatter" aria-labelledby="scatter" part="scatter">
      <header>
        <h2 id="scatter">${msg('Accuracy against cost', { id: 'comparison.scatter' })}</h2>
        <div class="axes">
          <label>
            <span class="visually-hidden">${msg('Accuracy on', { id: 'comparison.measure' })}</span>
            <select @change=${(event: Event) => onMeasure((event.target as HTMLSelectElement).value as Measure)}>
              ${measures.map((each) => html`<option value=${each} ?selected=${each === measure}>${measureText(each)}</option>`)}
            </select>
          </label>
          <label>
            <span class="visually-hidden">${msg('Cost', { id: 'comparison.axis' })}</span>
            <select @change=${(event: Event) => onAxis((event.target as HTMLSelectElement).value as Axis)}>
              ${(Object.keys(axes) as Axis[]).map((each) => html`<option value=${each} ?selected=${each === axis}>${axisText(each)}</option>`)}
            </select>
          </label>
        </div>
      </header>
      <div class="drawing">${context.width > 0 ? drawing(context) : nothing}</div>
      <ul class="key muted small">
        <li><svg width="14" height="14" aria-hidden="true"><circle class="point front" cx="7" cy="7" r="5"></circle></svg>${msg('no other is both cheaper and as accurate', { id: 'comparison.key-front' })}</li>
        <li><svg width="14" height="14" aria-hidden="true"><circle class="point" cx="7" cy="7" r="5"></circle></svg>${msg('another one is', { id: 'comparison.key-other' })}</li>
        <li><svg width="14" height="14" aria-hidden="true"><path class="interval" d="M7 0v14"></path></svg>${msg('95 % interval', { id: 'comparison.key-interval' })}</li>
      </ul>
    </section>
  `;
}

function drawing({ models, chosen, axis, measure, floor, width }: ScatterContext) {
  const { value, format } = axes[axis];
  const shown = models.flatMap((model) => {
    const judged = accuracyOn(model, measure);
    return judged && value(model) > 0 ? [{ model, judged }] : [];
  });
  const floorText = msg(str`under the floor, ${formatMetric(floor, 2)}`, { id: 'comparison.under-floor' });
  const { plot, points, front, floor: { y: floorY, label: floorLabel }, xTicks, yTicks } = layOut(shown.map(({ model, judged }) => ({ title: model.title, cost: value(model), ...judged })), { accuracy: floor, text: floorText }, width, HEIGHT);
  const title = msg(str`${measureText(measure)} against ${axisText(axis)}. The table below holds its numbers.`, { id: 'comparison.scatter-label' });
  return html`
    <svg role="img" aria-label=${title} width=${width} height=${HEIGHT} viewBox="0 0 ${width} ${HEIGHT}">
      <rect class="under" x=${plot.left} y=${floorY} width=${plot.right - plot.left} height=${Math.max(0, plot.bottom - floorY)}></rect>
      ${yTicks.map(({ y, value: tick }) => svg`
        <path class="grid" d="M${plot.left} ${y}H${plot.right}"></path>
        <text class="tick" x=${plot.left - 8} y=${y + 4} text-anchor="end">${formatMetric(tick, 2)}</text>
      `)}
      ${xTicks.map(({ x, value: tick }) => svg`<text class="tick" x=${x} y=${plot.bottom + 18} text-anchor="middle">${tickText(format(tick))}</text>`)}
      <text class="tick" x=${plot.right} y=${HEIGHT - 6} text-anchor="end">${axisText(axis)}</text>
      <path class="floor" d="M${plot.left} ${floorY}H${plot.right}"></path>
      <text class="floor-text" x=${floorLabel.x} y=${floorLabel.y} text-anchor=${floorLabel.anchor}>${floorText}</text>
      <path class="front-line" d=${front}></path>
      ${points.map((point, index) => dot(point, shown[index].model === chosen, format(point.cost)))}
    </svg>
  `;
}

function dot({ title, x, y, low, high, accuracy, onFront, label }: Point, chosen: boolean, cost: string) {
  return svg`
    <g>
      <title>${title}: ${formatMetric(accuracy)}, ${cost}</title>
      <path class="interval" d="M${x} ${low}V${high}"></path>
      ${chosen ? svg`<circle class="ring" cx=${x} cy=${y} r="10"></circle>` : nothing}
      <circle class="point ${onFront ? 'front' : ''}" cx=${x} cy=${y} r="6"></circle>
      ${label ? svg`<text class="name ${onFront ? 'front' : ''}" x=${label.x} y=${label.y} text-anchor=${label.anchor}>${title}</text>` : nothing}
    </g>
  `;
}

function measureText(measure: Measure): string {
  switch (measure) {
    case 'perturbed':
      return msg('Accuracy on perturbed photos', { id: 'comparison.measure-perturbed' });
    case 'validation':
      return msg('Accuracy on validation photos', { id: 'comparison.measure-validation' });
    case 'test':
      return msg('Accuracy on test photos', { id: 'comparison.measure-test' });
  }
}

function axisText(axis: Axis): string {
  switch (axis) {
    case 'flops':
      return msg('FLOPs an image', { id: 'comparison.axis-flops' });
    case 'params':
      return msg('params', { id: 'comparison.axis-params' });
    case 'filters':
      return msg('filters', { id: 'comparison.axis-filters' });
    case 'bytes':
      return msg('size of the weights', { id: 'comparison.axis-bytes' });
    case 'latency':
      return msg('time an image', { id: 'comparison.axis-latency' });
    case 'memory':
      return msg('peak GPU memory in training', { id: 'comparison.axis-memory' });
  }
}
