import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { msg, str, updateWhenLocaleChanges } from '@lit/localize';
import type { Photo, SplitName } from '../../workers/contract.js';
import { formatInteger, formatPercent } from '../locales/format.js';
import { bitmap } from '../theme/bitmap.js';
import { cards, controls, theme } from '../theme/shared.js';
import { browserStyles } from './browser-styles.js';
import { listed, type Filter, type Listed, type Show } from './filter.js';
import { partNames, type Suspicion, type TwinGroup } from './findings.js';

const PAGE = 24;

/**
 * All photos of a dataset, a page at a time: of one class or all, of one part of the split, those that a run takes for another class, those that
 * occur twice. It asks for the photos that it shows, and is given them.
 *
 * @fires {CustomEvent<{indices: number[]}>} winnow-browse - These photos are to be given as `photos`.
 * @csspart grid - The photos.
 */
@customElement('winnow-photo-browser')
export class WinnowPhotoBrowser extends LitElement {
  static override styles = [...theme, cards, controls, browserStyles];

  /** Their names; a label is an index here. */
  @property({ attribute: false }) classes: readonly string[] = [];
  /** How many photos there are. */
  @property({ type: Number }) images = 0;
  /** Class of every photo. */
  @property({ attribute: false }) labels: Uint16Array | null = null;
  /** Part of every photo: 0 trains, 1 validates, 2 tests, 255 is left out. */
  @property({ attribute: false }) parts: Uint8Array | null = null;
  /** Validation photos that a run takes for another class; null where none is trained. */
  @property({ attribute: false }) suspicion: Suspicion | null = null;
  /** Photos that occur twice, in the order in which they are shown. */
  @property({ attribute: false }) twins: readonly TwinGroup[] = [];
  /** Of those asked for, the ones that have come. */
  @property({ attribute: false }) photos: readonly Photo[] = [];

  @state() private filter: Filter = { show: 'all', label: null };
  @state() private page = 0;
  private list: readonly Listed[] = [];
  private asked = '';

  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }

  /** Shows what a card beside it speaks of, and comes into view. */
  show(show: Show): void {
    this.filter = { show, label: null };
    this.page = 0;
    this.scrollIntoView({ block: 'start' });
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('#show')?.focus({ preventScroll: true }));
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('classes')) this.filter = { show: 'all', label: null };
    if (!changed.has('photos') || changed.size > 1) {
      const { images, labels, parts, twins } = this;
      this.list = labels === null ? [] : listed(this.filter, { images, labels, parts, suspects: this.suspicion?.mistakes ?? [], twins });
    }
    this.page = Math.min(this.page, this.pages - 1);
  }

  protected override updated(): void {
    const indices = this.shown.map(({ index }) => index);
    const asked = indices.join();
    if (asked === this.asked || indices.length === 0) return;
    this.asked = asked;
    this.dispatchEvent(new CustomEvent('winnow-browse', { detail: { indices }, bubbles: true, composed: true }));
  }

  private get pages(): number {
    return Math.max(1, Math.ceil(this.list.length / PAGE));
  }

  private get shown(): readonly Listed[] {
    return this.list.slice(this.page * PAGE, (this.page + 1) * PAGE);
  }

  override render() {
    const { shown, list, page, pages } = this;
    const byIndex = new Map(this.photos.map((photo) => [photo.index, photo]));
    return html`
      <section class="card" aria-labelledby="browse">
        <header>
          <h2 id="browse">${msg('All photos', { id: 'browse.title' })}</h2>
          <div class="filters">
            <label>${msg('Show', { id: 'browse.show' })} <select id="show" @change=${this.onShow}>${this.shows().map(([show, text]) => html`<option value=${show} .selected=${show === this.filter.show}>${text}</option>`)}</select></label>
            <label>${msg('Class', { id: 'browse.class' })}
              <select id="class" @change=${this.onClass}>
                <option value="" .selected=${this.filter.label === null}>${msg('all', { id: 'browse.every-class' })}</option>
                ${this.classes.map((name, label) => html`<option value=${label} .selected=${label === this.filter.label}>${name}</option>`)}
              </select>
            </label>
          </div>
        </header>
        ${
          this.labels !== null && list.length === 0
            ? html`<p class="empty">${this.emptyText()}</p>`
            : html`<ul class="grid" part="grid" aria-busy=${this.labels === null}>${shown.map((entry) => this.figure(entry, byIndex.get(entry.index)))}</ul>`
        }
        <footer>
          <p class="muted" role="status">${list.length > 0 ? msg(str`${formatInteger(page * PAGE + 1)} to ${formatInteger(page * PAGE + shown.length)} of ${formatInteger(list.length)}`, { id: 'browse.range' }) : nothing}</p>
          <div class="turn">
            <button aria-disabled=${page === 0} @click=${() => this.turn(-1)}>${msg('Back', { id: 'browse.back' })}</button>
            <button aria-disabled=${page >= pages - 1} @click=${() => this.turn(1)}>${msg('Next', { id: 'browse.next' })}</button>
          </div>
        </footer>
      </section>
    `;
  }

  private figure({ index, suspect, group }: Listed, photo: Photo | undefined) {
    const name = this.classes[this.labels?.[index] ?? -1] ?? '';
    const part = this.parts && this.parts[index] < partNames.length ? partNames[this.parts[index]] : null;
    return html`
      <li class=${group?.across ? 'across' : ''}>
        ${photo ? html`<canvas role="img" aria-label="${name}: ${photo.name}" title=${photo.name} ${bitmap(photo.bitmap)}></canvas>` : html`<div class="blank"></div>`}
        <p><b title=${name}>${name}</b>${part ? html`<span class="part ${part}">${partText(part)}</span>` : nothing}</p>
        ${suspect ? html`<p class="small caution">${msg(str`taken for ${suspect.predicted}, ${formatPercent(suspect.probability, 1)}`, { id: 'browse.taken-for' })}</p>` : nothing}
        ${group ? html`<p class="small ${group.across || group.twoClasses ? 'caution' : 'muted'}">${twinText(group)}</p>` : nothing}
      </li>
    `;
  }

  private shows(): readonly (readonly [Show, string])[] {
    const shows: (readonly [Show, string])[] = [['all', msg('every photo', { id: 'browse.all' })]];
    if (this.parts) shows.push(...partNames.filter((_, part) => this.parts!.includes(part)).map((part) => [part, partText(part)] as const));
    if (this.suspicion) shows.push(['suspects', msg(str`taken for another class by ${this.suspicion.run}`, { id: 'browse.suspects' })]);
    if (this.twins.length > 0) shows.push(['twins', msg('those that occur twice', { id: 'browse.twins' })]);
    return shows;
  }

  private emptyText(): string {
    const { filter, suspicion } = this;
    if (filter.show === 'suspects' && filter.label === null && suspicion) return msg(str`${suspicion.run} takes every validation photo for what it is labelled.`, { id: 'browse.no-suspects' });
    return msg('No photo of this class is among them.', { id: 'browse.none' });
  }

  private onShow(event: Event): void {
    this.filter = { ...this.filter, show: (event.target as HTMLSelectElement).value as Show };
    this.page = 0;
  }

  private onClass(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.filter = { ...this.filter, label: value === '' ? null : Number(value) };
    this.page = 0;
  }

  private turn(step: 1 | -1): void {
    this.page = Math.min(Math.max(0, this.page + step), this.pages - 1);
  }
}

export function partText(part: SplitName): string {
  switch (part) {
    case 'train':
      return msg('training', { id: 'browse.train' });
    case 'validation':
      return msg('validation', { id: 'browse.validation' });
    case 'test':
      return msg('test', { id: 'browse.test' });
  }
}

function twinText({ number, exact, across, twoClasses }: TwinGroup): string {
  const what = exact ? msg(str`group ${formatInteger(number)}, the same file`, { id: 'browse.group-exact' }) : msg(str`group ${formatInteger(number)}, nearly the same`, { id: 'browse.group-near' });
  return [what, across ? msg('across the split', { id: 'browse.across' }) : '', twoClasses ? msg('two classes', { id: 'browse.two-classes' }) : ''].filter(Boolean).join(' · ');
}


declare global {
  interface HTMLElementTagNameMap {
    'winnow-photo-browser': WinnowPhotoBrowser;
  }
}
