import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { Shape } from '../../engine/graph/types.js';
import type { Photo } from '../../workers/contract.js';
import { formatInteger, formatMetric } from '../locales/format.js';
import { bitmap } from '../theme/bitmap.js';

/** A layer whose maps can be looked at. */
export interface LayerChoice {
  readonly name: string;
  /** Of its output, without the batch. */
  readonly shape: Shape;
  /** Maps that answered above 0 on none of the photos they were measured over; left out where that was not measured. */
  readonly dead?: number;
}

/** 112² × 64, 7 × 5 × 32, or 128. */
export function shapeText(shape: Shape): string {
  if (shape.length === 1) return formatInteger(shape[0]);
  const [height, width, channels] = shape;
  return `${height === width ? `${height}²` : `${height} × ${width}`} × ${channels}`;
}

export function layerPanel(layers: readonly LayerChoice[], chosen: string, deadOver: number, onChoose: (layer: string) => void) {
  return html`
    <section class="card layers" part="layers">
      <fieldset>
        <legend>${msg('Layers', { id: 'maps.layers' })}</legend>
        <div class="list">
          ${layers.map(({ name, shape, dead }) => html`
            <label class=${name === chosen ? 'chosen' : ''}>
              <input type="radio" name="layer" class="visually-hidden" value=${name} .checked=${name === chosen} @change=${() => onChoose(name)} />
              <span class="name">${name}</span>
              <span class="muted shape">${shapeText(shape)}</span>
              ${dead === undefined ? nothing : html`
                <span class="dead small">
                  <span class="bar highlight"><i .style=${`width: ${(100 * dead) / shape.at(-1)!}%`}></i></span>
                  <span>${msg(str`${formatInteger(dead)} of ${formatInteger(shape.at(-1)!)} dead`, { id: 'maps.dead' })}</span>
                </span>
              `}
            </label>
          `)}
        </div>
      </fieldset>
      ${deadOver > 0 ? html`<p class="muted small">${msg(str`Dead: no answer above 0 on any of ${formatInteger(deadOver)} validation photos.`, { id: 'maps.dead-means' })}</p>` : nothing}
    </section>
  `;
}

const SHOWN_CLASSES = 5;

/** The photo, what it is, and what the model takes it for. */
export function photoPanel(photo: Photo | null, classes: readonly string[], probabilities: readonly number[] | null, onStep: (step: 1 | -1) => void) {
  const truth = photo ? classes[photo.label] : undefined;
  return html`
    <section class="card photo" part="photo" aria-labelledby="photo">
      <h2 id="photo">${msg('Photo', { id: 'maps.photo' })}</h2>
      <div class="body">
        <div class="frame">
          ${photo
            ? html`<canvas role="img" aria-label=${msg(str`Photo of class ${truth ?? '?'}: ${photo.name}`, { id: 'maps.photo-label' })} ${bitmap(photo.bitmap)}></canvas>`
            : html`<p class="empty">${msg('No photo yet.', { id: 'maps.no-photo' })}</p>`}
        </div>
        <div>
          <p class="file muted small">${photo?.name ?? nothing}</p>
          <p class="buttons">
            <button ?disabled=${!photo} @click=${() => onStep(-1)}>${msg('Previous', { id: 'maps.previous' })}</button>
            <button ?disabled=${!photo} @click=${() => onStep(1)}>${msg('Next photo', { id: 'maps.next' })}</button>
          </p>
          ${probabilities && photo ? answers(photo.label, classes, probabilities) : nothing}
        </div>
      </div>
    </section>
  `;
}

function answers(label: number, classes: readonly string[], probabilities: readonly number[]) {
  const ranked = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const shown = ranked.slice(0, SHOWN_CLASSES);
  // The true class is always among what is shown.
  if (!shown.includes(label)) shown[shown.length - 1] = label;
  const right = ranked[0] === label;
  return html`
    <p class="verdict">
      ${right
        ? html`<b>${msg(str`Right: ${classes[label]}`, { id: 'maps.right' })}</b>`
        : html`<b class="wrong">${msg(str`Wrong: it is ${classes[label]}`, { id: 'maps.wrong' })}</b>`}
    </p>
    <ul class="answers">
      ${shown.map((index) => html`
        <li class=${index === label ? 'true' : ''}>
          <span>${classes[index]}</span><b>${formatMetric(probabilities[index], 3)}</b>
          <span class="bar"><i .style=${`width: ${100 * probabilities[index]}%`}></i></span>
        </li>
      `)}
    </ul>
  `;
}
