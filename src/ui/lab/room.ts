import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import { formatBytes, formatInteger, formatPercent } from '../locales/format.js';
import type { StoreBase } from './base.js';

/** Waiting for photos is worth telling from this share of a training on. */
const NOTICEABLE = 0.05;

/** Keeps the page's knowledge of its storage. */
export class RoomDesk {
  private asked = '';

  constructor(private readonly store: StoreBase) {}

  async read(): Promise<void> {
    await this.store.attempt('data', async () => {
      const { data } = this.store.workers();
      const [usage, cut, kept] = await Promise.all([data.storage(), data.cutImports(), navigator.storage?.persisted?.() ?? false]);
      this.store.update({ room: { ...this.store.state.room, usage, cut, kept } });
    });
  }

  async discard(id: string): Promise<void> {
    await this.store.attempt('data', () => this.store.workers().data.discardImport(id));
    await this.read();
  }

  /** In the Data place, what is kept of the chosen dataset at the form's size is known. */
  settle(): void {
    const { place, ready, job, selected, form } = this.store.state;
    const { size } = form.now;
    const key = `${selected} ${size}`;
    if (place !== 'data' || !ready || job || selected === null || key === this.asked) return;
    this.asked = key;
    void this.store.attempt('data', async () => {
      const pixels = await this.store.workers().data.pixels(selected, size);
      if (key === this.asked) this.store.update({ room: { ...this.store.state.room, pixels: { ...pixels, dataset: selected, size } } });
    });
  }

  async keep(on: boolean): Promise<void> {
    const { pixels } = this.store.state.room;
    if (!pixels) return;
    const { dataset, size } = pixels;
    this.store.dismiss('data');
    await this.store.attempt('data', async () => {
      const now = await this.store.workers().data.keepPixels(dataset, size, on);
      this.store.update({ room: { ...this.store.state.room, pixels: { ...now, dataset, size } } });
    });
    await this.read();
  }
}

/** Imports that can go on, how much room there is, and what it may be used for. */
export function roomNote(store: StoreBase & { readonly room: RoomDesk }): TemplateResult {
  const { room: { usage, kept, cut }, job } = store.state;
  return html`
    ${cut.map(
      ({ id, name, done, total }) => html`
        <p class="card cut">
          <span>${msg(str`The import of ${name} was cut off at ${formatInteger(done)} of ${formatInteger(total)} files. Choose the same files again, and it goes on from there.`, { id: 'room.cut' })}</span>
          <button @click=${() => void store.room.discard(id)}>${msg('Discard it', { id: 'room.discard' })}</button>
        </p>
      `,
    )}
    ${job ? nothing : pixelsOption(store)}
    ${
      usage === null
        ? nothing
        : html`<p class="muted small room">
            ${msg(str`Storage: ${formatBytes(usage.usedBytes)} used of ${formatBytes(usage.quotaBytes)} that the browser allows.`, { id: 'room.used' })}
            ${kept ? msg('It is kept until you delete it.', { id: 'room.kept' }) : msg('The browser may clear it when the disk runs short; it is asked to keep it at every import.', { id: 'room.may-go' })}
            ${msg('Deleting a dataset or a run frees its part.', { id: 'room.free' })}
          </p>`
    }
  `;
}

function pixelsOption(store: StoreBase & { readonly room: RoomDesk }): TemplateResult | typeof nothing {
  const { room: { pixels }, runs, selected } = store.state;
  if (pixels?.dataset !== selected || pixels === null) return nothing;
  const last = runs.findLast(({ dataset, state }) => dataset === selected && 'result' in state && state.result !== null);
  const waited = last && 'result' in last.state ? last.state.result?.dataWaitShare : undefined;
  return html`
    <label class="small keep">
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
