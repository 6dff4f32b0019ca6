import { html, nothing, svg } from 'lit';
import { msg, str } from '@lit/localize';
import type { Costs } from '../../engine/graph/costs.js';
import type { LayerMeasures } from '../../workers/contract.js';
import { formatBytes, formatCount, formatInteger, formatMilliseconds } from '../locales/format.js';

/** Above it a filter says what another of its layer says already. */
const ALIKE = 0.95;
const BAR = 4;
const STRIP_HEIGHT = 24;

export interface LayersContext {
  /** By layer, in order. */
  readonly costs: ReadonlyMap<string, Costs>;
  /** That can go, by layer. */
  readonly filters: ReadonlyMap<string, number>;
  /** Null until they are. */
  readonly measured: readonly LayerMeasures[] | null;
  readonly measuring: boolean;
  /** Nothing trains, so that it can be measured. */
  readonly idle: boolean;
  readonly onMeasure: () => void;
  readonly onSave: () => void;
}

/** What every layer of the given model costs, and what its filters are worth. */
export function layersCard({ costs, filters: cuttable, measured, measuring, idle, onMeasure, onSave }: LayersContext) {
  const known = new Map(measured?.map((layer) => [layer.name, layer]));
  const shown = [...costs].filter(([, { macs, params }]) => macs > 0 || params > 0);
  const [mostParams, mostMacs] = [Math.max(...shown.map(([, { params }]) => params)), Math.max(...shown.map(([, { macs }]) => macs))];
  return html`
    <div class="card">
      <div class="scroll" role="region" aria-labelledby="layers" tabindex="0">
        <table part="layers">
          <caption id="layers">${msg('Layers of the given model', { id: 'lighten.layers' })}</caption>
          <thead>
            <tr>
              <th scope="col">${msg('Layer', { id: 'lighten.layer' })}</th>
              <th scope="col" class="number">${msg('Params', { id: 'lighten.params-column' })}</th>
              <th scope="col" class="number">MACs</th>
              <th scope="col" class="number">${msg('Time in a step', { id: 'lighten.time-column' })}</th>
              <th scope="col" class="number">${msg('Output', { id: 'lighten.output-column' })}</th>
              <th scope="col" class="number">${msg('Filters', { id: 'lighten.filters-column' })}</th>
              <th scope="col" class="number">${msg('Dark', { id: 'lighten.dark-column' })}</th>
              <th scope="col" class="number">${msg('Alike', { id: 'lighten.alike-column' })}</th>
              <th scope="col">${msg('Worth of each, most first', { id: 'lighten.worth-column' })}</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map(([name, { params, macs, activationBytes }]) => {
              const { stepMs = null, filters = null } = known.get(name) ?? {};
              return html`
                <tr>
                  <th scope="row"><code>${name}</code></th>
                  <td class="number">${formatInteger(params)}${bar(params / mostParams)}</td>
                  <td class="number">${formatCount(macs)}${bar(macs / mostMacs)}</td>
                  <td class="number">${formatMilliseconds(stepMs ?? NaN)}</td>
                  <td class="number">${formatBytes(activationBytes)}</td>
                  <td class="number">${cuttable.has(name) ? formatInteger(cuttable.get(name)!) : html`<span class="muted">${msg('stays whole', { id: 'lighten.whole' })}</span>`}</td>
                  <td class="number">${filters ? formatInteger(filters.zeroPlaces.filter((share) => share === 1).length) : '–'}</td>
                  <td class="number">${filters ? formatInteger(filters.redundancy.filter((alike) => alike > ALIKE).length) : '–'}</td>
                  <td>${filters ? strip(name, filters) : nothing}</td>
                </tr>
              `;
            })}
          </tbody>
        </table>
      </div>
      <p class="muted small">${msg('Dark: zero everywhere on every measured photo. Alike: correlated above 0.95 with a livelier filter of the layer. Worth: how much the loss would change without the filter (Taylor), square root, beside the layer’s greatest. Measured on validation photos.', { id: 'lighten.layers-mean' })}</p>
      <p class="buttons">
        ${measured
          ? html`<button @click=${onSave}>${msg('Download as CSV', { id: 'lighten.layers-csv' })}</button>`
          : html`<button ?disabled=${measuring || !idle} @click=${onMeasure}>${measuring ? msg('Measuring …', { id: 'lighten.layers-measuring' }) : msg('Measure its layers', { id: 'lighten.layers-measure' })}</button>`}
      </p>
    </div>
  `;
}

/** Beside the greatest of its column; under its number, and so not read out. */
function bar(share: number) {
  return html`<svg class="cost" width="100%" height="4" aria-hidden="true"><rect width="${100 * share}%" height="4" rx="2"></rect></svg>`;
}

/** The Taylor terms of a layer's filters as bars. */
function strip(name: string, { taylor }: NonNullable<LayerMeasures['filters']>) {
  const worth = taylor.map(Math.sqrt).sort((a, b) => b - a);
  const most = worth[0] || 1;
  const width = worth.length * BAR;
  const half = worth.findIndex((each) => each < most / 2);
  const label = msg(str`${name}: ${half < 0 ? worth.length : half} of ${worth.length} filters are worth at least half as much as the best`, { id: 'lighten.strip-label' });
  return html`
    <svg class="strip" role="img" aria-label=${label} viewBox="0 0 ${width} ${STRIP_HEIGHT}" width=${Math.min(width, 260)} height=${STRIP_HEIGHT} preserveAspectRatio="none">
      ${worth.map((each, index) => svg`<rect x=${index * BAR} y=${STRIP_HEIGHT * (1 - each / most)} width=${BAR - 1} height=${Math.max(0.5, (STRIP_HEIGHT * each) / most)}></rect>`)}
    </svg>
  `;
}
