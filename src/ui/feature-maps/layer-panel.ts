import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { Costs } from '../../engine/graph/costs.js';
import type { Shape } from '../../engine/graph/types.js';
import type { NetworkSilence } from '../../workers/contract.js';
import { formatInteger } from '../locales/format.js';
import { deadAmong, deadIn, silenceOf, type DeadCount } from './sheet.js';

/** A layer whose maps can be looked at. */
export interface LayerChoice {
  readonly name: string;
  /** Of its output, without the batch. */
  readonly shape: Shape;
  /** Layers of one block, an inception module's branches, share a name and are folded away together. */
  readonly group?: string;
  /** It has filters that can be painted. */
  readonly kernel?: boolean;
  readonly costs?: Pick<Costs, 'params' | 'macs' | 'activationBytes'>;
}

/** Whether it is known what the filters are worth: `not` and cannot be asked for now, `able`, `under-way`, `done`. */
export type Measuring = 'not' | 'able' | 'under-way' | 'done';

export interface LayersContext {
  readonly layers: readonly LayerChoice[];
  readonly chosen: string;
  readonly silence: NetworkSilence | null;
  readonly counting: boolean;
  readonly measuring: Measuring;
  readonly onChoose: (layer: string) => void;
  readonly onMeasure: () => void;
  readonly onSave: () => void;
}

/** 112² × 64, 7 × 5 × 32, or 128. */
function shapeText(shape: Shape): string {
  if (shape.length === 1) return formatInteger(shape[0]);
  const [height, width, channels] = shape;
  return `${height === width ? `${height}²` : `${height} × ${width}`} × ${channels}`;
}

export function layerPanel(context: LayersContext) {
  const { layers, silence, counting, measuring, onMeasure, onSave } = context;
  return html`
    <section class="card layers" part="layers">
      <fieldset>
        <legend>${msg('Layers', { id: 'maps.layers' })}</legend>
        <div class="list">${blocks(layers).map(({ group, members }) => (group === undefined ? members.map((layer) => choice(layer, context)) : block(group, members, context)))}</div>
      </fieldset>
      ${silence
        ? html`<p class="muted small">${msg(str`Dead: zero at every place on each of ${formatInteger(silence.photos)} validation photos.`, { id: 'maps.dead-means' })}</p>`
        : counting ? html`<p class="muted small" role="status">${msg('Counting dead filters…', { id: 'maps.counting' })}</p>` : nothing}
      ${measuring === 'not'
        ? nothing
        : html`<p class="buttons">
            ${measuring === 'done'
              ? html`<button @click=${onSave}>${msg('Measures as CSV', { id: 'maps.measures-csv' })}</button>`
              : html`<button ?disabled=${measuring === 'under-way'} @click=${onMeasure}>${measuring === 'able' ? msg('Measure filters', { id: 'maps.measure' }) : msg('Measuring filters…', { id: 'maps.measuring' })}</button>`}
          </p>`}
    </section>
  `;
}

function choice({ name, shape, group }: LayerChoice, { chosen, silence, onChoose }: LayersContext) {
  const measured = silenceOf(silence, name);
  return html`
    <label class=${name === chosen ? 'chosen' : ''}>
      <input type="radio" name="layer" class="visually-hidden" value=${name} .checked=${name === chosen} @change=${() => onChoose(name)} />
      <span class="name">${group === undefined ? name : name.replace(`${group}_`, '')}</span>
      <span class="muted shape">${shapeText(shape)}</span>
      ${measured ? deadBar(deadIn(measured)) : nothing}
    </label>
  `;
}

/** Folded, unless the chosen layer is in it. */
function block(group: string, members: readonly LayerChoice[], context: LayersContext) {
  const sum = deadAmong(members.flatMap(({ name }) => silenceOf(context.silence, name) ?? []));
  return html`
    <details ?open=${members.some(({ name }) => name === context.chosen)}>
      <summary><span class="name">${group}</span> <span class="muted shape">${msg(str`${formatInteger(members.length)} layers`, { id: 'maps.members' })}</span>${sum.of > 0 ? deadBar(sum) : nothing}</summary>
      ${members.map((layer) => choice(layer, context))}
    </details>
  `;
}

function deadBar({ dead, of }: DeadCount) {
  return html`
    <span class="dead small">
      <span class="bar highlight"><i .style=${`width: ${(100 * dead) / of}%`}></i></span>
      <span>${msg(str`${formatInteger(dead)} of ${formatInteger(of)} dead`, { id: 'maps.dead' })}</span>
    </span>
  `;
}

/** Neighbours of one group together; a layer without a group on its own. */
function blocks(layers: readonly LayerChoice[]): { readonly group: string | undefined; readonly members: readonly LayerChoice[] }[] {
  const found: { group: string | undefined; members: LayerChoice[] }[] = [];
  for (const layer of layers) {
    const last = found.at(-1);
    if (last && last.group === layer.group) last.members.push(layer);
    else found.push({ group: layer.group, members: [layer] });
  }
  return found;
}
