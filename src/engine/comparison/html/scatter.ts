import { formatAccuracy, formatCount } from '../format.js';
import { tradeOffFront } from '../recommendation.js';
import type { Report, ReportRun } from '../report.js';
import { html, type Markup } from './markup.js';
import { linearScale, logScale, niceStep, round } from './scale.js';

const WIDTH = 600;
const HEIGHT = 360;
const PLOT = { left: 50, right: WIDTH - 14, top: 18, bottom: HEIGHT - 46 };

/** Accuracy on perturbed photos against FLOPs (logarithmic), with intervals, the floor and the trade-off front. */
export function tradeOffScatter(report: Report): Markup {
  const { runs, criterion: { floor } } = report;
  const flops = runs.map((run) => run.flops);
  const lowest = Math.min(...runs.map((run) => run.test.perturbed.interval[0]), floor - 0.05);
  const step = niceStep((1 - lowest) / 8);
  const bottom = Math.max(0, Math.floor(lowest / step + 1e-9) * step);
  const x = logScale([Math.min(...flops) / 2.5, Math.max(...flops) * 4], [PLOT.left, PLOT.right]);
  const y = linearScale([bottom, 1], [PLOT.bottom, PLOT.top], 8);
  const place = (run: ReportRun) => ({ x: x.at(run.flops), y: y.at(run.test.perturbed.accuracy) });

  const front = usableFront(runs, floor);
  const steps = front.map((run, at) => {
    const point = place(run);
    return at === 0 ? `M${round(point.x)} ${round(point.y)}` : `H${round(point.x)}V${round(point.y)}`;
  });
  const floorY = y.at(floor);
  const labels = placeLabels(runs.map((run) => ({ ...place(run), text: run.title, above: front.includes(run) })));

  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Accuracy on perturbed photos against FLOPs an image; the table below has the same numbers">
    <rect class="under" x="${PLOT.left}" width="${PLOT.right - PLOT.left}" y="${round(floorY)}" height="${round(PLOT.bottom - floorY)}"/>
    ${y.ticks.map((tick) => html`
      <line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(y.at(tick))}" y2="${round(y.at(tick))}"/>
      <text class="tick" x="${PLOT.left - 8}" y="${round(y.at(tick) + 3.5)}" text-anchor="end">${tick.toFixed(2)}</text>`)}
    ${x.ticks.map((tick) => html`<text class="tick" x="${round(x.at(tick))}" y="${PLOT.bottom + 18}" text-anchor="middle">${axisCount(tick)}</text>`)}
    <text class="tick" x="${PLOT.right}" y="${PLOT.bottom + 36}" text-anchor="end">FLOPs an image</text>
    <text class="under-label" x="${PLOT.right - 6}" y="${round(floorY + 14)}" text-anchor="end">under the floor, ${floor.toFixed(2)}</text>
    <path class="front" d="${steps.join('')}H${PLOT.right}"/>
    ${runs.map((run, index) => {
      const point = place(run);
      const [low, high] = run.test.perturbed.interval;
      const onFront = front.includes(run);
      return html`<g class="${onFront ? 'on-front' : 'off-front'}">
        <title>${run.title}: ${formatAccuracy(run.test.perturbed.accuracy)}, ${formatCount(run.flops)} FLOPs</title>
        <line x1="${round(point.x)}" x2="${round(point.x)}" y1="${round(y.at(low))}" y2="${round(y.at(high))}"/>
        <circle cx="${round(point.x)}" cy="${round(point.y)}" r="${onFront ? 6 : 4.5}"/>
        <text x="${round(labels[index].x)}" y="${round(labels[index].y)}" text-anchor="${labels[index].anchor}">${run.title}</text>
      </g>`;
    })}
  </svg>`;
}

/** The front of the models over the floor, by FLOPs; of all where none is. */
function usableFront(runs: readonly ReportRun[], floor: number): ReportRun[] {
  const usable = runs.filter((run) => run.test.perturbed.accuracy >= floor);
  const among = usable.length > 0 ? usable : runs;
  return tradeOffFront(among.map((run) => ({ flops: run.flops, accuracy: run.test.perturbed.accuracy }))).map((index) => among[index]);
}

/** 10 M, 1 G: ticks are round numbers. */
function axisCount(value: number): string {
  return formatCount(value).replace(/\.0+(?=\s|$)/, '');
}

interface Label {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end' | 'middle';
}

/**
 * A place beside each point (`above` it where the front's line runs beside it), the first that hits no other label or
 * point and stays in the plot. Letters are taken as 6.4 wide.
 */
function placeLabels(points: readonly { readonly x: number; readonly y: number; readonly text: string; readonly above: boolean }[]): Label[] {
  const taken = points.map(({ x, y }) => ({ left: x - 7, right: x + 7, top: y - 7, bottom: y + 7 }));
  return points.map(({ x, y, text, above }, index) => {
    const width = text.length * 6.4;
    const candidates = (above ? [-13, 17, -27] : [0, 14, -14, 28, -28]).flatMap((shift): Label[] => [
      { x: x + 11, y: y + 4 + shift, anchor: 'start' },
      { x: x - 11, y: y + 4 + shift, anchor: 'end' },
      { x, y: y - 12 + shift, anchor: 'middle' },
    ]);
    const box = ({ x: at, y: base, anchor }: Label) => {
      const left = anchor === 'start' ? at : anchor === 'end' ? at - width : at - width / 2;
      return { left, right: left + width, top: base - 10, bottom: base + 3 };
    };
    const free = candidates.find((label) => {
      const { left, right, top, bottom } = box(label);
      if (left < PLOT.left || right > PLOT.right || top < 0 || bottom > PLOT.bottom) return false;
      return taken.every((other, at) => at === index || left > other.right || right < other.left || top > other.bottom || bottom < other.top);
    });
    const label = free ?? candidates[0];
    taken.push(box(label));
    return label;
  });
}
