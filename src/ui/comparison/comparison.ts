import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { localized, msg, str } from '@lit/localize';
import { photosOfCell } from '../../engine/comparison/predictions.js';
import { accuracyFloor, type Rule } from '../../engine/comparison/recommendation.js';
import type { RunRecord } from '../../engine/storage/records.js';
import { studyStrengths } from '../../engine/support/settings.js';
import type { Photo } from '../../workers/contract.js';
import { formatInteger, formatPercent, plural } from '../locales/format.js';
import { standsAlone } from '../session/alone.js';
import { DrawingWidth } from '../support/drawing-width.js';
import { columns, type ColumnId, type Sorting } from './columns.js';
import { caveats, conclusionCard } from './conclusion.js';
import { gallery, PAGE, type PhotoList } from './gallery.js';
import { mistakesCards } from './mistakes.js';
import { groupsOf, isJudged, type Group, type JudgedModel, type Measure, type Model } from './models.js';
import { answersOf, disagreementsOf, pairCard } from './pair.js';
import { scatterCard, type Axis } from './scatter.js';
import { styles } from './styles.js';
import { modelsTable } from './table.js';
import { judge } from './verdict.js';

/**
 * Trained models beside each other: a table that sorts, accuracy against cost with the trade-off front, a conclusion in words under a
 * rule that can be chosen, and two models in detail: their confusion matrices, whose cells open their photos, McNemar's test on the same
 * photos, and the photos on which they disagree. Only runs on the same photos in the same split are compared; with several such groups one is chosen.
 *
 * @fires {CustomEvent<{run: string}>} winnow-look - The feature maps of a run are wanted.
 * @fires {CustomEvent<{run: string}>} winnow-export - A run's model is wanted as a file.
 * @fires {CustomEvent<{run: string}>} winnow-delete-run - A run is to be deleted; it was confirmed.
 * @fires {CustomEvent<{dataset: string, indices: number[]}>} winnow-photos - These photos are to be given as `photos`.
 * @fires {CustomEvent<{format: 'html' | 'csv' | 'json', runs: string[], rule: Rule}>} winnow-report - A report of these runs is wanted as a file.
 * @csspart scatter - The card with accuracy against cost.
 * @csspart conclusion - The card with the conclusion.
 * @csspart table - The table of runs.
 * @csspart mistakes - The card of a model's mistakes.
 * @csspart pair - The card of two models on the same photos.
 */
@customElement('winnow-comparison')
@localized()
@standsAlone
export class WinnowComparison extends LitElement {
  static override styles = styles;

  /** The runs to compare; those on other photos, or in another split, are groups of their own. */
  @property({ attribute: false }) runs: readonly RunRecord[] = [];
  /** Photos that were asked for; others among them do no harm. */
  @property({ attribute: false }) photos: readonly Photo[] = [];
  /** How the efficient one is chosen: `floor`, the fewest FLOPs at or above the floor; `margin`, the fewest params within a margin of the most accurate. */
  @property() rule: Rule['kind'] = 'floor';
  /** Accuracy on perturbed photos under which a model counts as unusable, 0 to 1. */
  @property({ type: Number }) floor = accuracyFloor;
  /** How far from the most accurate the rule `margin` goes, 0 to 1. */
  @property({ type: Number }) margin = 0.005;

  @state() private groups: readonly Group[] = [];
  /** Key of the group that was chosen; null for the one with the newest run. */
  @state() private groupKey: string | null = null;
  @state() private sorting: Sorting = { column: 'perturbed', descending: true };
  @state() private axis: Axis = 'flops';
  @state() private measure: Measure = 'perturbed';
  /** Ids of the runs whose mistakes were chosen to be shown, by place. */
  @state() private picked: readonly (string | undefined)[] = [];
  /** What the dialog is about; it stays so while the dialog goes. */
  @state() private deleting: Model | null = null;
  @state() private listed: PhotoList | null = null;
  /** Photos of the list that were asked for. */
  @state() private wanted = PAGE;

  @query('dialog.delete') private dialog!: HTMLDialogElement;
  @query('dialog.photos') private album!: HTMLDialogElement;

  private readonly drawing = new DrawingWidth(this);

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('runs')) this.groups = groupsOf(this.runs);
  }

  override render() {
    const group = this.groups.find(({ key }) => key === this.groupKey) ?? this.groups[0];
    if (!group) return html`<p class="card empty">${msg('Nothing is trained yet. Two runs on the same photos make a comparison.', { id: 'comparison.empty' })}</p>`;
    const judged = group.models.filter(isJudged);
    const rule: Rule = this.rule === 'margin' ? { kind: 'margin', floor: this.floor, margin: this.margin } : { kind: 'floor', floor: this.floor };
    const verdict = judge(judged, rule);
    return html`
      ${this.groups.length > 1 ? this.groupChoice(group) : nothing}
      ${verdict
        ? html`<div class="top">
            ${scatterCard({
              models: judged, chosen: verdict.chosen, axis: this.axis, measure: this.measure, floor: this.floor, width: this.drawing.width,
              onAxis: (axis) => (this.axis = axis), onMeasure: (measure) => (this.measure = measure),
            })}
            ${conclusionCard({ verdict, count: judged.length, margin: this.margin, onRule: (kind) => (this.rule = kind), onFloor: this.setFloor, onMargin: this.setMargin })}
          </div>`
        : html`<p class="card empty">${msg('No run has ended with a result yet.', { id: 'comparison.no-result' })}</p>`}
      <div class="card">
        ${modelsTable({
          models: group.models, chosen: verdict?.chosen ?? null, floor: this.floor, sorting: this.sorting, onSort: this.sort,
          onLook: (run) => this.tell('winnow-look', { run }), onExport: (run) => this.tell('winnow-export', { run }), onDelete: this.askToDelete,
          onReport: verdict ? (format) => this.tell('winnow-report', { format, runs: judged.map(({ run }) => run.id), rule }) : null,
        })}
        ${caveats(judged)}
      </div>
      ${verdict ? this.details(judged, verdict.chosen) : nothing} ${this.deleteDialog()} ${this.photosDialog()}
    `;
  }

  /** Two models: what each takes for what, and how they differ. */
  private details(judged: readonly JudgedModel[], chosen: JudgedModel) {
    const shown = this.pair(judged, chosen);
    const [first, second] = shown;
    return html`
      ${mistakesCards(judged, shown, this.pick, this.openCell)}
      ${second && first !== second
        ? pairCard({ first, second, disagreements: disagreementsOf(first, second), onShow: () => this.openDisagreements(first, second) })
        : nothing}
    `;
  }

  private groupChoice(group: Group) {
    return html`
      <div class="card group">
        <label>${msg('Compare the runs on', { id: 'comparison.group' })}
          <select @change=${(event: Event) => (this.groupKey = (event.target as HTMLSelectElement).value)}>
            ${this.groups.map((each) => html`<option value=${each.key} ?selected=${each.key === group.key}>${groupText(each)}</option>`)}
          </select>
        </label>
        <p class="muted small">${msg('Only runs on the same photos in the same split are compared with each other.', { id: 'comparison.group-means' })}</p>
      </div>
    `;
  }

  private deleteDialog() {
    const title = this.deleting?.title ?? '';
    return html`
      <dialog class="delete" aria-labelledby="deleting">
        <h2 id="deleting">${msg(str`Delete ${title}?`, { id: 'comparison.delete-title' })}</h2>
        <p>${msg('Its weights, curves and results leave this browser. What was exported stays.', { id: 'comparison.delete-means' })}</p>
        <p class="buttons">
          <button @click=${() => this.dialog.close()}>${msg('Keep it', { id: 'comparison.keep' })}</button>
          <button class="danger" @click=${this.confirmDelete}>${msg('Delete', { id: 'comparison.delete' })}</button>
        </p>
      </dialog>
    `;
  }

  private photosDialog() {
    const { listed } = this;
    return html`
      <dialog class="photos" aria-labelledby="listed" @close=${() => (this.listed = null)}>
        <header>
          <h2 id="listed">${listed?.title() ?? nothing}</h2>
          <button @click=${() => this.album.close()}>${msg('Close', { id: 'comparison.close' })}</button>
        </header>
        ${listed ? gallery(listed, this.photos, this.wanted, () => this.ask(this.wanted + PAGE)) : nothing}
      </dialog>
    `;
  }

  private readonly openCell = (model: JudgedModel, actual: number, predicted: number): void => {
    const { run, title, result } = model;
    if (!result.predictions) return;
    const [truth, taken] = [run.classes[actual], run.classes[predicted]];
    const indices = photosOfCell(answersOf(result.predictions), actual, predicted);
    const count = () => formatInteger(indices.length);
    const heading = actual === predicted
      ? {
          one: () => msg(str`${title}: 1 photo of ${truth}, recognised`, { id: 'comparison.cell-right-one' }),
          other: () => msg(str`${title}: ${count()} photos of ${truth}, recognised`, { id: 'comparison.cell-right' }),
        }
      : {
          one: () => msg(str`${title}: 1 photo of ${truth}, taken for ${taken}`, { id: 'comparison.cell-wrong-one' }),
          other: () => msg(str`${title}: ${count()} photos of ${truth}, taken for ${taken}`, { id: 'comparison.cell-wrong' }),
        };
    void this.open({
      title: () => plural(indices.length, heading),
      dataset: run.dataset, indices, note: () => '',
    });
  };

  private openDisagreements(first: JudgedModel, second: JudgedModel): void {
    const found = disagreementsOf(first, second);
    if (!found) return;
    const { classes, dataset } = first.run;
    const byIndex = new Map(found.map((each) => [each.index, each]));
    void this.open({
      title: () => plural(found.length, {
        one: () => msg(str`${first.title} and ${second.title} disagree on 1 photo`, { id: 'comparison.disagreements-one' }),
        other: () => msg(str`${first.title} and ${second.title} disagree on ${formatInteger(found.length)} photos`, { id: 'comparison.disagreements' }),
      }),
      dataset, indices: found.map(({ index }) => index),
      note: (index) => {
        const each = byIndex.get(index)!;
        return msg(str`Is ${classes[each.truth]}. ${first.title}: ${classes[each.first]}; ${second.title}: ${classes[each.second]}.`, { id: 'comparison.disagreement' });
      },
    });
  }

  private async open(list: PhotoList): Promise<void> {
    this.listed = list;
    this.ask(PAGE);
    await this.updateComplete;
    this.album.showModal();
  }

  private ask(wanted: number): void {
    this.wanted = wanted;
    if (this.listed) this.tell('winnow-photos', { dataset: this.listed.dataset, indices: this.listed.indices.slice(0, wanted) });
  }

  /** The mistakes of the chosen one beside those of the most accurate other, until others are picked. */
  private pair(judged: readonly JudgedModel[], chosen: JudgedModel): JudgedModel[] {
    const others = judged.filter((model) => model !== chosen).sort((a, b) => b.result.test.perturbed.accuracy - a.result.test.perturbed.accuracy);
    return [chosen, ...others.slice(0, 1)].map((model, place) => judged.find(({ run }) => run.id === this.picked[place]) ?? model);
  }

  private readonly pick = (place: number, run: string): void => {
    this.picked = [0, 1].map((each) => (each === place ? run : this.picked[each]));
  };

  /** The same column again turns it round; another begins with its best. */
  private readonly sort = (column: ColumnId): void => {
    const best = columns.find(({ id }) => id === column)?.best ?? 'least';
    this.sorting = { column, descending: this.sorting.column === column ? !this.sorting.descending : best === 'most' };
  };

  private readonly setFloor = (text: string): void => {
    const floor = Number(text);
    if (text !== '' && floor >= 0 && floor <= 1) this.floor = floor;
    // What is no floor goes back to the one that holds.
    else this.requestUpdate();
  };

  private readonly setMargin = (text: string): void => {
    const points = Number(text);
    if (text !== '' && points >= 0 && points <= 100) this.margin = points / 100;
    else this.requestUpdate();
  };

  private readonly askToDelete = async (model: Model): Promise<void> => {
    this.deleting = model;
    await this.updateComplete;
    this.dialog.showModal();
  };

  private readonly confirmDelete = (): void => {
    const run = this.deleting?.run.id;
    this.dialog.close();
    if (run !== undefined) this.tell('winnow-delete-run', { run });
  };

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** Rice: 5 runs, seed 1, 20 % validation, no test, all photos. */
function groupText({ models }: Group): string {
  const { datasetName, settings } = models[0].run;
  const { seed, splitSeed, validationShare, testShare, limit, perturbation } = settings;
  const parts = [
    plural(models.length, { one: () => msg('1 run', { id: 'comparison.run-one' }), other: () => msg(str`${formatInteger(models.length)} runs`, { id: 'comparison.run-many' }) }),
    msg(str`seed ${splitSeed ?? seed}`, { id: 'comparison.seed' }),
    msg(str`validation ${formatPercent(validationShare, 1)}`, { id: 'comparison.validation-share' }),
    testShare > 0 ? msg(str`test ${formatPercent(testShare, 1)}`, { id: 'comparison.test-share' }) : '',
    limit === null ? '' : msg(str`at most ${formatInteger(limit)} photos`, { id: 'comparison.limit' }),
    Object.entries(studyStrengths).some(([kind, strength]) => perturbation[kind as keyof typeof studyStrengths] !== strength) ? msg('other strengths of the perturbed test', { id: 'comparison.strengths' }) : '',
  ];
  return `${datasetName}: ${parts.filter(Boolean).join(', ')}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-comparison': WinnowComparison;
  }
}
