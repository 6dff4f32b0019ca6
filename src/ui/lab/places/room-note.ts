import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import { formatBytes, formatInteger, formatPercent } from '../../locales/format.js';
import { resultOf } from '../../support/runs.js';
import { hasModel } from '../state.js';
import type { LabStore } from '../store.js';

/** Waiting for photos is worth telling from this share of a training on. */
const NOTICEABLE = 0.05;

/** Imports that can go on, how much room there is, and what it may be used for: in the dataset's slot. */
export function roomNote(store: LabStore): TemplateResult {
  const { room: { usage, kept, cut }, job } = store.state;
  return html`
    ${cut.map(
      ({ id, name, done, total }) => html`
        <p slot="stored" class="card cut">
          <span>${msg(str`The import of ${name} was cut off at ${formatInteger(done)} of ${formatInteger(total)} files. Choose the same files again, and it goes on from there.`, { id: 'room.cut' })}</span>
          <button @click=${() => void store.room.discard(id)}>${msg('Discard it', { id: 'room.discard' })}</button>
        </p>
      `,
    )}
    ${job ? nothing : pixelsOption(store)}
    ${
      usage === null
        ? nothing
        : html`<p slot="stored" class="muted small room">
            ${msg(str`Storage: ${formatBytes(usage.usedBytes)} used of ${formatBytes(usage.quotaBytes)} that the browser allows.`, { id: 'room.used' })}
            ${kept ? msg('It is kept until you delete it.', { id: 'room.kept' }) : msg('The browser may clear it when the disk runs short; it is asked to keep it at every import.', { id: 'room.may-go' })}
            ${msg('Deleting a dataset or a run frees its part.', { id: 'room.free' })}
          </p>`
    }
  `;
}

function pixelsOption(store: LabStore): TemplateResult | typeof nothing {
  const { room: { pixels }, runs, selected } = store.state;
  if (pixels?.dataset !== selected || pixels === null) return nothing;
  const last = runs.findLast((run) => run.dataset === selected && hasModel(run));
  const waited = last && resultOf(last)?.dataWaitShare;
  return html`
    <label slot="stored" class="small keep">
      <input type="checkbox" .checked=${pixels.kept} @change=${(event: Event) => void store.room.keep((event.target as HTMLInputElement).checked)} />
      <span>
        ${msg(str`Keep decoded photos at ${pixels.size} pixels on the disk: ${formatBytes(pixels.bytes)}. Each is then decoded once, not once an epoch.`, { id: 'room.keep' })}
        ${pixels.kept ? msg(str`${formatInteger(pixels.photos)} are there.`, { id: 'room.keep-photos' }) : nothing}
        ${
          waited === undefined
            ? nothing
            : waited >= NOTICEABLE
              ? msg(str`The last training waited ${formatPercent(waited)} of its time for photos: this would spare it most of that.`, { id: 'room.keep-worth' })
              : msg(str`The last training waited ${formatPercent(waited)} of its time for photos: it would gain little.`, { id: 'room.keep-little' })
        }
      </span>
    </label>
  `;
}
