import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { localized, msg, str } from '@lit/localize';
import type { ModelCard } from '../../engine/exchange/card.js';
import type { DatasetRecord, RunRecord } from '../../engine/storage/records.js';
import type { ErrorData } from '../../engine/support/errors.js';
import { defaultSettings, type AdapterInfo, type RunSettings } from '../../engine/support/settings.js';
import { formatInteger, plural } from '../locales/format.js';
import '../metrics-chart/metrics-chart.js';
import type { LivePoint } from '../metrics-chart/curves.js';
import { standsAlone } from '../session/alone.js';
import { bestEpochOf } from '../support/runs.js';
import { errorNote } from '../theme/error-note.js';
import { adviceNotes } from './advice-notes.js';
import { architectureCards, measureLine, type ArchitectureChoice } from './architecture-cards.js';
import { curvesCard, followed, type EarlierRun } from './curves-card.js';
import { draftOf, problemsOf, rangesOf, settingsOf, type Draft, type FieldName } from './draft.js';
import { progressCard, stageText, type Progress, type Stage } from './progress-card.js';
import { interruptedCard } from './interrupted-card.js';
import { queueCard, type RunCosts } from './queue-card.js';
import { adapterNote, endedCard, logCard } from './run-cards.js';
import { methodForm } from './method-form.js';
import type { ChoiceName } from './method.js';
import { settingsForm } from './settings-form.js';
import { newsOf } from './spoken.js';
import { styles } from './styles.js';
import { cardOf, weightsField } from './weights-field.js';

export type { ArchitectureChoice } from './architecture-cards.js';

const allSides = { least: 32, most: 512 };

/**
 * Training: the run under way with its progress, curves and log, the queue, and the form that sends runs off. What a setting
 * does and why its default is what it is stands beneath it; what is out of range is said there too.
 * With a `src`, or within a `<winnow-session>`, the form begins with what the attributes say.
 *
 * @attr {string} arch - Architectures to train, by id, several with commas between: `cnn,cnn-light`.
 * @attr {number} size - Side of the square input, pixels.
 * @attr {number} epochs - The most epochs that are trained.
 * @attr {number} batch - Photos a step.
 * @attr {number} patience - Epochs without a lower validation loss after which training stops.
 * @attr {number} learning-rate - Of the optimiser.
 * @attr {number} seed - Of weights, split, order and dropout.
 * @attr {number} limit - At most so many photos.
 * @attr {number} validation-share - Share of the photos that validate, 0 to 1.
 * @attr {number} test-share - Share of the photos that are set aside for the test, 0 to 1.
 * @attr {boolean} autostart - Trains as soon as there are photos, without being asked.
 * @fires {CustomEvent<{settings: RunSettings[], model: File | null}>} winnow-train - Runs are wanted, one for each chosen architecture, from the weights of a model where one is given.
 * @fires {CustomEvent<{settings: RunSettings, chosen: string[]}>} winnow-settings - The form's settings or the chosen architectures changed, and are valid: costs may be stated anew.
 * @fires {CustomEvent} winnow-pause - The run is to pause at its next step.
 * @fires {CustomEvent} winnow-resume - The paused run is to go on.
 * @fires {CustomEvent} winnow-stop - The run is to end at its next step and keep its best weights.
 * @fires {CustomEvent<{index: number}>} winnow-dequeue - A waiting run is no longer wanted.
 * @fires {CustomEvent<{index: number, to: number}>} winnow-requeue - A waiting run is to stand elsewhere in the queue.
 * @fires {CustomEvent} winnow-measure - The time of an epoch is to be measured, of every architecture of which it is not known.
 * @fires {CustomEvent} winnow-measure-stop - The measuring is to end.
 * @fires {CustomEvent<{run: string}>} winnow-again - A run is to start again from another seed, on the same split.
 * @fires {CustomEvent<{run: string}>} winnow-continue - A run that has ended is to train for more epochs.
 * @fires {CustomEvent<{run: string}>} winnow-resume-run - An interrupted run is to go on from its last checkpoint.
 * @slot curves - In place of the accuracy and loss of the run.
 * @slot augmentation - After what is said of augmentation: a way to see it on photos.
 * @slot next - What can be done with the run that ended.
 * @csspart progress - The card of the run under way.
 * @csspart ended - The card of the run that ended.
 * @csspart interrupted - The runs that were interrupted.
 * @csspart queue - The runs that wait.
 * @csspart log - The run's log.
 * @csspart adapter - What is said of a slow adapter.
 * @csspart advice - What was noticed in the run's first epochs.
 * @csspart error - What went wrong, and what to do.
 */
@customElement('winnow-training')
@localized()
@standsAlone
export class WinnowTraining extends LitElement {
  static override styles = styles;

  /** Those that can be chosen, with what each costs. */
  @property({ attribute: false }) architectures: readonly ArchitectureChoice[] = [];
  /** Where the form starts; a new object fills it anew. */
  @property({ attribute: false }) settings: RunSettings = defaultSettings;
  /** Architectures that are chosen beside the settings' own when the form is filled. */
  @property({ attribute: false }) alsoChosen: readonly string[] = [];
  /** What the form's runs train on. (`dataset` is HTMLElement's own.) */
  @property({ attribute: false }) data: DatasetRecord | null = null;
  /** The run under way, or the last one that ended here. */
  @property({ attribute: false }) run: RunRecord | null = null;
  /** How far the run is within its epoch. */
  @property({ attribute: false }) progress: Progress | null = null;
  /** What the run under way is doing; null where there is none. */
  @property() stage: Stage | null = null;
  /** How much of the stage is done, 0 to 1, where that is known. */
  @property({ type: Number }) share: number | undefined = undefined;
  /** The runs that wait, the next one first. */
  @property({ attribute: false }) queue: readonly RunSettings[] = [];
  /** Runs that have ended, newest last: their curves can be laid over. */
  @property({ attribute: false }) earlier: readonly EarlierRun[] = [];
  /** What a run will take on this GPU, as far as it is known. */
  @property({ attribute: false }) costsOf: (settings: RunSettings) => RunCosts = () => ({});
  /** Runs that can be resumed. */
  @property({ attribute: false }) interrupted: readonly RunRecord[] = [];
  /** What computes; a slow one is said to be slow. */
  @property({ attribute: false }) adapter: AdapterInfo | null = null;
  /** What went wrong last. */
  @property({ attribute: false }) error: ErrorData | null = null;

  @state() private draft: Draft = draftOf(defaultSettings);
  @state() private chosen: ReadonlySet<string> = new Set([defaultSettings.arch]);
  @state() private options: Readonly<Record<string, Readonly<Record<string, number>>>> = {};
  @state() private pending: 'pause' | 'resume' | 'stop' | null = null;
  @state() private spoken = '';
  @state() private overlaid: ReadonlySet<string> = new Set();
  @state() private smoothing = 0;
  /** Within the epoch that trains. */
  private way: readonly LivePoint[] = [];
  /** What the next runs begin with. */
  private model: File | null = null;
  /** Of {@link model}. */
  @state() private card: ModelCard | null = null;

  @query('form') private form!: HTMLFormElement;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('settings')) {
      this.draft = draftOf(this.settings);
      this.chosen = new Set([this.settings.arch, ...this.alsoChosen]);
      this.options = { [this.settings.arch]: this.settings.archOptions };
    }
    this.keepFocus();
    if (changed.has('run') && this.run) this.hearRun(this.run, changed.get('run') ?? null);
    if (changed.has('run') || changed.has('progress')) this.way = followed(this.way, this.busy && this.run ? this.progress : null, this.shownTitle, this.run?.history.at(-1)?.epoch ?? 0);
    if (changed.has('stage') && this.stage === 'measuring') this.spoken = stageText(this.stage);
  }

  /** One card takes another's place, and with it what had the focus. */
  private keepFocus(): void {
    const held = this.shadowRoot?.activeElement;
    if (!held) return;
    void this.updateComplete.then(() => {
      if (!held.isConnected) this.renderRoot.querySelector<HTMLElement>('.progress button, .ended button, .submit button')?.focus();
    });
  }

  override render() {
    const { run, queue } = this;
    const busy = this.busy;
    return html`
      ${this.error ? errorNote(this.error) : run?.state.kind === 'failed' && !busy ? errorNote(run.state.error) : nothing}
      ${this.adapter ? adapterNote(this.adapter) : nothing}
      ${this.interrupted.length > 0 ? interruptedCard(this.interrupted, (id) => this.titleOf(id), (id) => this.tell('winnow-resume-run', { run: id })) : nothing}
      ${busy ? progressCard({
        run, progress: this.progress, stage: this.stage, share: this.share, pending: this.pending,
        title: run ? this.titleOf(run.settings.arch) : msg('A run is starting', { id: 'training.starting' }),
        predictedBytes: run ? this.costsOf(run.settings).gpuBytes : undefined,
        onPause: () => this.ask('pause'), onResume: () => this.ask('resume'), onStop: () => this.ask('stop'),
      }) : run ? endedCard(run, this.titleOf(run.settings.arch), () => this.tell('winnow-continue', { run: run.id })) : nothing}
      ${run ? adviceNotes(run, () => this.tell('winnow-again', { run: run.id })) : nothing}
      ${run || busy ? html`<slot name="curves">${this.curves()}</slot>` : nothing}
      ${run || queue.length > 0 ? html`
        <div class="row below">
          ${queue.length > 0 ? queueCard({
            queue, titleOf: (id) => this.titleOf(id), costsOf: this.costsOf,
            onRemove: (index) => this.tell('winnow-dequeue', { index }), onMove: (index, to) => this.tell('winnow-requeue', { index, to }),
          }) : nothing}
          ${run ? logCard(run) : nothing}
        </div>
      ` : nothing}
      ${busy ? html`<details class="card"><summary>${msg('Train another model after this one', { id: 'training.another' })}</summary>${this.trainForm()}</details>` : html`<section class="card new" aria-label=${msg('A new run', { id: 'training.new' })}>${this.trainForm()}</section>`}
      <p class="visually-hidden" role="status">${this.spoken}</p>
    `;
  }

  /** A run is under way, or about to be. */
  private get busy(): boolean {
    return this.stage !== null || this.run?.state.kind === 'running' || this.run?.state.kind === 'paused';
  }

  private get shownTitle(): string {
    return this.run ? this.titleOf(this.run.settings.arch) : '';
  }

  private curves() {
    const { run, earlier, overlaid, smoothing } = this;
    return curvesCard({
      shown: run && { name: this.shownTitle, history: run.history, bestEpoch: bestEpochOf(run) },
      live: this.way,
      earlier: earlier.filter(({ id }) => id !== run?.id),
      overlaid,
      smoothing,
      onOverlay: this.overlay,
      onSmoothing: (weight) => (this.smoothing = weight),
    });
  }

  private trainForm() {
    const { data, draft, chosen, architectures } = this;
    const context = { draft, problems: this.problems, slow: this.adapter?.fallback === true, onInput: this.edit };
    return html`
      <form novalidate @submit=${this.submit}>
        <div class="submit">
          <button class="primary" aria-disabled=${!data || chosen.size === 0} aria-describedby="on">${this.submitText()}</button>
          <p id="on" class="muted">${this.submitHint()}</p>
        </div>
        ${architectureCards({ architectures, chosen, options: this.options, onChoose: this.choose, onOption: this.chooseOption })}
        ${measureLine({
          architectures, possible: data !== null && !this.busy,
          onMeasure: () => this.tell('winnow-measure', undefined), onCancel: () => this.tell('winnow-measure-stop', undefined),
        })}
        <fieldset>
          <legend>${msg('Settings', { id: 'training.settings' })}</legend>
          ${settingsForm(context)} ${methodForm(context, weightsField(this.card, this.chooseModel))}
        </fieldset>
      </form>
    `;
  }

  private readonly chooseModel = async (file: File | null): Promise<void> => {
    this.model = file;
    this.card = null;
    const card = file && (await cardOf(file));
    if (this.model === file) this.card = card;
  };

  private submitText(): string {
    const count = this.chosen.size;
    const [only] = this.chosen;
    if (this.busy) return msg('Add to the queue', { id: 'training.enqueue' });
    if (count === 1) return msg(str`Train ${this.titleOf(only)}`, { id: 'training.train-one' });
    return plural(count, {
      one: () => msg('Train', { id: 'training.train' }),
      other: () => msg(str`Train ${formatInteger(count)} models`, { id: 'training.train-several' }),
    });
  }

  private submitHint(): string {
    const { data } = this;
    if (!data) return msg('There are no photos yet. Add some first, at Data.', { id: 'training.no-dataset' });
    if (this.chosen.size === 0) return msg('Choose at least one architecture.', { id: 'training.none-chosen' });
    const held = msg(str`on ${data.name}: ${formatInteger(data.images)} photos of ${formatInteger(data.classes.length)} classes`, { id: 'training.on' });
    return data.source === 'synthetic' ? `${held} · ${msg('synthetic photos', { id: 'training.synthetic' })}` : held;
  }

  private get problems() {
    const sides = this.architectures.filter(({ id }) => this.chosen.has(id)).map((architecture) => architecture.sides ?? allSides);
    return problemsOf(this.draft, rangesOf(sides));
  }

  private titleOf(id: string): string {
    return this.architectures.find((architecture) => architecture.id === id)?.title ?? id;
  }

  private readonly overlay = (id: string): void => {
    const next = new Set(this.overlaid);
    if (!next.delete(id)) next.add(id);
    this.overlaid = next;
  };

  private readonly choose = (id: string, chosen: boolean): void => {
    const next = new Set(this.chosen);
    if (chosen) next.add(id);
    else next.delete(id);
    this.chosen = next;
    this.tellSettings();
  };

  private readonly chooseOption = (id: string, option: string, value: number): void => {
    this.options = { ...this.options, [id]: { ...this.options[id], [option]: value } };
    this.tellSettings();
  };

  private readonly edit = (name: FieldName | ChoiceName, value: string): void => {
    this.draft = { ...this.draft, [name]: value };
    this.tellSettings();
  };

  private tellSettings(): void {
    if (Object.keys(this.problems).length > 0) return;
    const [arch = this.settings.arch] = this.chosen;
    this.tell('winnow-settings', { settings: this.settingsFor(arch), chosen: [...this.chosen] });
  }

  private settingsFor(arch: string): RunSettings {
    return settingsOf(this.draft, { ...this.settings, arch, archOptions: this.options[arch] ?? {} });
  }

  private readonly submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (Object.keys(this.problems).length > 0) {
      const wrong = this.form.querySelector<HTMLInputElement>('[aria-invalid="true"]');
      const closed = wrong?.closest('details');
      if (closed) closed.open = true;
      wrong?.focus();
      return;
    }
    if (!this.data || this.chosen.size === 0) return;
    // In the list's order, not in the order of clicking.
    const settings = this.architectures.filter(({ id }) => this.chosen.has(id)).map(({ id }) => this.settingsFor(id));
    this.tell('winnow-train', { settings, model: this.model });
  };

  private ask(what: 'pause' | 'resume' | 'stop'): void {
    if (this.pending || this.stage === 'measuring' || !this.run) return;
    this.pending = what;
    this.tell(`winnow-${what}`, undefined);
  }

  private hearRun(run: RunRecord, before: RunRecord | null): void {
    if (run.id !== before?.id || run.state.kind !== before.state.kind) this.pending = null;
    this.spoken = newsOf(run, before, this.shownTitle) ?? this.spoken;
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-training': WinnowTraining;
  }
}
