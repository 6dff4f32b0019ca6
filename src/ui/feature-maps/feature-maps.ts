import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { localized, msg, str } from '@lit/localize';
import type { LayerSilence } from '../../engine/insight/silence.js';
import { deadMaps } from '../../engine/insight/zeros.js';
import type { ErrorData } from '../../engine/support/errors.js';
import type { LayerMeasures, NetworkSilence, PaintedCam, PaintedFilters, PaintedMaps, Photo } from '../../workers/contract.js';
import { currentLocale } from '../locales/localization.js';
import { formatInteger } from '../locales/format.js';
import { standsAlone } from '../session/alone.js';
import { errorNote } from '../theme/error-note.js';
import { readColour } from '../theme/tokens.js';
import { drawGrid, drawTile } from './draw.js';
import { filmStrip } from './film-strip.js';
import { layerPanel, type LayerChoice, type Measuring } from './layer-panel.js';
import { layoutOf, MOST_SHOWN, moveBy, orderOf, type Sorting } from './order.js';
import { EpochPlayer } from './player.js';
import { camPanel, deadNote, photoPanel, type CamFailure } from './photo-panel.js';
import { measuresOf, sheetOf, silenceOf, type Sheet, type View } from './sheet.js';
import { styles } from './styles.js';
import { toolbar } from './toolbar.js';
import { channelChoice, layerCost, sheetTitle, tileName, tileReadout, type Sampled, type TileState } from './words.js';

export type { LayerChoice, Measuring } from './layer-panel.js';
export type { CamFailure } from './photo-panel.js';
export type { View } from './sheet.js';

const ENLARGED = 512;
/** As in the styles: room for the outline of a focused map. */
const ROOM_PADDING = 5;

/**
 * What a network sees: the feature maps of a layer for a photo, every map at once and any one large, epoch by epoch where the epochs were
 * kept; the filters behind them; and where it looks for a class (Grad-CAM, Selvaraju et al. 2017). Maps that answer nothing on this
 * photo are black with a marked corner; those that are dead, zero on every photo of a sample, are struck out and counted for every layer.
 * Bitmaps stay their owner's; a closed one is not drawn again.
 *
 * @fires {CustomEvent<{layer: string}>} winnow-layer - Another layer is to be shown.
 * @fires {CustomEvent<{step: 1 | -1}>} winnow-photo - The next or the previous photo is to be shown.
 * @fires {CustomEvent<{epoch: number | null}>} winnow-epoch - Another epoch is to be shown; null for the best, or for now while it trains.
 * @fires {CustomEvent<{view: 'maps' | 'filters'}>} winnow-view - The layer's maps or its filters are to be shown.
 * @fires {CustomEvent<{channel: number | null}>} winnow-channel - Another input channel of the filters is to be shown; null for colours.
 * @fires {CustomEvent<{layer: string, label: number | null}>} winnow-cam - Grad-CAM is wanted at a layer for a class, by its index.
 * @fires {CustomEvent<Record<string, never>>} winnow-measure - What the layers cost in time and what their filters are worth is to be measured.
 * @fires {CustomEvent<Record<string, never>>} winnow-save-layers - What was measured is to be downloaded.
 * @fires {CustomEvent<Record<string, never>>} winnow-lighten - The network is to be made lighter.
 * @csspart layers - The list of layers.
 * @csspart maps - The card with the maps.
 * @csspart epochs - The slider over the epochs.
 * @csspart photo - The photo with the model's answer.
 * @csspart cam - The photo with where the model looked.
 * @csspart dead - The note that counts the dead filters.
 * @csspart error - What went wrong, and what to do.
 * @cssproperty --winnow-highlight - Colour of the marks of dark and dead maps, and of the bars of dead ones.
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
  /** What of the layer is shown: the `maps` for the photo, or its `filters`. */
  @property() view: View = 'maps';
  /** The painted maps of one layer for the photo. */
  @property({ attribute: false }) maps: PaintedMaps | null = null;
  /** The painted filters of one layer. */
  @property({ attribute: false }) filters: PaintedFilters | null = null;
  /** What the network looks at. */
  @property({ attribute: false }) photo: Photo | null = null;
  /** Of the model, in the order of its probabilities. */
  @property({ attribute: false }) classes: readonly string[] = [];
  /** Epochs that can be asked for, ascending; a slider is shown from two on. */
  @property({ attribute: false }) epochs: readonly number[] = [];
  /** The epoch that is shown; null for the best, or for now while it trains. */
  @property({ type: Number }) epoch: number | null = null;
  /** The run's best epoch, as it is told at the slider's end. */
  @property({ type: Number, attribute: 'best-epoch' }) bestEpoch: number | null = null;
  /** How silent every filter is over a sample of photos. */
  @property({ attribute: false }) silence: NetworkSilence | null = null;
  /** `silence` is being measured. */
  @property({ type: Boolean }) counting = false;
  /** What was measured of its layers; null where nothing was. */
  @property({ attribute: false }) measures: readonly LayerMeasures[] | null = null;
  /** Whether that can be asked for. */
  @property() measuring: Measuring = 'not';
  /** Where the model looked. */
  @property({ attribute: false }) cam: PaintedCam | null = null;
  /** Why there is no `cam`, though one was asked for. */
  @property({ attribute: false }) camFailure: CamFailure | null = null;
  /** Layers that `cam` can be asked for. */
  @property({ attribute: false }) camLayers: readonly string[] = [];
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

  private sheet: Sheet | null = null;
  /** Of the layer that is shown, and which of its maps that makes dead. */
  private measured: LayerSilence | null = null;
  private dead: ReadonlySet<number> = new Set();
  private orderedFor = '';
  private columns = 1;
  private readonly player = new EpochPlayer(this, (epoch) => this.tell('winnow-epoch', { epoch }));
  private readonly resized = new ResizeObserver(() => this.draw());

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resized.disconnect();
  }

  protected override willUpdate(): void {
    this.sheet = sheetOf(this.view, this.maps, this.filters);
    const { sheet } = this;
    if (!sheet) return;
    const measured = silenceOf(this.silence, sheet.layer);
    if (measured !== this.measured) {
      this.measured = measured;
      this.dead = new Set(measured ? deadMaps(measured) : []);
    }
    // While it trains, and from epoch to epoch, maps keep the places that they had at first: a grid that reshuffles cannot be watched.
    const place = `${sheet.view} ${sheet.layer} ${sheet.values.length} `;
    const held = this.live || this.epoch !== null;
    const key = `${place}${this.sorting} ${held ? 'held' : String(sheet.values)}`;
    const same = this.orderedFor.startsWith(`${place}${this.sorting} `);
    if (key === this.orderedFor || (same && held)) return;
    const sameLayer = this.orderedFor.startsWith(place);
    this.orderedFor = key;
    this.order = orderOf(sheet, this.sorting);
    if (!sameLayer) {
      this.active = 0;
      this.enlarged = null;
      this.dialog?.close();
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.draw();
    if (changed.has('maps') || changed.has('filters')) this.player.painted();
  }

  override render() {
    if (this.layers.length === 0 && !this.error) {
      return html`<p class="card empty">${msg('There is no model to look into yet. Train one first.', { id: 'maps.empty' })}</p>`;
    }
    const { layers, layer, silence, counting, measuring, photo, classes, maps, cam, camFailure, camLayers } = this;
    return html`
      <div class="columns">
        ${layerPanel({
          layers, chosen: layer, silence, counting, measuring, onChoose: (chosen) => this.tell('winnow-layer', { layer: chosen }),
          onMeasure: () => this.tell('winnow-measure', {}), onSave: () => this.tell('winnow-save-layers', {}),
        })}
        ${this.mapsCard()}
        <div class="side">
          ${photoPanel(photo, classes, maps?.probabilities ?? null, (step) => this.tell('winnow-photo', { step }))}
          ${camPanel({ photo, cam, failure: camFailure, classes, layers: camLayers, onAsk: (at, label) => this.tell('winnow-cam', { layer: at, label }) })}
          ${deadNote(silence, () => this.tell('winnow-lighten', {}))}
        </div>
      </div>
      ${this.enlargement()}
      <span class="theme-probe" aria-hidden="true" @transitionend=${() => this.draw()}></span>
    `;
  }

  private mapsCard() {
    const { sheet, busy, filters, view } = this;
    const dark = sheet?.dark.length ?? 0;
    const dead = this.dead.size;
    return html`
      <section class="card maps" part="maps" aria-labelledby="shown" aria-busy=${busy}>
        <header>
          <div class="title">
            <h2 id="shown">${sheet ? sheetTitle(sheet, this.maps) : this.layer || msg('Feature maps', { id: 'maps.title' })}</h2>
            ${this.live ? html`<span class="chip">${msg('live', { id: 'maps.live' })}</span>` : nothing}
            ${sheet && dead > 0 ? html`<span class="chip caution">${msg(str`${formatInteger(dead)} dead`, { id: 'maps.dead-here' })}</span>` : nothing}
            ${dark > 0 ? html`<span class="chip caution">${msg(str`${formatInteger(dark)} dark on this photo`, { id: 'maps.dark-count' })}</span>` : nothing}
          </div>
          ${toolbar({
            view, sorting: this.sorting, kernel: this.layers.find(({ name }) => name === this.layer)?.kernel ?? false,
            onView: (chosen) => this.tell('winnow-view', { view: chosen }), onSort: (sorting) => (this.sorting = sorting),
          })}
        </header>
        <p class="muted small cost">${layerCost(this.layers.find(({ name }) => name === this.layer), this.measures?.find(({ name }) => name === this.layer)?.stepMs ?? null)}</p>
        <progress class=${busy ? '' : 'idle'} aria-label=${msg('Computing the maps', { id: 'maps.computing' })} aria-hidden=${busy ? nothing : 'true'}></progress>
        ${view === 'filters' && filters ? channelChoice(filters, (channel) => this.tell('winnow-channel', { channel })) : nothing}
        <div class="room">
          ${this.error ? errorNote(this.error) : sheet ? this.grid(sheet) : html`<p class="empty">${busy ? msg('Computing the maps…', { id: 'maps.wait' }) : msg('Choose a layer to see what its filters answer.', { id: 'maps.choose' })}</p>`}
        </div>
        ${sheet && sheet.values.length > MOST_SHOWN ? html`<p class="muted small">${this.sorting === 'activity' ? msg(str`The ${formatInteger(MOST_SHOWN)} most active ones are shown.`, { id: 'maps.most-active' }) : msg(str`The first ${formatInteger(MOST_SHOWN)} are shown.`, { id: 'maps.first' })}</p>` : nothing}
        <p class="readout muted small" aria-hidden="true">${sheet && !this.error ? this.readout(sheet) : nothing}</p>
        ${filmStrip({
          epochs: this.epochs, epoch: this.epoch, bestEpoch: this.bestEpoch, live: this.live, playing: this.player.playing,
          onChoose: (epoch) => {
            this.player.stop();
            this.tell('winnow-epoch', { epoch });
          },
          onPlay: this.player.toggle,
        })}
      </section>
    `;
  }

  private grid(sheet: Sheet) {
    const { order } = this;
    return html`
      <div
        id="grid" role="listbox" tabindex="0" class=${sheet.layer === this.layer ? '' : 'stale'} aria-label=${sheetTitle(sheet, this.maps)} aria-activedescendant="map-${order[this.active]}"
        @keydown=${this.onKey} @click=${this.onClick} @pointermove=${this.onPoint} @pointerleave=${() => (this.hovered = null)}
      >
        <canvas aria-hidden="true"></canvas>
        ${guard([order, this.active, String(sheet.dark), this.dead, sheet.view, currentLocale()], () => order.map((map, position) => html`
          <div role="option" id="map-${map}" data-map=${map} class=${position === this.active ? 'active' : ''} aria-selected=${position === this.active} aria-label=${tileName(sheet.view, map, this.stateOf(sheet, map))}></div>
        `))}
      </div>
    `;
  }

  private enlargement() {
    const { sheet, enlarged } = this;
    const shown = sheet !== null && enlarged !== null;
    return html`
      <dialog aria-labelledby="enlarged" @close=${() => (this.enlarged = null)} @keydown=${this.onLargeKey} @click=${this.onBackdrop}>
        <header>
          <h2 id="enlarged">${shown ? `${sheet.layer}, ${tileName(sheet.view, enlarged, this.stateOf(sheet, enlarged))}` : nothing}</h2>
          <p class="muted">${shown ? tileReadout(sheet, enlarged, this.sampled(sheet)) : nothing}</p>
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

  private stateOf(sheet: Sheet, map: number): TileState {
    return this.dead.has(map) ? 'dead' : sheet.dark.includes(map) ? 'dark' : 'alive';
  }

  private sampled({ layer }: Sheet): Sampled {
    return { silence: this.measured, photos: this.silence?.photos ?? 0, filters: measuresOf(this.measures, layer) };
  }

  private readout(sheet: Sheet): string {
    const map = this.hovered ?? this.order[this.active];
    if (map === undefined || map >= sheet.values.length) return '';
    return `${tileName(sheet.view, map, this.stateOf(sheet, map))} · ${tileReadout(sheet, map, this.sampled(sheet))}`;
  }

  /** Lays the grid out for the room that there is, and draws. */
  private draw(): void {
    const { sheet, order, listbox, room } = this;
    const width = (room?.clientWidth ?? 0) - 2 * ROOM_PADDING;
    if (sheet && listbox && room && width > 0 && order.length === Math.min(sheet.values.length, MOST_SHOWN)) {
      const layout = layoutOf(order.length, width, parseFloat(getComputedStyle(room).maxHeight) - 2 * ROOM_PADDING);
      this.columns = layout.columns;
      listbox.style.gridTemplateColumns = `repeat(${layout.columns}, ${layout.cell}px)`;
      listbox.style.gridAutoRows = `${layout.cell}px`;
      listbox.style.gap = `${layout.gap}px`;
      drawGrid(listbox.querySelector('canvas')!, sheet, order, this.dead, layout, readColour(room, 'highlight'));
    }
    if (sheet && this.enlarged !== null && sheet.bitmap.width > 0) {
      const context = this.large.getContext('2d');
      if (context) drawTile(context, sheet, this.enlarged, 0, 0, ENLARGED);
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
