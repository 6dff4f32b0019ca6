import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { msg, str, updateWhenLocaleChanges } from '@lit/localize';
import type { DatasetRecord } from '../../engine/storage/records.js';
import { toErrorData, type ErrorData } from '../../engine/support/errors.js';
import { noAugmentation, type AugmentSettings } from '../../engine/support/settings.js';
import type { DataEvent, ImportSource, Photo } from '../../workers/contract.js';
import { formatInteger, plural } from '../locales/format.js';
import { standsAlone } from '../session/alone.js';
import { errorNote } from '../theme/error-note.js';
import { augmentationCard } from './augmentation-card.js';
import { findingsCard } from './findings-card.js';
import { twinGroups, type DuplicateSearch, type Suspicion, type TwinGroup } from './findings.js';
import { jobCard, storedList } from './lists.js';
import './photo-browser.js';
import type { WinnowPhotoBrowser } from './photo-browser.js';
import { datasetCards, refusedFiles } from './shown.js';
import { sourceOfDrop, sourceOfFiles, sourceOfFolder } from './sources.js';
import { styles } from './styles.js';

/** An import that is going on. `progress` is null until the source has been opened. */
export interface ImportJob {
  readonly id: string;
  readonly name: string;
  readonly progress: Extract<DataEvent, { type: 'import-progress' }> | null;
}

const LEAST_DRAWN = 50;
const MOST_DRAWN = 20_000;

/**
 * Photos in: a drop zone and pickers for a zip, a folder or an IDX pair, synthetic rice, the import's progress; and what is stored:
 * classes, counts, sample photos side by side, files that were left out.
 *
 * @fires {CustomEvent<{source: ImportSource}>} winnow-import - Photos were dropped, picked or asked for.
 * @fires {CustomEvent} winnow-cancel-import - The running import is to end and leave nothing.
 * @fires {CustomEvent<{id: string}>} winnow-select-dataset - A stored dataset was chosen.
 * @fires {CustomEvent<{id: string}>} winnow-delete-dataset - A stored dataset is to be deleted; it was confirmed.
 * @fires {CustomEvent<{indices: number[]}>} winnow-browse - Photos that are to be given as `browsed`.
 * @fires {CustomEvent} winnow-find-duplicates - Photos that occur twice are to be looked for.
 * @fires {CustomEvent} winnow-cancel-duplicates - The search is to end.
 * @fires {CustomEvent<{augment: AugmentSettings}>} winnow-augment - Training photos are to be changed so.
 * @fires {CustomEvent} winnow-example - Augmentation is to be shown on another photo.
 * @slot stored - Under the list of what is stored.
 * @csspart drop - The drop zone.
 * @csspart error - What went wrong, and what to do.
 * @csspart gallery - The sample photos.
 * @cssproperty --winnow-accent - Colour of bars, links and the chosen dataset.
 */
@customElement('winnow-dataset')
@standsAlone
export class WinnowDataset extends LitElement {
  static override styles = styles;

  /** What is stored. */
  @property({ attribute: false }) datasets: readonly DatasetRecord[] = [];
  /** Id of the dataset that is shown. */
  @property() selected: string | null = null;
  /** The first photos of each class of the selected dataset. */
  @property({ attribute: false }) samples: readonly Photo[] = [];
  /** The import that is going on. */
  @property({ attribute: false }) job: ImportJob | null = null;
  /** What went wrong last. */
  @property({ attribute: false }) error: ErrorData | null = null;
  /** Class of every photo of the selected dataset. */
  @property({ attribute: false }) labels: Uint16Array | null = null;
  /** Part of every photo in the split that a run would make: 0 trains, 1 validates, 2 tests, 255 is left out. */
  @property({ attribute: false }) parts: Uint8Array | null = null;
  /** Why it cannot be split. */
  @property({ attribute: false }) splitError: ErrorData | null = null;
  /** The photos that were asked for last. */
  @property({ attribute: false }) browsed: readonly Photo[] = [];
  /** The search for photos that occur twice, and what it found; null where none was made. */
  @property({ attribute: false }) duplicates: DuplicateSearch | null = null;
  /** Validation photos that a run takes for another class; null where none is trained. */
  @property({ attribute: false }) suspicion: Suspicion | null = null;
  /** How training photos are changed. */
  @property({ attribute: false }) augment: AugmentSettings = noAugmentation;
  /** A photo as it is, then as each epoch changes it. */
  @property({ attribute: false }) augmented: readonly ImageBitmap[] = [];

  @state() private over = false;
  /** Files found so far in a dropped folder; null when none is being walked. */
  @state() private walking: number | null = null;
  @state() private refusal: ErrorData | null = null;
  @state() private drawn = 400;
  @state() private deleting: DatasetRecord | null = null;
  @state() private spoken = '';

  @query('#zip') private zipInput!: HTMLInputElement;
  @query('#folder') private folderInput!: HTMLInputElement;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('winnow-photo-browser') private browser!: WinnowPhotoBrowser;
  @query('#images') private imagesInput!: HTMLInputElement;

  private spokenAt = 0;
  private twins: readonly TwinGroup[] = [];

  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('duplicates') || changed.has('labels') || changed.has('parts')) this.twins = twinGroups(this.duplicates?.groups ?? [], this.labels, this.parts);
    if (!changed.has('job')) return;
    const before = changed.get('job') ?? null;
    this.speak(before);
    // One card takes another's place, and with it the button that had the focus.
    if (before?.id === this.job?.id || !this.shadowRoot?.activeElement) return;
    void this.updateComplete.then(() => {
      const find = (selector: string) => this.renderRoot.querySelector<HTMLElement>(selector);
      (find('.job button') ?? find('.choose[aria-pressed="true"]') ?? find('.drop button'))?.focus();
    });
  }

  override render() {
    const shown = this.datasets.find(({ id }) => id === this.selected);
    const error = this.error ?? this.refusal;
    return html`
      <div class="columns ${this.datasets.length > 0 ? 'two' : 'large'}">
        <div class="stack">
          ${error ? errorNote(error) : nothing}
          ${this.job ? jobCard(this.job, () => this.tell('winnow-cancel-import', undefined)) : this.addCard()}
          ${this.datasets.length > 0 ? storedList(this.datasets, this.selected, (id) => this.tell('winnow-select-dataset', { id }), this.askToDelete) : nothing}
          <slot name="stored"></slot>
        </div>
        ${shown ? html`<div class="stack">${this.about(shown)}</div>` : nothing}
      </div>
      <p class="visually-hidden" role="status">${this.spoken}</p>
      ${this.deleteDialog()}
    `;
  }

  private about(dataset: DatasetRecord) {
    const { labels, parts, twins, suspicion } = this;
    return html`
      ${datasetCards(dataset, this.samples, { labels, parts, error: this.splitError })}
      ${findingsCard({
        duplicates: this.duplicates, twins, parts, suspicion,
        onSearch: () => this.tell('winnow-find-duplicates', undefined), onCancel: () => this.tell('winnow-cancel-duplicates', undefined), onShow: (show) => this.browser.show(show),
      })}
      <winnow-photo-browser .classes=${dataset.classes} .images=${dataset.images} .labels=${labels} .parts=${parts} .suspicion=${suspicion} .twins=${twins} .photos=${this.browsed}></winnow-photo-browser>
      ${augmentationCard({
        settings: this.augment, bitmaps: this.augmented,
        onChange: (augment) => this.tell('winnow-augment', { augment }), onAnother: () => this.tell('winnow-example', undefined),
      })}
      ${dataset.refusedCount > 0 ? refusedFiles(dataset) : nothing}
    `;
  }

  private addCard() {
    return html`
      <section class="card add" aria-labelledby="add">
        <h2 id="add">${msg('Add photos', { id: 'dataset.add' })}</h2>
        <div class="drop ${this.over ? 'over' : ''}" part="drop" @dragenter=${this.onDrag} @dragover=${this.onDrag} @dragleave=${() => (this.over = false)} @drop=${this.onDrop}>
          <p>
            <strong>${msg('Drop a zip or a folder here', { id: 'dataset.drop' })}</strong>
            <span class="muted">${msg('One folder of photos for each class, or the two files of an IDX pair. JPEG, PNG and WebP.', { id: 'dataset.drop-hint' })}</span>
          </p>
          ${
            this.walking === null
              ? html`<div class="buttons">
                  <button @click=${() => this.zipInput.click()}>${msg('Choose a zip or IDX', { id: 'dataset.choose-zip' })}</button>
                  <button @click=${() => this.folderInput.click()}>${msg('Choose a folder', { id: 'dataset.choose-folder' })}</button>
                </div>`
              : html`<p>${this.walkingText(this.walking)}</p>`
          }
          <input id="zip" type="file" accept=".zip,.gz,.idx,.ubyte" multiple hidden @change=${this.onFiles} aria-label=${msg('Zip or IDX files', { id: 'dataset.zip-input' })} />
          <input id="folder" type="file" webkitdirectory hidden @change=${this.onFolder} aria-label=${msg('Folder of photos', { id: 'dataset.folder-input' })} />
        </div>
        <div class="or">
          <p class="muted">${msg('No photos at hand? Draw some grains of five rice varieties: not real photos, but real enough to try everything.', { id: 'dataset.synthetic-hint' })}</p>
          <form class="draw buttons" novalidate @submit=${this.onDraw}>
            <label for="images">${msg('Images', { id: 'dataset.images' })}
              <input id="images" type="number" required min=${LEAST_DRAWN} max=${MOST_DRAWN} step="50" .value=${String(this.drawn)} aria-invalid=${this.drawnIsFine ? 'false' : 'true'} aria-describedby=${this.drawnIsFine ? nothing : 'images-wrong'} @input=${this.onImages} />
            </label>
            <button class=${this.datasets.length === 0 ? 'primary' : ''}>${msg('Draw synthetic rice', { id: 'dataset.draw' })}</button>
          </form>
          ${
            this.drawnIsFine
              ? nothing
              : html`<p id="images-wrong" class="small">${msg(str`Choose ${formatInteger(LEAST_DRAWN)} to ${formatInteger(MOST_DRAWN)} images.`, { id: 'dataset.images-range' })}</p>`
          }
        </div>
      </section>
    `;
  }

  private deleteDialog() {
    const name = this.deleting?.name ?? '';
    return html`
      <dialog aria-labelledby="deleting">
        <h2 id="deleting">${msg(str`Delete ${name}?`, { id: 'dataset.delete-title' })}</h2>
        <p>${msg('Its photos and every run trained on them leave this browser. The files that you imported stay where they are.', { id: 'dataset.delete-text' })}</p>
        <div class="buttons">
          <button @click=${() => this.dialog.close()}>${msg('Keep it', { id: 'dataset.keep' })}</button>
          <button class="danger" @click=${this.confirmDelete}>${msg('Delete', { id: 'dataset.delete' })}</button>
        </div>
      </dialog>
    `;
  }

  private readonly askToDelete = async (dataset: DatasetRecord): Promise<void> => {
    this.deleting = dataset;
    await this.updateComplete;
    this.dialog.showModal();
  };

  private confirmDelete(): void {
    const id = this.deleting?.id;
    this.dialog.close();
    if (id !== undefined) this.tell('winnow-delete-dataset', { id });
  }

  private onDrag(event: DragEvent): void {
    event.preventDefault();
    this.over = true;
  }

  private async onDrop(event: DragEvent): Promise<void> {
    event.preventDefault();
    this.over = false;
    const transfer = event.dataTransfer;
    if (transfer && this.walking === null) await this.importFrom(() => sourceOfDrop(transfer, (files) => (this.walking = files)));
  }

  private async onFiles(): Promise<void> {
    const files = [...(this.zipInput.files ?? [])];
    // Emptied, so that choosing the same file once more is a change again.
    this.zipInput.value = '';
    await this.importFrom(() => sourceOfFiles(files));
  }

  private async onFolder(): Promise<void> {
    const files = [...(this.folderInput.files ?? [])];
    this.folderInput.value = '';
    await this.importFrom(() => sourceOfFolder(files));
  }

  private onImages(): void {
    this.drawn = this.imagesInput.valueAsNumber;
  }

  private get drawnIsFine(): boolean {
    return Number.isInteger(this.drawn) && this.drawn >= LEAST_DRAWN && this.drawn <= MOST_DRAWN;
  }

  private onDraw(event: SubmitEvent): void {
    event.preventDefault();
    if (this.drawnIsFine) this.tell('winnow-import', { source: { kind: 'synthetic', images: this.drawn, seed: 1 } satisfies ImportSource });
    else this.imagesInput.focus();
  }

  private async importFrom(read: () => ImportSource | Promise<ImportSource>): Promise<void> {
    this.refusal = null;
    this.walking = 0;
    try {
      this.tell('winnow-import', { source: await read() });
    } catch (thrown) {
      this.refusal = toErrorData(thrown, 'no-images');
    } finally {
      this.walking = null;
    }
  }

  private walkingText(files: number): string {
    return plural(files, {
      one: () => msg('Reading the folder: 1 file so far', { id: 'dataset.walking-one' }),
      other: () => msg(str`Reading the folder: ${formatInteger(files)} files so far`, { id: 'dataset.walking' }),
    });
  }

  /** The start, the end, and in between a word every ten seconds. */
  private speak(before: ImportJob | null): void {
    const { job } = this;
    if (job && before?.id !== job.id) this.spoken = msg(str`Importing ${job.name}.`, { id: 'dataset.spoken-start' });
    else if (job?.progress && job.progress.total > 0 && performance.now() - this.spokenAt > 10_000) {
      this.spoken = msg(str`${formatInteger(job.progress.done)} of ${formatInteger(job.progress.total)} images imported.`, { id: 'dataset.spoken-progress' });
    } else if (!job && before) {
      this.spoken = this.error ? '' : msg(str`The import of ${before.name} has ended.`, { id: 'dataset.spoken-end' });
    } else return;
    this.spokenAt = performance.now();
  }

  private tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-dataset': WinnowDataset;
  }
}
