import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import type { AugmentSettings } from '../../engine/support/settings.js';
import { formatInteger, formatPercent } from '../locales/format.js';
import { bitmap } from '../theme/bitmap.js';

export interface AugmentationContext {
  readonly settings: AugmentSettings;
  /** A photo as it is, then as each epoch shows it; empty while none is there. */
  readonly bitmaps: readonly ImageBitmap[];
  readonly onChange: (settings: AugmentSettings) => void;
  readonly onAnother: () => void;
}

type StrengthName = 'rotation' | 'shift' | 'zoom' | 'brightness';

/** How training photos are changed at random, on one of them. The same choice stands in the form for a run. */
export function augmentationCard({ settings, bitmaps, onChange, onAnother }: AugmentationContext): TemplateResult {
  const [original, ...changed] = bitmaps;
  const flip = (name: 'flipX' | 'flipY', text: string) => html`
    <label class="flip"><input type="checkbox" .checked=${settings[name] > 0} @change=${(event: Event) => onChange({ ...settings, [name]: (event.target as HTMLInputElement).checked ? 0.5 : 0 })} /> ${text}</label>
  `;
  const slider = (name: StrengthName, label: string) => {
    const strength = settings[name];
    const shown = strength === 0 ? msg('off', { id: 'augment.off' }) : name === 'rotation' ? `±${formatInteger(strength * 360)}°` : `±${formatPercent(strength)}`;
    return html`
      <label>${label} <span class="muted" aria-hidden="true">${shown}</span>
        <input type="range" min="0" max="0.5" step="0.01" .value=${String(strength)} aria-valuetext=${shown} @change=${(event: Event) => onChange({ ...settings, [name]: (event.target as HTMLInputElement).valueAsNumber })} />
      </label>
    `;
  };
  const shown = (image: ImageBitmap | undefined, text: string, name: string) => html`
    <figure>${image ? html`<canvas role="img" aria-label=${name} ${bitmap(image)}></canvas>` : html`<div class="blank"></div>`}<figcaption class="small muted">${text}</figcaption></figure>
  `;
  return html`
    <section class="card augmentation" aria-labelledby="augmentation">
      <header>
        <h2 id="augmentation">${msg('What an epoch makes of a photo', { id: 'augment.title' })}</h2>
        <button @click=${onAnother}>${msg('Another photo', { id: 'augment.another' })}</button>
      </header>
      <div class="epochs">
        ${shown(original, msg('as it is', { id: 'augment.original' }), msg('The photo as it is', { id: 'augment.original-label' }))}
        ${changed.map((image, index) => shown(image, msg(str`epoch ${formatInteger(index + 1)}`, { id: 'augment.epoch' }), msg(str`The photo as epoch ${formatInteger(index + 1)} shows it`, { id: 'augment.epoch-label' })))}
        ${original && changed.length === 0 ? html`<p class="muted none">${msg('Nothing is changed: every epoch shows the photo as it is. Try what your photos can bear; a flipped letter is another letter.', { id: 'augment.none' })}</p>` : nothing}
      </div>
      <div class="strengths">
        <div class="flips">
          ${flip('flipX', msg('Flip left to right', { id: 'augment.flip-x' }))}
          ${flip('flipY', msg('Flip top to bottom', { id: 'augment.flip-y' }))}
        </div>
        ${slider('rotation', msg('Turn', { id: 'augment.rotation' }))}
        ${slider('shift', msg('Shift', { id: 'augment.shift' }))}
        ${slider('zoom', msg('Zoom', { id: 'augment.zoom' }))}
        ${slider('brightness', msg('Brightness', { id: 'augment.brightness' }))}
      </div>
    </section>
  `;
}
