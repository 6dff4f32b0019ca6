import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import { formatInteger } from '../locales/format.js';

export interface FilmContext {
  /** That were kept, ascending. */
  readonly epochs: readonly number[];
  /** The one that is shown; null for the best, or for now while it trains. */
  readonly epoch: number | null;
  readonly bestEpoch: number | null;
  readonly live: boolean;
  readonly playing: boolean;
  readonly onChoose: (epoch: number | null) => void;
  readonly onPlay: () => void;
}

/** A slider over the epochs, with what the run ended at (or is at) behind the last. Nothing of a run whose epochs were not kept. */
export function filmStrip({ epochs, epoch, bestEpoch, live, playing, onChoose, onPlay }: FilmContext) {
  if (epochs.length < 2) return nothing;
  const at = epoch === null ? epochs.length : epochs.indexOf(epoch);
  const last = live ? msg('now', { id: 'maps.now' }) : bestEpoch === null ? msg('best', { id: 'maps.best' }) : msg(str`${formatInteger(bestEpoch)}, best`, { id: 'maps.best-epoch' });
  const text = epoch === null ? (live ? msg('as it trains', { id: 'maps.as-it-trains' }) : msg(str`epoch ${last}`, { id: 'maps.epoch-text' })) : msg(str`epoch ${formatInteger(epoch)}`, { id: 'maps.epoch-text' });
  return html`
    <div class="film" part="epochs">
      <button class="play" aria-label=${playing ? msg('Stop', { id: 'maps.stop' }) : msg('Play the epochs', { id: 'maps.play' })} @click=${onPlay}><span aria-hidden="true">${playing ? '❚❚' : '▶'}</span></button>
      <span class="muted small" aria-hidden="true">${formatInteger(epochs[0])}</span>
      <input type="range" aria-label=${msg('Epoch', { id: 'maps.epoch' })} min="0" max=${epochs.length} step="1" .value=${String(at)} aria-valuetext=${text}
        @input=${(event: Event) => {
          const place = Number((event.target as HTMLInputElement).value);
          onChoose(place === epochs.length ? null : epochs[place]);
        }} />
      <span class="muted small" aria-hidden="true">${last}</span>
      <output class="small">${text}</output>
    </div>
  `;
}
