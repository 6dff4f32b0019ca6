import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { ErrorData } from '../../engine/support/errors.js';
import type { NetworkSilence, PaintedCam, Photo } from '../../workers/contract.js';
import { formatInteger, formatMetric } from '../locales/format.js';
import { bitmap } from '../theme/bitmap.js';
import { errorNote } from '../theme/error-note.js';
import { deadFilters } from './sheet.js';

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

/** A Grad-CAM that was asked for and could not be had. */
export interface CamFailure {
  readonly layer: string;
  /** Class index. */
  readonly label: number;
  readonly error: ErrorData;
}

export interface CamContext {
  readonly photo: Photo | null;
  readonly cam: PaintedCam | null;
  /** In place of `cam`. */
  readonly failure: CamFailure | null;
  readonly classes: readonly string[];
  /** Where it can be taken, in the network's order. */
  readonly layers: readonly string[];
  /** @param label a class index; null for the one that the model takes the photo for. */
  readonly onAsk: (layer: string, label: number | null) => void;
}

/** Grad-CAM over the photo, for any class and at any layer that has places. */
export function camPanel({ photo, cam, failure, classes, layers, onAsk }: CamContext) {
  if (layers.length === 0) return nothing;
  const asked = cam ?? failure;
  const name = cam ? classes[cam.label] : '';
  return html`
    <section class="card cam" part="cam" aria-labelledby="cam">
      <h2 id="cam">${msg('Where it looked', { id: 'maps.cam' })}</h2>
      <div class="body">
        ${failure
          ? errorNote(failure.error)
          : html`
              <div class="frame">
                ${photo && cam
                  ? html`
                      <canvas aria-hidden="true" ${bitmap(photo.bitmap)}></canvas>
                      <canvas role="img" aria-label=${msg(str`Where the model looks for ${name}: the brighter, the more it speaks for it`, { id: 'maps.cam-label' })} ${bitmap(cam.bitmap)}></canvas>
                    `
                  : html`<p class="empty">${msg('Nothing to show yet.', { id: 'maps.cam-none' })}</p>`}
              </div>
            `}
        <div class="fields">
          <label>${msg('For the class', { id: 'maps.cam-class' })}
            <select ?disabled=${!asked} @change=${(event: Event) => asked && onAsk(asked.layer, Number((event.target as HTMLSelectElement).value))}>
              ${classes.map((each, label) => html`<option value=${label} ?selected=${label === asked?.label}>${each}</option>`)}
            </select>
          </label>
          <label>${msg('At the layer', { id: 'maps.cam-layer' })}
            <select ?disabled=${!asked} @change=${(event: Event) => asked && onAsk((event.target as HTMLSelectElement).value, asked.label)}>
              ${layers.map((each) => html`<option value=${each} ?selected=${each === asked?.layer}>${each}</option>`)}
            </select>
          </label>
          ${failure
            ? nothing
            : html`<p class="muted small">
                ${cam && cam.peak === 0
                  ? msg(str`No place of the photo speaks for ${name} at this layer.`, { id: 'maps.cam-dark' })
                  : msg('Grad-CAM: the brighter a place, the more it speaks for the class.', { id: 'maps.cam-means' })}
              </p>`}
        </div>
      </div>
    </section>
  `;
}

/** The study's finding, and what follows from it. */
export function deadNote(silence: NetworkSilence | null, onLighten: () => void) {
  if (!silence) return nothing;
  const { dead, of } = deadFilters(silence);
  if (dead === 0) return nothing;
  return html`
    <section class="note dead-note" part="dead">
      <strong>${msg(str`${formatInteger(dead)} of ${formatInteger(of)} filters are dead.`, { id: 'maps.dead-sum' })}</strong>
      <p class="small">${msg('They cost time and memory, and answer nothing: the network can do without.', { id: 'maps.dead-so' })}</p>
      <button @click=${onLighten}>${msg('Lighten', { id: 'maps.lighten' })}</button>
    </section>
  `;
}
