import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import { bitmap } from '../theme/bitmap.js';
import type { Shown } from './classifier.js';

/** The photo, and over it where the network looked to find `value`. */
export function picture({ photo, url, heat }: Pick<Shown, 'photo' | 'url' | 'heat'>, explain: boolean, value: string): TemplateResult {
  return html`
    <div class="picture">
      <img part="photo" src=${url} alt=${photo instanceof File ? photo.name : msg('Photo', { id: 'classifier.photo' })} />
      ${explain && heat ? html`<canvas part="heat" role="img" aria-label=${msg(str`Where the network looked to find ${value}`, { id: 'classifier.heat' })} ${bitmap(heat)}></canvas>` : nothing}
    </div>
  `;
}

/** What the camera sees. */
export function finder(take: () => void, stop: () => void): TemplateResult {
  return html`
    <video part="photo" autoplay playsinline .muted=${true} aria-label=${msg('What the camera sees', { id: 'classifier.finder' })}></video>
    <div class="buttons">
      <button type="button" class="primary" @click=${take}>${msg('Take the photo', { id: 'classifier.take' })}</button>
      <button type="button" @click=${stop}>${msg('Camera off', { id: 'classifier.camera-off' })}</button>
    </div>
  `;
}
