import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { localized, msg, str } from '@lit/localize';
import { toErrorData, type ErrorData } from '../../engine/support/errors.js';
import type { LoadedModel } from '../../workers/contract.js';
import '../classifier/classifier.js';
import { speedText } from '../classifier/card.js';
import type { ClassifierLine } from '../classifier/classifier.js';
import { formatBytes, formatDuration, formatInteger, formatRounded } from '../locales/format.js';
import { fileName } from '../support/download.js';
import { errorNote } from '../theme/error-note.js';
import { Bench, type Batch, type NamedPhoto } from './bench.js';
import { forms, type FormInfo } from './forms.js';
import { brokenOf, countByClass, resultsCsv } from './results.js';
import { styles } from './styles.js';

/** A trained model that can be chosen. */
export interface UsableModel {
  /** Of its run. */
  readonly id: string;
  readonly name: string;
  readonly about: string;
}

const PHOTO = /\.(jpe?g|png|webp)$/i;
const MOST_COUNTS = 12;

/**
 * A model put to use: chosen among those trained, or opened from a file; tried on a photo, on many photos, timed, and carried away in
 * every form.
 *
 * @fires {CustomEvent<{file: Blob, name: string}>} winnow-download - A file is ready to be saved: a model in another form, or results.
 * @csspart error - What went wrong, and what to do.
 * @cssproperty --winnow-accent - Colour of bars and buttons.
 */
@customElement('winnow-use')
@localized()
export class WinnowUse extends LitElement {
  static override styles = styles;

  /** Models that were trained, the one to begin with last. */
  @property({ attribute: false }) models: readonly UsableModel[] = [];
  /** Gives a run's model; null where it cannot. */
  @property({ attribute: false }) fetchModel: (id: string) => Promise<Blob | null> = async () => null;
  /** How a classifier worker is started; a test gives its own. */
  @property({ attribute: false }) open: () => Promise<ClassifierLine> = async () => (await import('../../workers/connect.js')).startClassifier();

  @state() private chosen: string | null = null;
  @state() private file: File | null = null;
  @state() private model: Blob | null = null;
  @state() private loaded: LoadedModel | null = null;
  @state() private error: ErrorData | null = null;
  @state() private over = false;
  /** The form that is being written. */
  @state() private writing: FormInfo['form'] | null = null;

  @query('#model-file') private modelInput!: HTMLInputElement;
  @query('#photos') private photosInput!: HTMLInputElement;
  @query('#folder') private folderInput!: HTMLInputElement;

  private readonly bench = new Bench(this, () => this.open());
  private asked = 0;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('models') || this.file) return;
    if (!this.models.some(({ id }) => id === this.chosen)) this.choose(this.models.at(-1)?.id ?? null);
  }

  private choose(id: string | null): void {
    if (id === this.chosen && !this.file) return;
    this.file = null;
    this.chosen = id;
    void this.use(async () => (id === null ? null : this.fetchModel(id)));
  }

  private openFile(file: File): void {
    this.file = file;
    this.chosen = null;
    void this.use(async () => file);
  }

  private async use(fetch: () => Promise<Blob | null>): Promise<void> {
    const asked = ++this.asked;
    const now = () => asked === this.asked && this.isConnected;
    this.bench.take(null);
    Object.assign(this, { model: null, loaded: null, error: null });
    try {
      const model = await fetch();
      if (!now() || !model) return;
      this.bench.take(model);
      const loaded = await this.bench.describe();
      if (now()) Object.assign(this, { model, loaded });
    } catch (thrown) {
      if (now()) this.error = toErrorData(thrown, 'model-broken');
    }
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    const { asked } = this;
    this.error = null;
    try {
      await work();
    } catch (thrown) {
      if (asked === this.asked) this.error = toErrorData(thrown);
    }
  }

  private get name(): string {
    return this.file ? this.file.name.replace(/\.[^.]+$/, '') : (this.models.find(({ id }) => id === this.chosen)?.name ?? 'model');
  }

  private save(file: Blob, name: string): void {
    this.dispatchEvent(new CustomEvent('winnow-download', { detail: { file, name: fileName(name) }, bubbles: true, composed: true }));
  }

  override render() {
    return html`
      ${this.error ? errorNote(this.error) : nothing}
      ${this.choice()}
      ${
        this.model && this.loaded
          ? html`
              <section class="card" aria-labelledby="try">
                <h2 id="try">${msg('Try it on a photo', { id: 'use.try' })}</h2>
                <winnow-classifier .model=${this.model} .open=${this.open} explain></winnow-classifier>
              </section>
              <div class="row">${this.many(this.loaded)} ${this.speed()}</div>
              ${this.away(this.loaded)}
            `
          : nothing
      }
    `;
  }

  private choice() {
    return html`
      <section class="card ${this.over ? 'over' : ''}" aria-labelledby="model" @dragover=${this.onDrag} @dragleave=${() => (this.over = false)} @drop=${this.onDrop}>
        <h2 id="model">${msg('The model', { id: 'use.model-title' })}</h2>
        <div class="buttons">
          ${
            this.models.length > 0
              ? html`<select aria-labelledby="model" @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value)}>
                  ${this.file ? html`<option selected disabled>${this.file.name}</option>` : nothing}
                  ${this.models.map(({ id, name, about }) => html`<option value=${id} ?selected=${id === this.chosen && !this.file}>${name} · ${about}</option>`)}
                </select>`
              : html`<p class="muted">${this.file ? this.file.name : html`${msg('No model is trained yet.', { id: 'use.empty' })} <a href="#train">${msg('Train one', { id: 'use.train' })}</a>`}</p>`
          }
          <button @click=${() => this.modelInput.click()}>${msg('Open a model file', { id: 'use.open' })}</button>
        </div>
        <p class="muted small">${msg('Any form that Winnow writes: zip, .keras, .onnx, .safetensors, .html. It can be dropped here.', { id: 'use.open-hint' })}</p>
        ${!this.model && (this.chosen !== null || this.file) && !this.error ? html`<p class="muted" role="status">${msg('Reading the model …', { id: 'use.reading' })}</p>` : nothing}
        <input id="model-file" type="file" hidden accept=".zip,.keras,.onnx,.safetensors,.html" aria-label=${msg('Model file', { id: 'use.model-file' })} @change=${this.onModelFile} />
      </section>
    `;
  }

  private many({ classes }: LoadedModel) {
    const { batch } = this.bench;
    return html`
      <section class="card" aria-labelledby="many">
        <h2 id="many">${msg('Many photos', { id: 'use.many' })}</h2>
        <div class="buttons">
          <button ?disabled=${batch?.running ?? false} @click=${() => this.folderInput.click()}>${msg('Choose a folder', { id: 'use.folder' })}</button>
          <button ?disabled=${batch?.running ?? false} @click=${() => this.photosInput.click()}>${msg('Choose photos', { id: 'use.photos' })}</button>
          ${batch?.running ? html`<button @click=${() => this.bench.cancel()}>${msg('Cancel', { id: 'use.cancel' })}</button>` : nothing}
        </div>
        <input id="folder" type="file" webkitdirectory hidden aria-label=${msg('Folder of photos', { id: 'use.folder-input' })} @change=${() => this.onPhotos(this.folderInput)} />
        <input id="photos" type="file" multiple accept="image/*" hidden aria-label=${msg('Photos', { id: 'use.photos-input' })} @change=${() => this.onPhotos(this.photosInput)} />
        ${batch ? this.progress(batch, classes) : html`<p class="muted small">${msg('Every photo of a folder at once, and the answers as a table for a spreadsheet (CSV).', { id: 'use.many-hint' })}</p>`}
      </section>
    `;
  }

  private progress(batch: Batch, classes: readonly string[]) {
    const { total, rows, running, seconds } = batch;
    const broken = brokenOf(rows);
    const counts = countByClass(rows);
    const done = running
      ? msg(str`${formatInteger(rows.length)} of ${formatInteger(total)} photos, ${formatRounded(rows.length / seconds)} a second`, { id: 'use.progress' })
      : msg(str`${formatInteger(rows.length)} of ${formatInteger(total)} photos in ${formatDuration(seconds)}, ${formatRounded(rows.length / seconds)} a second, decoding included`, { id: 'use.finished' });
    return html`
      <progress max=${total} value=${rows.length} aria-label=${msg('Photos classified', { id: 'use.progress-label' })}></progress>
      <p role="status">${done}</p>
      ${broken > 0 ? html`<p class="muted small">${msg(str`Not readable: ${formatInteger(broken)}.`, { id: 'use.broken' })}</p>` : nothing}
      <ul class="counts">
        ${counts.slice(0, MOST_COUNTS).map(({ name, count }) => html`<li><span>${name}</span> <b>${formatInteger(count)}</b></li>`)}
      </ul>
      ${running || rows.length === 0 ? nothing : html`<button class="primary" @click=${() => this.save(new Blob([resultsCsv(rows, classes)], { type: 'text/csv' }), `${this.name} results.csv`)}>${msg('Save the results (CSV)', { id: 'use.csv' })}</button>`}
    `;
  }

  private speed() {
    const { speed, measuring, batch } = this.bench;
    return html`
      <section class="card" aria-labelledby="speed">
        <h2 id="speed">${msg('How fast it is here', { id: 'use.speed' })}</h2>
        <p role="status">${measuring ? msg('Measuring …', { id: 'use.measuring' }) : speed ? speedText(speed.latencyMs, speed.imagesPerSecond, speed.adapter) : nothing}</p>
        <button ?disabled=${measuring || (batch?.running ?? false)} @click=${() => this.attempt(() => this.bench.measure())}>${msg('Measure', { id: 'use.measure' })}</button>
        <p class="muted small">${msg('The median of single photos, and photos a second in batches, once warm. It is written into the card of what you carry away afterwards.', { id: 'use.speed-hint' })}</p>
      </section>
    `;
  }

  private away({ weightBytes }: LoadedModel) {
    return html`
      <section class="card" aria-labelledby="away">
        <h2 id="away">${msg('Carry it away', { id: 'use.away' })}</h2>
        <ul class="forms">
          ${forms.map((info) => html`
            <li>
              <div>
                <b>${info.title()}</b>
                <span class="muted small">${info.use()}</span>
              </div>
              <span class="muted small size">${msg(str`about ${formatBytes(info.size(weightBytes))}`, { id: 'use.size' })}</span>
              <button aria-label=${msg(str`Save as: ${info.title()}`, { id: 'use.save-label' })} ?disabled=${this.writing !== null} @click=${() => this.carry(info)}>${this.writing === info.form ? msg('Writing …', { id: 'use.writing' }) : msg('Save', { id: 'use.save' })}</button>
            </li>
          `)}
        </ul>
        <p class="muted small">${msg('Each holds the model’s card: what it was trained on, how, its numbers and its limits.', { id: 'use.card-hint' })}</p>
      </section>
    `;
  }

  private carry({ form, extension }: FormInfo): Promise<void> {
    return this.attempt(async () => {
      this.writing = form;
      try {
        this.save(await this.bench.exportAs(form), `${this.name}${form === 'keras-project' ? ' keras' : ''}.${extension}`);
      } finally {
        this.writing = null;
      }
    });
  }

  private onPhotos(input: HTMLInputElement): void {
    const photos = [...(input.files ?? [])].map((file): NamedPhoto => ({ name: file.webkitRelativePath || file.name, file })).filter(({ name }) => PHOTO.test(name));
    input.value = '';
    if (photos.length > 0) void this.attempt(() => this.bench.classify(photos));
  }

  private readonly onModelFile = (): void => {
    const [file] = this.modelInput.files ?? [];
    this.modelInput.value = '';
    if (file) this.openFile(file);
  };

  private readonly onDrag = (event: DragEvent): void => {
    event.preventDefault();
    this.over = true;
  };

  private readonly onDrop = (event: DragEvent): void => {
    event.preventDefault();
    this.over = false;
    const [file] = event.dataTransfer?.files ?? [];
    if (file) this.openFile(file);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-use': WinnowUse;
  }
}
