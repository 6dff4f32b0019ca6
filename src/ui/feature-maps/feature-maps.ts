import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { localized, msg, str } from '@lit/localize';
import type { ErrorData } from '../../engine/support/errors.js';
import type { PaintedMaps, Photo } from '../../workers/contract.js';
import { currentLocale } from '../locales/localization.js';
import { formatInteger, formatRounded, plural } from '../locales/format.js';
import { standsAlone } from '../session/alone.js';
import { errorNote } from '../theme/error-note.js';
import { readColour } from '../theme/tokens.js';
import { drawGrid, drawTile } from './draw.js';
import { layoutOf, MOST_SHOWN, moveBy, orderOf, type Sorting } from './order.js';
import { layerPanel, photoPanel, type LayerChoice } from './panels.js';
import { styles } from './styles.js';

export type { LayerChoice } from './panels.js';

const ENLARGED = 512;
/** As in the styles: room for the outline of a focused map. */
const ROOM_PADDING = 5;

/**
 * Feature maps of a layer for a photo: every map at once, any one large. Those that answer nothing on this photo are black with a
 * marked corner, and counted. Bitmaps stay their owner's; a closed one is not drawn again.
 *
 * @fires {CustomEvent<{layer: string}>} winnow-layer - Another layer is to be shown.
 * @fires {CustomEvent<{step: 1 | -1}>} winnow-photo - The next or the previous photo is to be shown.
 * @csspart layers - The list of layers.
 * @csspart maps - The card with the maps.
 * @csspart photo - The photo with the model's answer.
 * @csspart error - What went wrong, and what to do.
 * @cssproperty --winnow-highlight - Colour of the corner of dark maps, and of the bars of dead ones.
 */
@customElement('winnow-feature-maps')
@localized()
@standsAlone
export class WinnowFeatureMaps extends LitElement {
  static override styles = styles;

  /** The layers that can be chosen, in the network's order. */
  @property({ attribute: false }) layers: readonly LayerChoice[] = [];
  /** Name of the layer that is wanted; `maps` may still be of the one before. */
  @property() layer = '';
  /** The painted maps of one layer for the photo. */
  @property({ attribute: false }) maps: PaintedMaps | null = null;
  /** What the network looks at. */
  @property({ attribute: false }) photo: Photo | null = null;
  /** Of the model, in the order of its probabilities. */
  @property({ attribute: false }) classes: readonly string[] = [];
  /** Photos over which the layers' dead maps were counted; 0 for not. */
  @property({ type: Number, attribute: 'dead-over' }) deadOver = 0;
  /** The maps come from a run as it trains. */
  @property({ type: Boolean }) live = false;
  /** Other maps are on their way. */
  @property({ type: Boolean }) busy = false;
  /** What went wrong, in place of the maps. */
  @property({ attribute: false }) error: ErrorData | null = null;
  /** The maps' order: `activity`, the most active first, or `index`. */
  @property({ reflect: true }) sorting: Sorting = 'activity';

  @state() private order: readonly number[] = [];
  /** Position in the order that the keyboard stands on. */
  @state() private active = 0;
  /** Index of the map under the pointer. */
  @state() private hovered: number | null = null;
  /** Index of the map that is shown large. */
  @state() private enlarged: number | null = null;

  @query('#grid') private listbox!: HTMLElement | null;
  @query('.room') private room!: HTMLElement | null;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('dialog canvas') private large!: HTMLCanvasElement;

  private orderedFor = '';
  private columns = 1;
  private readonly resized = new ResizeObserver(() => this.draw());

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resized.disconnect();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { maps } = this;
    if (!maps || !(changed.has('maps') || changed.has('sorting'))) return;
    // While it trains, maps keep the places that they had at first: a grid that reshuffles twice a second cannot be watched.
    const key = `${maps.layer} ${maps.activity.length} ${this.sorting} ${this.live ? 'live' : String(maps.activity)}`;
    if (key === this.orderedFor) return;
    const sameLayer = this.orderedFor.startsWith(`${maps.layer} ${maps.activity.length} `);
    this.orderedFor = key;
    this.order = orderOf(maps, this.sorting);
    if (!sameLayer) {
      this.active = 0;
      this.enlarged = null;
      this.dialog?.close();
    }
  }

  protected override updated(): void {
    this.draw();
  }

  override render() {
    if (this.layers.length === 0 && !this.error) {
      return html`<p class="card empty">${msg('There is no model to look into yet. Train one first.', { id: 'maps.empty' })}</p>`;
    }
    return html`
      <div class="columns">
        ${layerPanel(this.layers, this.layer, this.deadOver, (layer) => this.tell('winnow-layer', { layer }))} ${this.mapsCard()}
        ${photoPanel(this.photo, this.classes, this.maps?.probabilities ?? null, (step) => this.tell('winnow-photo', { step }))}
      </div>
      ${this.enlargement()}
      <span class="theme-probe" aria-hidden="true" @transitionend=${() => this.draw()}></span>
    `;
  }

  private mapsCard() {
    const { maps, busy } = this;
    return html`
      <section class="card maps" part="maps" aria-labelledby="shown" aria-busy=${busy}>
        <header>
          <div class="title">
            <h2 id="shown">${maps ? this.mapsTitle(maps) : this.layer || msg('Feature maps', { id: 'maps.title' })}</h2>
            ${this.live ? html`<span class="chip">${msg('live', { id: 'maps.live' })}</span>` : nothing}
            ${maps && maps.dark.length > 0 ? html`<span class="chip caution">${msg(str`${formatInteger(maps.dark.length)} dark on this photo`, { id: 'maps.dark-count' })}</span>` : nothing}
          </div>
          <div class="segmented" role="group" aria-label=${msg('Sort the maps', { id: 'maps.sort' })}>
            ${this.sortButton('activity', msg('by activity', { id: 'maps.by-activity' }))} ${this.sortButton('index', msg('by index', { id: 'maps.by-index' }))}
          </div>
        </header>
        <progress class=${busy ? '' : 'idle'} aria-label=${msg('Computing the maps', { id: 'maps.computing' })} aria-hidden=${busy ? nothing : 'true'}></progress>
        <div class="room">
          ${this.error ? errorNote(this.error) : maps ? this.grid(maps) : html`<p class="empty">${busy ? msg('Computing the maps…', { id: 'maps.wait' }) : msg('Choose a layer to see what its filters answer.', { id: 'maps.choose' })}</p>`}
        </div>
        ${maps && maps.activity.length > MOST_SHOWN ? html`<p class="muted small">${this.sorting === 'activity' ? msg(str`The ${formatInteger(MOST_SHOWN)} most active ones are shown.`, { id: 'maps.most-active' }) : msg(str`The first ${formatInteger(MOST_SHOWN)} are shown.`, { id: 'maps.first' })}</p>` : nothing}
        <p class="readout muted small" aria-hidden="true">${maps && !this.error ? this.readout(maps) : nothing}</p>
      </section>
    `;
  }

  private sortButton(sorting: Sorting, text: string) {
    return html`<button aria-pressed=${this.sorting === sorting} @click=${() => (this.sorting = sorting)}>${text}</button>`;
  }

  private grid(maps: PaintedMaps) {
    const { order } = this;
    const dark = new Set(maps.dark);
    return html`
      <div
        id="grid" role="listbox" tabindex="0" class=${maps.layer === this.layer ? '' : 'stale'} aria-label=${this.mapsTitle(maps)} aria-activedescendant="map-${order[this.active]}"
        @keydown=${this.onKey} @click=${this.onClick} @pointermove=${this.onPoint} @pointerleave=${() => (this.hovered = null)}
      >
        <canvas aria-hidden="true"></canvas>
        ${guard([order, this.active, String(maps.dark), currentLocale()], () => order.map((map, position) => html`
          <div role="option" id="map-${map}" data-map=${map} class=${position === this.active ? 'active' : ''} aria-selected=${position === this.active} aria-label=${this.mapName(map, dark.has(map))}></div>
        `))}
      </div>
    `;
  }

  private enlargement() {
    const { maps, enlarged } = this;
    const shown = maps !== null && enlarged !== null;
    return html`
      <dialog aria-labelledby="enlarged" @close=${() => (this.enlarged = null)} @keydown=${this.onLargeKey} @click=${this.onBackdrop}>
        <header>
          <h2 id="enlarged">${shown ? `${maps.layer}, ${this.mapName(enlarged, maps.dark.includes(enlarged))}` : nothing}</h2>
          <p class="muted">${shown ? this.activityText(maps, enlarged) : nothing}</p>
        </header>
        <canvas role="img" aria-labelledby="enlarged" width=${ENLARGED} height=${ENLARGED}></canvas>
        <p class="buttons">
          <button @click=${() => this.stepLarge(-1)}>${msg('Previous map', { id: 'maps.previous-map' })}</button>
          <button @click=${() => this.stepLarge(1)}>${msg('Next map', { id: 'maps.next-map' })}</button>
          <button @click=${() => this.dialog.close()}>${msg('Close', { id: 'maps.close' })}</button>
        </p>
      </dialog>
    `;
  }

  private mapsTitle(maps: PaintedMaps): string {
    const count = maps.activity.length;
    const { layer, shape } = maps;
    if (shape.length === 1) return plural(count, { one: () => msg(str`${layer}, 1 unit`, { id: 'maps.unit' }), other: () => msg(str`${layer}, ${formatInteger(count)} units`, { id: 'maps.units' }) });
    return plural(count, { one: () => msg(str`${layer}, 1 map`, { id: 'maps.map-one' }), other: () => msg(str`${layer}, ${formatInteger(count)} maps`, { id: 'maps.map-many' }) });
  }

  private mapName(map: number, dark: boolean): string {
    return dark ? msg(str`map ${formatInteger(map)}, dark`, { id: 'maps.name-dark' }) : msg(str`map ${formatInteger(map)}`, { id: 'maps.name' });
  }

  private activityText({ activity }: PaintedMaps, map: number): string {
    return msg(str`mean output ${formatRounded(activity[map])}`, { id: 'maps.activity' });
  }

  private readout(maps: PaintedMaps): string {
    const map = this.hovered ?? this.order[this.active];
    if (map === undefined || map >= maps.activity.length) return '';
    return `${this.mapName(map, maps.dark.includes(map))} · ${this.activityText(maps, map)}`;
  }

  /** Lays the grid out for the room that there is, and draws. */
  private draw(): void {
    const { maps, order, listbox, room } = this;
    const width = (room?.clientWidth ?? 0) - 2 * ROOM_PADDING;
    if (maps && listbox && room && width > 0 && order.length === Math.min(maps.activity.length, MOST_SHOWN)) {
      const layout = layoutOf(order.length, width);
      this.columns = layout.columns;
      listbox.style.gridTemplateColumns = `repeat(${layout.columns}, ${layout.cell}px)`;
      listbox.style.gridAutoRows = `${layout.cell}px`;
      listbox.style.gap = `${layout.gap}px`;
      drawGrid(listbox.querySelector('canvas')!, maps, order, layout, readColour(room, 'highlight'));
    }
    if (maps && this.enlarged !== null && maps.bitmap.width > 0) {
      const context = this.large.getContext('2d');
      if (context) drawTile(context, maps, this.enlarged, 0, 0, ENLARGED);
    }
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.enlarge(this.order[this.active]);
      return;
    }
    const next = moveBy(event.key, this.active, this.order.length, this.columns);
    if (next === null) return;
    event.preventDefault();
    this.active = next;
    void this.updateComplete.then(() => this.renderRoot.querySelector('.active')?.scrollIntoView({ block: 'nearest' }));
  };

  private readonly onLargeKey = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) this.stepLarge(step);
  };

  private readonly onClick = (event: MouseEvent): void => {
    const map = mapOf(event);
    if (map === null) return;
    this.active = this.order.indexOf(map);
    this.enlarge(map);
  };

  private readonly onPoint = (event: PointerEvent): void => {
    this.hovered = mapOf(event);
  };

  /** A click beside the dialog's content closes it. */
  private readonly onBackdrop = (event: MouseEvent): void => {
    if (event.target === this.dialog) this.dialog.close();
  };

  private enlarge(map: number): void {
    this.enlarged = map;
    if (!this.dialog.open) this.dialog.showModal();
  }

  private stepLarge(step: number): void {
    this.active = (this.active + step + this.order.length) % this.order.length;
    this.enlarged = this.order[this.active];
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

function mapOf({ target }: Event): number | null {
  const map = (target as HTMLElement).dataset.map;
  return map === undefined ? null : Number(map);
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-feature-maps': WinnowFeatureMaps;
  }
}
