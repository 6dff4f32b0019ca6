import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { msg, str, updateWhenLocaleChanges } from '@lit/localize';
import { graphOfRun } from '../../engine/architectures/index.js';
import { layerCosts, type Costs } from '../../engine/graph/costs.js';
import { filterLayers } from '../../engine/graph/filter-layers.js';
import type { RunRecord } from '../../engine/storage/records.js';
import type { ErrorData } from '../../engine/support/errors.js';
import type { LayerMeasures, LightenResult } from '../../workers/contract.js';
import { formatDuration, formatInteger, formatMetric } from '../locales/format.js';
import { DrawingWidth } from '../support/drawing-width.js';
import { errorNote } from '../theme/error-note.js';
import { stageText, type Progress, type Stage } from '../training/progress-card.js';
import { chartCard, type Measure } from './chart.js';
import { layersCard } from './layers-card.js';
import { choiceCard, modelsTable, type ModelsContext } from './models-table.js';
import { isAsked, optionsForm, usualOptions, type Options } from './options-form.js';
import { planCard } from './plan-card.js';
import { findSearch, type Found, type LightPoint } from './points.js';
import { styles } from './styles.js';

/** A search under way. */
export interface LightenWork {
  /** The run that it began from. */
  readonly origin: string;
  /** What is made now; null before the first. */
  readonly making: { readonly name: string; readonly epochs: number | null } | null;
  readonly stage: Stage | null;
  readonly progress: Progress | null;
  readonly paused: boolean;
}

/** A model that can be lightened. */
export interface LightenChoice {
  readonly run: string;
  readonly title: string;
}

/**
 * From a trained run, one button: the search for the lightest model that is still good, its accuracy against size as it goes, and the
 * choice of any model on the way. Every model of it is a run. The element shows; whoever holds it does the work.
 *
 * @slot next - What can be done with the chosen model besides: links, say.
 * @fires {CustomEvent<{run: string}>} winnow-origin - Another model is to be lightened.
 * @fires {CustomEvent<{run: string, options: Options}>} winnow-lighten - The search is to begin, or to go on from what is stored.
 * @fires {CustomEvent<null>} winnow-pause - It is to pause.
 * @fires {CustomEvent<null>} winnow-resume - It is to go on.
 * @fires {CustomEvent<null>} winnow-stop - It is to end; what was made stays.
 * @fires {CustomEvent<{run: string}>} winnow-measure - What a model's layers cost and what their filters are worth is to be measured.
 * @fires {CustomEvent<{run: string}>} winnow-save-layers - What was measured is to be downloaded.
 * @fires {CustomEvent<{run: string}>} winnow-look - A model is to be looked into.
 * @fires {CustomEvent<{run: string}>} winnow-export - A model is to be downloaded.
 * @csspart start - The card with the button.
 * @csspart plan - What a search will do, before it has made anything.
 * @csspart chart - Accuracy against size.
 * @csspart choice - The chosen model.
 * @csspart models - The table of all models.
 * @csspart layers - The table of the given model's layers.
 * @csspart error - What went wrong, and what to do.
 */
@customElement('winnow-lighten')
export class WinnowLighten extends LitElement {
  static override styles = styles;

  /** Stored runs: those that can be lightened and what was made of them. */
  @property({ attribute: false }) runs: readonly RunRecord[] = [];
  /** What can be chosen to be lightened, in the order in which it is offered. */
  @property({ attribute: false }) choices: readonly LightenChoice[] = [];
  /** The run that is lightened, or will be. */
  @property({ attribute: false }) origin: string | null = null;
  /** The search that goes on. */
  @property({ attribute: false }) work: LightenWork | null = null;
  /** Of the last search of this session: what was asked, and whether a person ended it. */
  @property({ attribute: false }) result: Pick<LightenResult, 'origin' | 'settings' | 'finished'> | null = null;
  /** What was measured of the given model; null where nothing was. */
  @property({ attribute: false }) layers: readonly LayerMeasures[] | null = null;
  /** Something is being measured. */
  @property({ type: Boolean }) measuring = false;
  /** Something else trains, and a search has to wait. */
  @property({ type: Boolean }) occupied = false;
  /** What went wrong last. */
  @property({ attribute: false }) error: ErrorData | null = null;

  @state() private options: Options = usualOptions;
  @state() private measure: Measure = 'perturbed';
  /** The model that was picked by hand; null for the one that the rule takes. */
  @state() private picked: string | null = null;

  private found: Found | null = null;
  /** Of the given model's layers, by name. */
  private costs: ReadonlyMap<string, Costs> = new Map();
  private filters: ReadonlyMap<string, number> = new Map();
  private readonly drawing = new DrawingWidth(this);

  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('origin')) this.picked = null;
    if (changed.has('runs') || changed.has('origin') || changed.has('options')) this.found = findSearch(this.runs, this.origin, this.options);
    if (!changed.has('runs') && !changed.has('origin')) return;
    const graph = this.found && graphOfRun(this.found.points[0].run);
    this.costs = graph ? layerCosts(graph) : new Map();
    this.filters = new Map((graph ? filterLayers(graph) : []).map(({ name, filters }) => [name, filters]));
  }

  override render() {
    const { found } = this;
    return html`
      ${this.error ? errorNote(this.error) : nothing}
      ${this.startCard(found)}
      ${found === null ? nothing : found.points.length > 1 ? this.results(found) : planCard(this.given, found, this.filters, this.options)}
      ${found
        ? layersCard({
            costs: this.costs, filters: this.filters, measured: this.layers, measuring: this.measuring, idle: this.work === null && !this.occupied,
            onMeasure: () => this.tell('winnow-measure', { run: this.origin }), onSave: () => this.tell('winnow-save-layers', { run: this.origin }),
          })
        : nothing}
      <p class="visually-hidden" role="status">${this.spoken(found)}</p>
    `;
  }

  /** The last search, where it was of this model. */
  private get last() {
    return this.result?.origin === this.origin ? this.result : null;
  }

  /** What the model is called. */
  private get given(): string {
    return this.choices.find(({ run }) => run === this.origin)?.title ?? '';
  }

  private startCard(found: Found | null) {
    const { work, choices, origin, last, options, given } = this;
    const made = found ? found.points.length - 1 : 0;
    const ended = made > 0 && last !== null && last.finished;
    return html`
      <section class="card start" aria-labelledby="start" part="start">
        <header>
          <div>
            <h2 id="start">${work ? msg(str`Lightening ${given}`, { id: 'lighten.running' }) : msg('Find the lightest model that is still good', { id: 'lighten.start' })}</h2>
            <p class="muted">${work ? this.workText(work) : startText(made, ended)}</p>
          </div>
          <div class="buttons">
            ${work
              ? html`
                  ${work.paused
                    ? html`<button class="primary" @click=${() => this.tell('winnow-resume', null)}>${msg('Resume', { id: 'lighten.resume' })}</button>`
                    : html`<button @click=${() => this.tell('winnow-pause', null)}>${msg('Pause', { id: 'lighten.pause' })}</button>`}
                  <button @click=${() => this.tell('winnow-stop', null)}>${msg('Stop, keep what is made', { id: 'lighten.stop' })}</button>
                `
              : html`
                  <label>${msg('Model', { id: 'lighten.model' })}
                    <select @change=${(event: Event) => this.tell('winnow-origin', { run: (event.target as HTMLSelectElement).value })}>
                      ${choices.map(({ run, title: name }) => html`<option value=${run} ?selected=${run === origin}>${name}</option>`)}
                    </select>
                  </label>
                  <button class="primary" ?disabled=${found === null || this.occupied || (ended && isAsked(options, last.settings))} @click=${() => this.tell('winnow-lighten', { run: origin, options })}>
                    ${made > 0 && !ended ? msg('Go on', { id: 'lighten.go-on' }) : msg('Make it lighter', { id: 'lighten.begin' })}
                  </button>
                `}
          </div>
        </header>
        ${work ? this.bar(work) : nothing}
        ${this.occupied && !work ? html`<p class="muted">${msg('A model trains now; a search can begin when it has ended.', { id: 'lighten.occupied' })}</p>` : nothing}
        ${work ? nothing : optionsForm(options, (change) => (this.options = { ...this.options, ...change }))}
      </section>
    `;
  }

  private bar({ making, progress, stage, paused }: LightenWork) {
    const share = making?.epochs && progress && (stage === 'training' || stage === 'validating') ? (progress.epoch - 1 + progress.step / progress.steps) / making.epochs : null;
    return html`<progress aria-label=${paused ? msg('paused', { id: 'lighten.paused' }) : stageText(stage)} max="1" value=${share ?? nothing}></progress>`;
  }

  private workText({ making, stage, progress, paused }: LightenWork): string {
    const doing = stage === 'measuring' ? msg('Measuring', { id: 'lighten.measuring' }) : stageText(stage);
    const what = making === null ? doing : `${making.name}: ${doing}`;
    if (paused) return `${what}, ${msg('paused', { id: 'lighten.paused' })}`;
    if (progress === null || stage !== 'training') return `${what} …`;
    return msg(str`${what}, epoch ${formatInteger(progress.epoch)}, accuracy ${formatMetric(progress.accuracy)}, ${formatDuration(progress.secondsLeft)} left`, { id: 'lighten.progress' });
  }

  private results(found: Found) {
    const selected: LightPoint = found.points.find(({ run }) => run.id === this.picked) ?? found.chosen;
    const onSelect = (run: string) => (this.picked = run);
    const context: ModelsContext = { found, selected, busy: this.work !== null, onSelect, onLook: (run) => this.tell('winnow-look', { run }), onExport: (run) => this.tell('winnow-export', { run }) };
    return html`
      <div class="row">
        ${chartCard({ found, measure: this.measure, selected, width: this.drawing.width, onMeasure: (measure) => (this.measure = measure), onSelect })}
        ${choiceCard(context)}
      </div>
      ${modelsTable(context)}
    `;
  }

  /** Said once a model is made, not at every step. */
  private spoken(found: Found | null): string {
    if (found === null || found.points.length < 2) return '';
    const last = found.points.at(-1)!;
    if (this.work === null) return this.last?.finished ? msg(str`The search has ended: ${found.chosen.name} is the lightest that is still good.`, { id: 'lighten.spoken-end' }) : '';
    return msg(str`${last.name} is made: accuracy ${formatMetric(last.validation.accuracy)}.`, { id: 'lighten.spoken-made' });
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

function startText(made: number, finished: boolean): string {
  if (finished) return msg('The search has ended. With other options another one begins; what was made stays.', { id: 'lighten.ended' });
  if (made > 0) return msg(str`${formatInteger(made)} models are made and stored; the search goes on from there.`, { id: 'lighten.interrupted' });
  return msg('Filters that matter least are cut out and the rest is trained on, step by step, for as long as it stays as good; the small shapes are trained anew, too. Every model on the way is kept as a run.', { id: 'lighten.what' });
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-lighten': WinnowLighten;
  }
}
