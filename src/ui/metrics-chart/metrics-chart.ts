import { LitElement, html, nothing, svg, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { localized, msg, str } from '@lit/localize';
import { formatInteger, formatMetric, formatRounded } from '../locales/format.js';
import { standsAlone } from '../session/alone.js';
import { readColour, type ColourToken } from '../theme/tokens.js';
import { alignCurves, tickDigits, valueOf, type ChartSeries, type Curves, type LivePoint, type Metric, type Split } from './curves.js';
import { COLOURS, markerPath, seriesLook } from './markers.js';
import type { Palette, Plot } from './plot.js';
import { styles } from './styles.js';
import { curvesTable } from './table.js';

export type { ChartSeries, LivePoint, Metric } from './curves.js';

/**
 * Accuracy or loss by epoch, of one run or of several over each other: training dashed, validation solid with the series'
 * marker, the best epoch of the first series marked by a line. It draws at most once a frame, and follows size and theme.
 * A table with every number stands behind it for screen readers, and is shown on request.
 *
 * @csspart card - The frame around it.
 * @cssproperty --winnow-chart-height - Height of the plot; 220px by default, more in a very wide window.
 */
@customElement('winnow-metrics-chart')
@localized()
@standsAlone
export class WinnowMetricsChart extends LitElement {
  static override styles = styles;

  /** Which curves: `accuracy` or `loss`. */
  @property() metric: Metric = 'accuracy';
  /** The first is the one in focus; up to 25 can be told apart. */
  @property({ attribute: false }) series: readonly ChartSeries[] = [];
  /** The way through the epoch that the first series is in, ascending. */
  @property({ attribute: false }) live: readonly LivePoint[] = [];
  /** Weight of what came before, 0 to below 1: the curves are smoothed, what was measured stands faintly behind. Numbers stay as measured. */
  @property({ type: Number }) smoothing = 0;
  /** Loss only. */
  @property({ type: Boolean, attribute: 'log-scale', reflect: true }) logScale = false;
  /** Every number as a table below the curves. */
  @property({ type: Boolean, attribute: 'show-table', reflect: true }) showTable = false;

  @state() private cursor: number | null = null;
  @state() private broken = false;

  @query('.mount') private mount!: HTMLElement;

  private measured: Curves = { x: [], curves: [] };
  private plot: Plot | null = null;
  private frame = 0;
  private readonly resized = new ResizeObserver(() => this.scheduleDraw());

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.resized.observe(this.mount);
    this.scheduleDraw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resized.disconnect();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.plot?.destroy();
    this.plot = null;
  }

  protected override firstUpdated(): void {
    this.resized.observe(this.mount);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!onlyCursor(changed)) this.measured = alignCurves(this.series, this.metric, this.live, this.log);
  }

  protected override updated(changed: PropertyValues): void {
    // What the pointer reads is HTML; the canvas stays.
    if (!onlyCursor(changed)) this.scheduleDraw();
  }

  override render() {
    const title = this.metric === 'accuracy' ? msg('Accuracy', { id: 'chart.accuracy' }) : msg('Loss', { id: 'chart.loss' });
    const { x } = this.measured;
    const empty = x.length === 0;
    return html`
      <figure class="card" part="card" aria-labelledby="title">
        <header>
          <h2 id="title">${title}</h2>
          <div class="controls">
            ${
              this.metric === 'loss'
                ? html`<button class="bare" aria-pressed=${this.logScale} @click=${() => (this.logScale = !this.logScale)}>${msg('Log scale', { id: 'chart.log' })}</button>`
                : nothing
            }
            <button class="bare" aria-expanded=${this.showTable} aria-controls="table" ?disabled=${empty} @click=${() => (this.showTable = !this.showTable)}>
              ${msg('Table', { id: 'chart.table' })}
            </button>
          </div>
        </header>
        ${this.legend()}
        <div class="plot" role="img" aria-label=${this.describe(title)}>
          <div class="mount" ?hidden=${this.broken}></div>
          ${empty && !this.broken ? html`<p class="empty">${msg('The curves begin with the first epoch.', { id: 'chart.empty' })}</p>` : nothing}
          ${this.broken ? html`<p class="empty">${msg('The chart could not be loaded. The table below holds its numbers.', { id: 'chart.broken' })}</p>` : nothing}
        </div>
        <div id="table" class=${this.showTable || this.broken ? 'scroll' : 'visually-hidden'} role="region" aria-label=${msg(str`${title}, as a table`, { id: 'chart.table-region' })} tabindex=${this.showTable || this.broken ? 0 : nothing}>
          ${empty ? nothing : curvesTable(this.series, this.metric, title)}
        </div>
        <span class="theme-probe" aria-hidden="true" @transitionend=${this.scheduleDraw}></span>
      </figure>
    `;
  }

  private get log(): boolean {
    return this.metric === 'loss' && this.logScale;
  }

  /** Swatch, name and value: of the epoch under the pointer, else of the last one. */
  private legend() {
    const { x, curves } = this.measured;
    if (x.length === 0) return html`<ul class="legend"></ul>`;
    const single = this.series.filter(({ quiet }) => !quiet).length === 1;
    const at = this.cursor !== null && this.cursor < x.length ? this.cursor : null;
    const value = (series: number, split: Split) => {
      const { y } = curves.find((curve) => curve.series === series && curve.split === split)!;
      return at === null ? y.findLast((each) => each !== undefined) : y[at];
    };
    const item = (series: number, split: Split, name: string) => html`
      <li>${swatch(series, split)}<span>${name}</span><b>${formatMetric(value(series, split) ?? NaN)}</b></li>
    `;
    const [validation, training] = [msg('validation', { id: 'chart.validation' }), msg('training', { id: 'chart.training' })];
    return html`
      <ul class="legend">
        ${at === null ? nothing : html`<li class="muted">${msg(str`epoch ${formatInteger(Math.ceil(x[at]))}`, { id: 'chart.at-epoch' })}</li>`}
        ${
          single
            ? [
                item(0, 'validation', validation),
                item(0, 'training', training),
                this.series.map(({ name, quiet }, series) => (quiet ? item(series, 'validation', name) : nothing)),
              ]
            : [
                this.series.map(({ name }, series) => item(series, 'validation', name)),
                html`<li class="muted">${swatch(null, 'training')}<span>${training}</span></li>`,
                html`<li class="muted">${swatch(null, 'validation')}<span>${validation}</span></li>`,
              ]
        }
      </ul>
    `;
  }

  private describe(title: string): string {
    const parts = this.series.flatMap(({ name, history, bestEpoch }) => {
      const last = history.at(-1);
      if (!last) return [];
      const best = history.find(({ epoch }) => epoch === bestEpoch);
      const end = msg(str`${name}: validation ${formatMetric(valueOf(last, this.metric, 'validation'))} after epoch ${last.epoch}`, { id: 'chart.describe-last' });
      if (!best) return [end];
      return [end, msg(str`best epoch ${best.epoch} with ${formatMetric(valueOf(best, this.metric, 'validation'))}`, { id: 'chart.describe-best' })];
    });
    return `${msg(str`${title} by epoch`, { id: 'chart.describe' })}${parts.length ? `. ${parts.join('; ')}` : ''}`;
  }

  private readonly scheduleDraw = (): void => {
    if (!this.frame && this.isConnected) this.frame = requestAnimationFrame(() => void this.drawFrame());
  };

  private async drawFrame(): Promise<void> {
    try {
      if (!this.plot && this.measured.x.length > 0) {
        const { Plot, plotSheet } = await import('./plot.js');
        if (!this.isConnected) return;
        const root = this.renderRoot as ShadowRoot;
        if (!root.adoptedStyleSheets.includes(plotSheet())) root.adoptedStyleSheets.push(plotSheet());
        this.plot = new Plot(this.mount);
      }
    } catch {
      this.broken = true;
    }
    this.frame = 0;
    const { clientWidth: width, clientHeight: height } = this.mount;
    const content = this.smoothing > 0 ? alignCurves(this.series, this.metric, this.live, this.log, this.smoothing) : this.measured;
    if (content.x.length === 0) {
      this.plot?.destroy();
      this.plot = null;
      return;
    }
    if (!this.plot || width === 0 || height === 0) return;
    const best = this.series[0]?.bestEpoch ?? null;
    this.plot.draw({
      ...content,
      metric: this.metric,
      log: this.log,
      quiet: this.series.map(({ quiet }) => quiet === true),
      bestEpochs: this.series.map(({ bestEpoch }) => bestEpoch),
      bestLabel: msg(str`best, epoch ${best ?? 0}`, { id: 'chart.best' }),
      palette: this.palette(),
      formatTicks: (ticks) => ticks.map((tick) => (this.log ? formatRounded(tick) : formatMetric(tick, tickDigits(ticks)))),
      onCursor: (index) => (this.cursor = index),
    }, width, height);
  }

  private palette(): Palette {
    const colour = (token: ColourToken) => readColour(this.mount, token);
    return {
      card: colour('card'), ink: colour('ink'), muted: colour('muted'), rule: colour('rule'), highlight: colour('highlight'),
      series: Array.from({ length: COLOURS }, (_, index) => colour(`series-${index + 1}` as ColourToken)),
    };
  }
}

function onlyCursor(changed: PropertyValues): boolean {
  return changed.size === 1 && changed.has('cursor');
}

/** A piece of the line as it is drawn; null for the key that tells dashed from solid. */
function swatch(series: number | null, split: Split) {
  const look = series === null ? null : seriesLook(series);
  return html`
    <svg class="swatch series-${look ? look.colour + 1 : 0}" width="26" height="12" viewBox="0 0 26 12" aria-hidden="true">
      <line x1="1" y1="6" x2="25" y2="6" stroke-width="2" stroke-dasharray=${split === 'training' ? '4 3' : 'none'}></line>
      ${look && split === 'validation' ? svg`<path d=${markerPath(look.marker, 13, 6, 3.4)}></path>` : nothing}
    </svg>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-metrics-chart': WinnowMetricsChart;
  }
}
