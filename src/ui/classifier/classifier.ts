import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { localized, msg } from '@lit/localize';
import { toErrorData, WinnowError, type ErrorData } from '../../engine/support/errors.js';
import type { Backend } from '../../engine/support/settings.js';
import type { Classification, ClassifierWorker, LoadedModel } from '../../workers/contract.js';
import { errorNote } from '../theme/error-note.js';
import { answerList } from './answers.js';
import { Camera, snapshot } from './camera.js';
import { modelCard } from './card.js';
import { fetched, photoOf } from './photos.js';
import { finder, picture } from './pictures.js';
import { styles } from './styles.js';

/** A classifier worker, and how to end it. */
export interface ClassifierLine {
  readonly api: ClassifierWorker;
  terminate(): void;
}

export interface Shown {
  readonly photo: Blob;
  /** Of the photo, for showing. */
  readonly url: string;
  readonly answer: Classification | null;
  readonly heat: ImageBitmap | null;
}

/**
 * Says what a photo shows: give it a model, and a photo by drop, paste, file, address or camera. It shows the class probabilities, how long
 * they took, where the network looked (Grad-CAM), and the model's card, open until there is a photo. Everything happens in the page.
 *
 * In a form its value is the most probable class.
 *
 * @fires {CustomEvent<{model: LoadedModel}>} winnow-model - The model is read and ready.
 * @fires {CustomEvent<{answer: Classification, photo: Blob}>} winnow-classified - A photo was classified.
 * @fires {CustomEvent<{error: ErrorData}>} winnow-failed - The model or a photo could not be read.
 * @slot prompt - In place of the words of the drop zone.
 * @slot empty - In place of what is said while there is no model.
 * @csspart drop - The drop zone, with the photo once there is one.
 * @csspart photo - The photo.
 * @csspart heat - Where the network looked, over the photo.
 * @csspart answers - The list of classes.
 * @csspart bar - The bar of a class.
 * @csspart card - The model's card.
 * @csspart error - What went wrong, and what to do.
 * @cssproperty --winnow-accent - Colour of bars and buttons.
 * @cssproperty --winnow-photo-height - The most that a photo is high; 320px where it is not set.
 */
@customElement('winnow-classifier')
@localized()
export class WinnowClassifier extends LitElement {
  static override styles = styles;
  static readonly formAssociated = true;
  static override shadowRootOptions: ShadowRootInit = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  /** Address of a model in any form that Winnow reads. */
  @property() src = '';
  /** A model itself, in place of an address. */
  @property({ attribute: false }) model: Blob | null = null;
  /** Address of a photo to classify. */
  @property() photo = '';
  /** What computes: `auto`, `webgpu`, `webgl` or `cpu`. */
  @property() backend: 'auto' | Backend = 'auto';
  /** The most classes that are listed. */
  @property({ type: Number }) top = 5;
  /** Shows where the network looked, for every photo. */
  @property({ type: Boolean, reflect: true }) explain = false;
  /** Name in a form. */
  @property({ reflect: true }) name = '';
  /** It takes no photo. */
  @property({ type: Boolean, reflect: true }) disabled = false;
  /** How its worker is started; a test gives its own. */
  @property({ attribute: false }) open: () => Promise<ClassifierLine> = async () => (await import('../../workers/connect.js')).startClassifier();

  @state() private loaded: LoadedModel | null = null;
  @state() private loading = false;
  @state() private looking = false;
  @state() private shown: Shown | null = null;
  @state() private error: ErrorData | null = null;
  @state() private over = false;
  /** By the form's fields around it, or by its own attribute. */
  @state() private formDisabled = false;

  @query('input[type=file]') private input!: HTMLInputElement;
  @query('video') private video!: HTMLVideoElement | null;

  private readonly internals = this.attachInternals();
  private readonly camera = new Camera(this);
  private line: ClassifierLine | null = null;
  private work = { model: new AbortController(), photo: new AbortController() };

  /** The most probable class of the photo shown; empty before there is one. */
  get value(): string {
    return this.shown?.answer?.top[0]?.class ?? '';
  }

  /** The form that it belongs to. */
  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  formResetCallback(): void {
    this.clear();
  }

  formDisabledCallback(disabled: boolean): void {
    this.formDisabled = disabled;
  }

  private get takesPhotos(): boolean {
    return this.loaded !== null && !this.disabled && !this.formDisabled;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('paste', this.onPaste);
    if (this.hasUpdated && !this.line) void this.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('paste', this.onPaste);
    queueMicrotask(() => {
      // Moved within the page it stays what it is.
      if (!this.isConnected) this.unload();
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('src') || changed.has('model') || changed.has('backend')) void this.load();
    else if (changed.has('photo') && this.loaded) this.lookAtAddress();
    if (changed.has('explain') && this.explain) void this.seeHeat();
  }

  protected override updated(): void {
    if (this.video && this.video.srcObject !== this.camera.stream) this.video.srcObject = this.camera.stream;
  }

  /** Classifies a photo, as if it had been dropped. Resolves when it is shown, or has failed. */
  async classify(photo: Blob | URL): Promise<void> {
    if (!this.takesPhotos || !this.line) return;
    const { signal } = this.begin('photo');
    this.camera.stop();
    this.error = null;
    this.looking = true;
    try {
      const blob = await fetched(photo, signal);
      if (signal.aborted) return;
      this.show({ photo: blob, url: URL.createObjectURL(blob), answer: null, heat: null });
      const answer = await this.line.api.classify(blob);
      if (signal.aborted || !this.shown) return;
      this.shown = { ...this.shown, answer };
      this.internals.setFormValue(this.value);
      this.tell('winnow-classified', { answer, photo: blob });
      if (this.explain) await this.seeHeat();
    } catch (thrown) {
      if (!signal.aborted) {
        this.show(null);
        this.fail(toErrorData(thrown, 'image-broken'));
      }
    } finally {
      if (!signal.aborted) this.looking = false;
    }
  }

  /** Takes the photo away. */
  clear(): void {
    this.begin('photo');
    this.looking = false;
    this.error = null;
    this.show(null);
  }

  /** Ends what went on for a model, or a photo. */
  private begin(what: 'model' | 'photo'): AbortController {
    this.work[what].abort();
    return (this.work = { ...this.work, [what]: new AbortController() })[what];
  }

  private async load(): Promise<void> {
    this.unload();
    // It may have left before it was first drawn; it loads when it is back.
    if (!this.isConnected || (!this.model && this.src === '')) return;
    const { signal } = this.begin('model');
    this.loading = true;
    this.error = null;
    try {
      const model = this.model ?? (await fetched(new URL(this.src, this.baseURI), signal));
      const line = await this.open();
      if (signal.aborted) return line.terminate();
      this.line = line;
      const loaded = await line.api.load(model, this.backend);
      if (signal.aborted) return;
      this.loaded = loaded;
      this.tell('winnow-model', { model: loaded });
      this.lookAtAddress();
    } catch (thrown) {
      if (signal.aborted) return;
      this.unload();
      this.fail(toErrorData(thrown, 'model-broken'));
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  private lookAtAddress(): void {
    if (this.photo !== '') void this.classify(new URL(this.photo, this.baseURI));
  }

  private unload(): void {
    this.begin('model');
    this.clear();
    this.camera.stop();
    this.line?.terminate();
    this.line = null;
    this.loaded = null;
    this.loading = false;
  }

  /** What was shown before is let go of. */
  private show(shown: Shown | null): void {
    const before = this.shown;
    this.shown = shown;
    if (before && before.url !== shown?.url) URL.revokeObjectURL(before.url);
    before?.heat?.close();
    this.internals.setFormValue(shown?.answer ? this.value : null);
  }

  private async seeHeat(): Promise<void> {
    const { shown, line, loaded } = this;
    if (!shown?.answer || shown.heat || !line || !loaded) return;
    const { signal } = this.work.photo;
    try {
      const heat = await line.api.explain(shown.photo, loaded.classes.indexOf(this.value));
      if (signal.aborted || !this.shown) heat?.close();
      else this.shown = { ...this.shown, heat };
    } catch (thrown) {
      if (!signal.aborted) this.fail(toErrorData(thrown));
    }
  }

  private fail(error: ErrorData): void {
    this.error = error;
    this.tell('winnow-failed', { error });
  }

  private tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  override render() {
    if (!this.loaded) {
      return html`
        ${this.error ? errorNote(this.error) : nothing}
        ${this.loading ? html`<p class="empty" role="status">${msg('Reading the model …', { id: 'classifier.loading' })}</p><progress aria-label=${msg('Reading the model …', { id: 'classifier.loading' })}></progress>` : nothing}
        ${this.loading || this.error ? nothing : html`<slot name="empty"><p class="empty">${msg('No model yet.', { id: 'classifier.empty' })}</p></slot>`}
      `;
    }
    return html`
      ${this.error ? errorNote(this.error) : nothing}
      <div class="row">
        ${this.photoPlace()}
        <div class="answer" aria-live="polite" aria-busy=${this.looking ? 'true' : 'false'}>${this.answerPlace(this.loaded)}</div>
      </div>
      <details ?open=${this.shown === null}>
        <summary>${msg('About the model', { id: 'classifier.about' })}</summary>
        ${modelCard(this.loaded.card)}
      </details>
    `;
  }

  private photoPlace() {
    return html`
      <div class="drop ${this.over ? 'over' : ''}" part="drop" @dragenter=${this.onDrag} @dragover=${this.onDrag} @dragleave=${() => (this.over = false)} @drop=${this.onDrop}>
        ${this.camera.stream ? finder(this.onSnapshot, () => this.camera.stop()) : this.shown ? picture(this.shown, this.explain, this.value) : html`<slot name="prompt"><p class="muted">${msg('Drop a photo here, or paste it.', { id: 'classifier.prompt' })}</p></slot>`}
        <div class="buttons">
          <button type="button" class="primary" ?disabled=${!this.takesPhotos} @click=${() => this.input.click()}>${msg('Choose a photo', { id: 'classifier.choose' })}</button>
          ${Camera.exists && !this.camera.stream ? html`<button type="button" ?disabled=${!this.takesPhotos} @click=${this.onCamera}>${msg('Camera', { id: 'classifier.camera' })}</button>` : nothing}
          ${this.shown?.answer ? html`<button type="button" aria-pressed=${this.explain ? 'true' : 'false'} @click=${() => (this.explain = !this.explain)}>${msg('Where it looks', { id: 'classifier.explain' })}</button>` : nothing}
        </div>
        <input type="file" accept="image/*" hidden aria-label=${msg('Photo', { id: 'classifier.photo' })} @change=${this.onFile} />
      </div>
    `;
  }

  private answerPlace(model: LoadedModel) {
    const answer = this.shown?.answer;
    if (this.looking && !answer) return html`<p class="muted">${msg('Looking at the photo …', { id: 'classifier.looking' })}</p>`;
    if (!answer) return html`<p class="muted">${msg('No photo yet.', { id: 'classifier.none' })}</p>`;
    return answerList(answer, model, this.top);
  }

  private readonly onFile = (): void => {
    const [file] = this.input.files ?? [];
    this.input.value = '';
    if (file) void this.classify(file);
  };

  private readonly onDrag = (event: DragEvent): void => {
    if (!this.takesPhotos) return;
    event.preventDefault();
    this.over = true;
  };

  private readonly onDrop = (event: DragEvent): void => {
    event.preventDefault();
    this.over = false;
    const photo = photoOf(event.dataTransfer);
    if (photo) void this.classify(photo);
  };

  /** Pasted in the element, or nowhere in particular while it is the only one. */
  private readonly onPaste = (event: ClipboardEvent): void => {
    const nowhere = event.target === document.body && document.querySelectorAll('winnow-classifier').length === 1;
    const photo = nowhere || event.composedPath().includes(this) ? photoOf(event.clipboardData) : null;
    if (photo && this.takesPhotos) {
      event.preventDefault();
      void this.classify(photo);
    }
  };

  private readonly onCamera = async (): Promise<void> => {
    this.clear();
    try {
      await this.camera.start();
    } catch (thrown) {
      this.fail(toErrorData(new WinnowError('camera-missing', { why: thrown instanceof Error ? thrown.message : String(thrown) })));
    }
  };

  private readonly onSnapshot = async (): Promise<void> => {
    if (this.video && this.video.videoWidth > 0) await this.classify(await snapshot(this.video));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-classifier': WinnowClassifier;
  }
}
