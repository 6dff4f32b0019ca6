import { html } from 'lit';
import { msg, str } from '@lit/localize';
import type { RunSettings } from '../../engine/support/settings.js';
import { formatBytes, formatInteger, formatSeconds } from '../locales/format.js';

/** What is known of a run before it has begun. */
export interface RunCosts {
  /** Predicted peak of GPU memory. */
  readonly gpuBytes?: number;
  /** Measured on this GPU, validation included. */
  readonly epochSeconds?: number;
}

export interface QueueContext {
  readonly queue: readonly RunSettings[];
  readonly titleOf: (arch: string) => string;
  readonly costsOf: (settings: RunSettings) => RunCosts;
  readonly onRemove: (index: number) => void;
  readonly onMove: (index: number, to: number) => void;
}

/** The runs that wait, in their order; each can go ahead, behind, or away. */
export function queueCard({ queue, titleOf, costsOf, onRemove, onMove }: QueueContext) {
  return html`
    <section class="card" part="queue">
      <div class="scroll" role="region" aria-labelledby="queue" tabindex="0">
        <table class="queue">
          <caption id="queue">${msg('Next in the queue', { id: 'training.queue' })}</caption>
          <thead>
            <tr>
              <th scope="col">${msg('Architecture', { id: 'training.architecture' })}</th>
              <th scope="col" class="number">${msg('Input', { id: 'training.input' })}</th>
              <th scope="col" class="number">${msg('Batch', { id: 'training.batch' })}</th>
              <th scope="col" class="number">${msg('GPU memory', { id: 'training.memory' })}</th>
              <th scope="col" class="number">${msg('At most', { id: 'training.at-most' })}</th>
              <th scope="col"><span class="visually-hidden">${msg('Order', { id: 'training.order' })}</span></th>
            </tr>
          </thead>
          <tbody>
            ${queue.map((settings, index) => {
              const { size, batch, epochs } = settings;
              const title = titleOf(settings.arch);
              const { gpuBytes = NaN, epochSeconds } = costsOf(settings);
              return html`
                <tr>
                  <th scope="row">${title}</th>
                  <td class="number">${formatInteger(size)} × ${formatInteger(size)}</td>
                  <td class="number">${formatInteger(batch)}</td>
                  <td class="number">${formatBytes(gpuBytes)}</td>
                  <td class="number">${epochSeconds === undefined ? msg(str`${formatInteger(epochs)} epochs`, { id: 'training.epochs-count' }) : formatSeconds(epochSeconds * epochs)}</td>
                  <td class="number">
                    <span class="order">
                      <button class="bare" aria-label=${msg(str`Move ${title} ahead`, { id: 'training.ahead' })} aria-disabled=${index === 0} @click=${() => index > 0 && onMove(index, index - 1)}>↑</button>
                      <button class="bare" aria-label=${msg(str`Move ${title} behind`, { id: 'training.behind' })} aria-disabled=${index === queue.length - 1} @click=${() => index < queue.length - 1 && onMove(index, index + 1)}>↓</button>
                      <button class="bare" aria-label=${msg(str`Remove ${title} from the queue`, { id: 'training.remove-named' })} @click=${() => onRemove(index)}>${msg('Remove', { id: 'training.remove' })}</button>
                    </span>
                  </td>
                </tr>
              `;
            })}
          </tbody>
        </table>
      </div>
    </section>
  `;
}
