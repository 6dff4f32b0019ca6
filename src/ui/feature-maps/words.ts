import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { LayerSilence } from '../../engine/insight/silence.js';
import type { LayerMeasures, PaintedFilters, PaintedMaps } from '../../workers/contract.js';
import { formatBytes, formatCount, formatInteger, formatMilliseconds, formatPercent, formatRounded, plural } from '../locales/format.js';
import type { LayerChoice } from './layer-panel.js';
import type { Sheet, View } from './sheet.js';

/** Dark: on this photo. Dead: on every photo of the sample. */
export type TileState = 'alive' | 'dark' | 'dead';

/** conv2d_1, 64 maps. */
export function sheetTitle({ view, layer, values }: Sheet, maps: PaintedMaps | null): string {
  const count = values.length;
  const many = formatInteger(count);
  if (view === 'filters') return plural(count, { one: () => msg(str`${layer}, 1 filter`, { id: 'maps.filter-one' }), other: () => msg(str`${layer}, ${many} filters`, { id: 'maps.filter-many' }) });
  if (maps?.shape.length === 1) return plural(count, { one: () => msg(str`${layer}, 1 unit`, { id: 'maps.unit' }), other: () => msg(str`${layer}, ${many} units`, { id: 'maps.units' }) });
  return plural(count, { one: () => msg(str`${layer}, 1 map`, { id: 'maps.map-one' }), other: () => msg(str`${layer}, ${many} maps`, { id: 'maps.map-many' }) });
}

export function tileName(view: View, map: number, state: TileState): string {
  const number = formatInteger(map);
  if (view === 'filters') return state === 'dead' ? msg(str`filter ${number}, dead`, { id: 'maps.filter-dead' }) : msg(str`filter ${number}`, { id: 'maps.filter' });
  switch (state) {
    case 'alive': return msg(str`map ${number}`, { id: 'maps.name' });
    case 'dark': return msg(str`map ${number}, dark`, { id: 'maps.name-dark' });
    case 'dead': return msg(str`map ${number}, dead`, { id: 'maps.name-dead' });
  }
}

/** What is known of a layer's maps over a sample of photos. */
export interface Sampled {
  readonly silence: LayerSilence | null;
  /** That `silence` was measured over. */
  readonly photos: number;
  readonly filters: LayerMeasures['filters'];
}

/** Its value, how silent it is over the sample, and what the filter behind it is worth. */
export function tileReadout({ view, values }: Sheet, map: number, { silence, photos, filters }: Sampled): string {
  const value = formatRounded(values[map]);
  const parts = [view === 'filters' ? msg(str`norm ${value}`, { id: 'maps.norm' }) : msg(str`mean output ${value}`, { id: 'maps.activity' })];
  if (silence && map < silence.zeroPhotos.length) {
    const [dark, places] = [formatPercent(silence.zeroPhotos[map], 1), formatPercent(silence.zeroPlaces[map], 1)];
    parts.push(msg(str`of ${formatInteger(photos)} photos dark on ${dark}, zero at ${places} of places`, { id: 'maps.silence' }));
  }
  if (filters && map < filters.taylor.length) {
    const { taylor, mean, redundancy, twin } = filters;
    const worth = Math.sqrt(taylor[map] / (Math.max(...taylor) || 1));
    parts.push(msg(str`worth ${formatPercent(worth, 1)} of the layer’s best`, { id: 'maps.filter-worth' }), msg(str`over validation photos mean ${formatRounded(mean[map])}`, { id: 'maps.filter-mean' }));
    const other = twin[map];
    if (other !== null) parts.push(msg(str`correlation ${formatRounded(redundancy[map])} with ${formatInteger(other)}`, { id: 'maps.filter-twin' }));
  }
  return parts.join(' · ');
}

/** What the layer costs: of an image, and of a training step where that was measured. */
export function layerCost(layer: LayerChoice | undefined, stepMs: number | null): string {
  if (!layer?.costs) return '';
  const { params, macs, activationBytes } = layer.costs;
  const parts = [msg(str`${formatInteger(params)} params`, { id: 'maps.params' }), msg(str`${formatCount(macs)} MACs an image`, { id: 'maps.macs' }), msg(str`output ${formatBytes(activationBytes)}`, { id: 'maps.output' })];
  if (stepMs !== null) parts.push(msg(str`${formatMilliseconds(stepMs)} in a training step`, { id: 'maps.step' }));
  return parts.join(' · ');
}

/** Which input of the filters is shown. */
export function channelChoice({ channels, channel }: PaintedFilters, onChoose: (channel: number | null) => void) {
  const note = channel === null
    ? msg('Red, green and blue are the input channels; grey is zero.', { id: 'maps.filters-colour' })
    : msg('Light is above zero, dark below, grey is zero.', { id: 'maps.filters-grey' });
  const names = [msg('red', { id: 'maps.red' }), msg('green', { id: 'maps.green' }), msg('blue', { id: 'maps.blue' })];
  return html`
    <p class="channels small">
      ${channels > 1
        ? html`<label>${msg('Input channel', { id: 'maps.channel' })}
            <select @change=${(event: Event) => {
              const { value } = event.target as HTMLSelectElement;
              onChoose(value === '' ? null : Number(value));
            }}>
              ${channels === 3 ? html`<option value="" ?selected=${channel === null}>${msg('all, as colours', { id: 'maps.colours' })}</option>` : nothing}
              ${Array.from({ length: channels }, (_, index) => html`<option value=${index} ?selected=${index === channel}>${channels === 3 ? names[index] : formatInteger(index)}</option>`)}
            </select>
          </label>`
        : nothing}
      <span class="muted">${note}</span>
    </p>
  `;
}
