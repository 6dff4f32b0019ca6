/** The half of the chart that needs uPlot; imported when the first curve is drawn. */
import uPlot from 'uplot';
import uPlotStyles from 'uplot/dist/uPlot.min.css?inline';
import { epochRange, logTicks, valueRange, type Curve, type Curves, type Metric } from './curves.js';
import { drawMarker, seriesLook } from './markers.js';

export interface Palette {
  readonly card: string;
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly highlight: string;
  /** By {@link seriesLook}'s colour. */
  readonly series: readonly string[];
}

export interface PlotContent extends Curves {
  readonly metric: Metric;
  readonly log: boolean;
  /** Series that are drawn thinner. */
  readonly quiet: readonly boolean[];
  /** By series. */
  readonly bestEpochs: readonly (number | null)[];
  /** Text at the line of the first series' best epoch. */
  readonly bestLabel: string;
  readonly palette: Palette;
  readonly formatTicks: (ticks: readonly number[]) => string[];
  /** Index into x of the point under the pointer. */
  readonly onCursor: (index: number | null) => void;
}

/** What 11 pixels are where the page's text has its usual size: it is larger on a very wide screen. */
const scale = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
const font = (pixels: number) => `${pixels}px system-ui, sans-serif`;
/** uPlot lays out in CSS pixels but draws in device pixels. */
const ratio = () => devicePixelRatio;

let sheet: CSSStyleSheet | null = null;

/** uPlot's own style as a constructable sheet: a content security policy without inline styles allows it. */
export function plotSheet(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(uPlotStyles);
  }
  return sheet;
}

/** A uPlot that is made anew only when its set of curves or its scale changes; else only its data do. */
export class Plot {
  private plot: uPlot | null = null;
  private shape = '';
  private content: PlotContent | null = null;

  constructor(private readonly root: HTMLElement) {}

  draw(content: PlotContent, width: number, height: number): void {
    const shape = JSON.stringify([scale(), content.metric, content.log, content.curves.map(({ series, split, faint }) => [series, split, faint]), content.quiet]);
    const data: uPlot.AlignedData = [[...content.x], ...content.curves.map(({ y }) => [...y])];
    this.content = content;
    if (!this.plot || shape !== this.shape) {
      this.plot?.destroy();
      this.plot = new uPlot(this.options(content, width, height), data, this.root);
      this.shape = shape;
      return;
    }
    this.plot.batch(() => {
      if (this.plot!.width !== width || this.plot!.height !== height) this.plot!.setSize({ width, height });
      this.plot!.setData(data);
    });
  }

  destroy(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private options({ metric, log, curves }: PlotContent, width: number, height: number): uPlot.Options {
    const colour = (key: 'muted' | 'rule') => () => this.content!.palette[key];
    const large = scale();
    const text = { stroke: colour('muted'), font: font(11 * large) };
    return {
      width,
      height,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: false, range: () => epochRange(this.content!.x) },
        y: { distr: log ? 3 : 1, range: (_, low, high) => (low === null || high === null ? [log ? 0.1 : 0, 1] : valueRange(low, high, metric, log)) },
      },
      axes: [
        {
          ...text, size: 28 * large, gap: 4, space: 44 * large, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500],
          grid: { show: false }, ticks: { show: false },
          values: (_, epochs) => this.content!.formatTicks(epochs),
        },
        {
          ...text, size: 48 * large, gap: 6, space: 36 * large,
          grid: { stroke: colour('rule'), width: 1 }, ticks: { show: false },
          ...(log ? { splits: (plot: uPlot) => logTicks(plot.scales.y.min!, plot.scales.y.max!), filter: (_: uPlot, splits: number[]) => splits } : {}),
          values: (_, ticks) => this.content!.formatTicks(ticks),
        },
      ],
      series: [{}, ...curves.map((curve, index) => this.seriesOptions(curve, index))],
      hooks: {
        drawAxes: [(plot) => this.drawBestLine(plot)],
        setCursor: [(plot) => this.content!.onCursor(plot.cursor.idx ?? null)],
      },
    };
  }

  private seriesOptions({ series, split, faint }: Curve, index: number): uPlot.Series {
    return {
      stroke: () => this.content!.palette.series[seriesLook(series).colour],
      width: faint || this.content!.quiet[series] ? 1.25 : 1.75,
      alpha: faint ? 0.35 : 1,
      ...(split === 'training' ? { dash: [4, 3] } : {}),
      // Curves have points where others have none (the live one, runs of unequal length): no gap there.
      spanGaps: true,
      points: {
        show: (plot) => {
          this.drawMarkers(plot, index);
          return false;
        },
      },
    };
  }

  /** Validation curves carry the markers of their series, thinned where they would touch; a single point is always drawn. */
  private drawMarkers(plot: uPlot, index: number): void {
    const { x, curves, palette, bestEpochs } = this.content!;
    const { series, split, faint, y } = curves[index];
    if (faint) return;
    const points = y.flatMap((value, at) => (value === undefined ? [] : [{ epoch: x[at], value }]));
    const spacing = plot.bbox.width / ratio() / Math.max(1, points.length - 1);
    const every = Math.max(1, Math.ceil(18 / spacing));
    const look = seriesLook(series);
    plot.ctx.save();
    for (const [at, { epoch, value }] of points.entries()) {
      const best = split === 'validation' && epoch === bestEpochs[series];
      if (!best && (split === 'training' ? points.length > 1 : at % every !== 0 && points.length > 1)) continue;
      const [left, top] = [plot.valToPos(epoch, 'x', true), plot.valToPos(value, 'y', true)];
      drawMarker(plot.ctx, look.marker, left, top, (best ? 5 : 3) * ratio(), palette.series[look.colour], best ? palette.highlight : palette.card);
    }
    plot.ctx.restore();
  }

  /** Its text stands at the end of the line where the curves leave more room. */
  private drawBestLine(plot: uPlot): void {
    const { bestEpochs, bestLabel, palette, x, curves } = this.content!;
    const best = bestEpochs[0];
    if (best === null || best === undefined) return;
    const { ctx, bbox } = plot;
    const left = plot.valToPos(best, 'x', true);
    ctx.save();
    ctx.strokeStyle = palette.highlight;
    ctx.lineWidth = ratio();
    ctx.setLineDash([2 * ratio(), 3 * ratio()]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.font = font(11 * scale() * ratio());
    ctx.fillStyle = palette.ink;
    const width = ctx.measureText(bestLabel).width + 8 * ratio();
    const flip = width > bbox.left + bbox.width - left;
    const [first, last] = [left - (flip ? width : 0), left + (flip ? 0 : width)].map((at) => plot.posToVal(at, 'x', true));
    const heights = curves.flatMap(({ y }) => y.flatMap((value, at) => (value !== undefined && x[at] >= Math.floor(first) && x[at] <= Math.ceil(last) ? [plot.valToPos(value, 'y', true)] : [])));
    const bottom = bbox.top + bbox.height;
    const low = bottom - Math.max(...heights) > Math.min(...heights) - bbox.top;
    ctx.textAlign = flip ? 'right' : 'left';
    ctx.textBaseline = low ? 'bottom' : 'top';
    ctx.fillText(bestLabel, left + (flip ? -5 : 5) * ratio(), low ? bottom - 5 * ratio() : bbox.top + 5 * ratio());
    ctx.restore();
  }
}
