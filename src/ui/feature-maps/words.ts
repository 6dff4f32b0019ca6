import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { LayerSilence } from '../../engine/insight/silence.js';
import type { PaintedFilters, PaintedMaps } from '../../workers/contract.js';
import { formatInteger, formatPercent, formatRounded, plural } from '../locales/format.js';
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

/** Its value, and how silent it is over the sample. */
export function tileReadout({ view, values }: Sheet, map: number, silence: LayerSilence | null, photos: number): string {
  const value = formatRounded(values[map]);
  const parts = [view === 'filters' ? msg(str`norm ${value}`, { id: 'maps.norm' }) : msg(str`mean output ${value}`, { id: 'maps.activity' })];
  if (silence && map < silence.zeroPhotos.length) {
    const [dark, places] = [formatPercent(silence.zeroPhotos[map], 1), formatPercent(silence.zeroPlaces[map], 1)];
    parts.push(msg(str`of ${formatInteger(photos)} photos dark on ${dark}, zero at ${places} of places`, { id: 'maps.silence' }));
  }
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
