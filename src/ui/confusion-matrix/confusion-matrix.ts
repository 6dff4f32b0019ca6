import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { localized, msg, str } from '@lit/localize';
import { formatInteger, formatMetric, plural } from '../locales/format.js';
import { standsAlone } from '../session/alone.js';
import { confusions, precision, recall, sum, type Matrix } from './confusions.js';
import { styles } from './styles.js';

/** Beyond so many classes a table of all pairs is not read any more. */
const MOST_CLASSES = 30;
const MOST_LISTED = 40;

/**
 * Which classes are taken for which: a row for each true class, a column for each answer, tinted by the share of the row; recall and
 * precision at the edges. With more than 30 classes, the most frequent mistakes as a list.
 *
 * @fires {CustomEvent<{actual: number, predicted: number}>} winnow-cell - The photos of a cell are wanted; classes by index.
 * @csspart table - The table or the list.
 * @cssproperty --winnow-accent - Tint of what is right.
 * @cssproperty --winnow-highlight - Tint of mistakes.
 */
@customElement('winnow-confusion-matrix')
@localized()
@standsAlone
export class WinnowConfusionMatrix extends LitElement {
  static override styles = styles;

  /** Photos by true class, then by predicted class. */
  @property({ attribute: false }) matrix: Matrix = [];
  /** Names, in the order of the matrix. */
  @property({ attribute: false }) classes: readonly string[] = [];
  /** What it is of; names the table. */
  @property() label = '';
  /** Cells with photos are buttons that ask for them. */
  @property({ type: Boolean }) openable = false;

  /** The cell that the keyboard stands on. */
  @state() private at: readonly [row: number, column: number] = [0, 0];

  override render() {
    const total = sum(this.matrix.map(sum));
    if (total === 0) return html`<p class="empty">${msg('No photos were judged yet.', { id: 'confusion.empty' })}</p>`;
    const caption = this.label || msg('Confusion matrix', { id: 'confusion.title' });
    return html`
      <div class="scroll" role="region" aria-label=${caption} tabindex="0" part="table">${this.classes.length > MOST_CLASSES ? this.list(caption) : this.table(caption)}</div>
      <p class="muted small">${this.hint(total)}</p>
    `;
  }

  private table(caption: string) {
    return html`
      <table class="matrix">
        <caption class="visually-hidden">${caption}</caption>
        <thead>
          <tr>
            <td></td>
            <th scope="colgroup" colspan=${this.classes.length}>${msg('Taken for', { id: 'confusion.predicted' })}</th>
            <td></td>
          </tr>
          <tr>
            <th scope="col">${msg('Is', { id: 'confusion.actual' })}</th>
            ${this.classes.map((name) => html`<th scope="col" class="class">${name}</th>`)}
            <th scope="col" class="edge">${msg('Recall', { id: 'confusion.recall' })}</th>
          </tr>
        </thead>
        <tbody @keydown=${this.onKey}>
          ${this.matrix.map((row, actual) => html`
            <tr>
              <th scope="row">${this.classes[actual]}</th>
              ${row.map((count, predicted) => this.cell(count, count / sum(row), actual, predicted))}
              <td class="edge">${formatMetric(recall(this.matrix, actual), 3)}</td>
            </tr>
          `)}
          <tr>
            <th scope="row">${msg('Precision', { id: 'confusion.precision' })}</th>
            ${this.matrix.map((_, predicted) => html`<td class="edge">${formatMetric(precision(this.matrix, predicted), 3)}</td>`)}
            <td class="edge"></td>
          </tr>
        </tbody>
      </table>
    `;
  }

  /** The tint is the square root of the share: two mistakes in a hundred are seen. */
  private cell(count: number, share: number, actual: number, predicted: number) {
    const kind = actual === predicted ? 'right' : count > 0 ? 'mistake' : 'none';
    const tint = `--tint: ${count > 0 ? Math.round(12 + 38 * Math.sqrt(share)) : 0}%`;
    return html`<td class="cell ${kind}" .style=${tint}>${this.openable ? this.opener(count, actual, predicted, `${actual} ${predicted}`) : formatInteger(count)}</td>`;
  }

  /** @param place where arrow keys find it; of the list's, which tab reaches one by one, none. */
  private opener(count: number, actual: number, predicted: number, place: string | null) {
    const [truth, taken] = [this.classes[actual], this.classes[predicted]];
    const name = actual === predicted
      ? plural(count, {
          one: () => msg(str`1 photo of ${truth}, recognised`, { id: 'confusion.cell-right-one' }),
          other: () => msg(str`${formatInteger(count)} photos of ${truth}, recognised`, { id: 'confusion.cell-right' }),
        })
      : plural(count, {
          one: () => msg(str`1 photo of ${truth}, taken for ${taken}`, { id: 'confusion.cell-wrong-one' }),
          other: () => msg(str`${formatInteger(count)} photos of ${truth}, taken for ${taken}`, { id: 'confusion.cell-wrong' }),
        });
    const stands = place === null || place === this.at.join(' ');
    return html`<button class="bare" data-at=${place ?? nothing} tabindex=${stands ? 0 : -1} aria-label=${name} aria-disabled=${count === 0 ? 'true' : nothing} @click=${() => count > 0 && this.openCell(actual, predicted)}>${formatInteger(count)}</button>`;
  }

  private openCell(actual: number, predicted: number): void {
    this.at = [actual, predicted];
    this.dispatchEvent(new CustomEvent('winnow-cell', { detail: { actual, predicted }, bubbles: true, composed: true }));
  }

  /** One stop for tab, and arrows from cell to cell. */
  private readonly onKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !this.openable) return;
    event.preventDefault();
    const last = this.classes.length - 1;
    this.at = [Math.min(last, Math.max(0, this.at[0] + step[0])), Math.min(last, Math.max(0, this.at[1] + step[1]))];
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`[data-at="${this.at.join(' ')}"]`)?.focus());
  };

  private list(caption: string) {
    const found = confusions(this.matrix);
    return html`
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>
            <th scope="col">${msg('Is', { id: 'confusion.actual' })}</th>
            <th scope="col">${msg('Taken for', { id: 'confusion.predicted' })}</th>
            <th scope="col" class="number">${msg('Photos', { id: 'confusion.photos' })}</th>
            <th scope="col" class="number">${msg('Of its class', { id: 'confusion.share' })}</th>
          </tr>
        </thead>
        <tbody>
          ${found.slice(0, MOST_LISTED).map(({ actual, predicted, count, share }) => html`
            <tr>
              <th scope="row">${this.classes[actual]}</th>
              <td>${this.classes[predicted]}</td>
              <td class="number">${this.openable ? this.opener(count, actual, predicted, null) : formatInteger(count)}</td>
              <td class="number">${formatMetric(share, 3)}</td>
            </tr>
          `)}
        </tbody>
      </table>
      ${found.length > MOST_LISTED ? html`<p class="muted small">${msg(str`The ${formatInteger(MOST_LISTED)} most frequent of ${formatInteger(found.length)} kinds of mistake.`, { id: 'confusion.more' })}</p>` : nothing}
    `;
  }

  private hint(total: number): string {
    const wrong = total - sum(this.matrix.map((row, index) => row[index]));
    return msg(str`${formatInteger(wrong)} of ${formatInteger(total)} photos are taken for another class.`, { id: 'confusion.hint' });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-confusion-matrix': WinnowConfusionMatrix;
  }
}
