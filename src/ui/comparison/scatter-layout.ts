import { tradeOffFront } from '../../engine/comparison/recommendation.js';
import type { Interval } from '../../engine/storage/records.js';
import { costTicks } from '../support/cost-ticks.js';

export interface Candidate {
  readonly title: string;
  /** Above 0. */
  readonly cost: number;
  readonly accuracy: number;
  readonly interval: Interval;
}

export interface Label {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

export interface Point extends Candidate {
  readonly x: number;
  readonly y: number;
  /** y of the interval's ends. */
  readonly low: number;
  readonly high: number;
  /** No other is cheaper without being less accurate. */
  readonly onFront: boolean;
  /** Null where there is no room for it. */
  readonly label: Label | null;
}

/** The accuracy under which a model counts as unusable, and what stands at its line. */
export interface Floor {
  readonly accuracy: number;
  readonly text: string;
}

export interface ScatterLayout {
  readonly plot: Box;
  readonly points: readonly Point[];
  /** The `d` of a path in steps, from the cheapest of the front to the right edge. */
  readonly front: string;
  readonly floor: { readonly y: number; readonly label: Label };
  readonly xTicks: readonly { readonly x: number; readonly value: number }[];
  readonly yTicks: readonly { readonly y: number; readonly value: number }[];
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const RADIUS = 6;
const LINE = 14;
/** Width of a letter of the labels' 12 px, generously. */
const LETTER = 6.8;

/** Accuracy over the logarithm of a cost, in a drawing of `width` by `height` pixels. At least one candidate. */
export function layOut(candidates: readonly Candidate[], floor: Floor, width: number, height: number): ScatterLayout {
  const plot: Box = { left: 44, top: 12, right: width - 12, bottom: height - 44 };
  const costs = candidates.map(({ cost }) => cost);
  const [least, most] = [Math.min(...costs) / 1.8, Math.max(...costs) * 1.8];
  const bottom = Math.max(0, Math.min(floor.accuracy, ...candidates.map(({ interval }) => interval[0])) - 0.03);
  const toX = (cost: number) => plot.left + ((Math.log(cost) - Math.log(least)) / (Math.log(most) - Math.log(least))) * (plot.right - plot.left);
  const toY = (accuracy: number) => plot.bottom - ((accuracy - bottom) / (1 - bottom)) * (plot.bottom - plot.top);
  const onFront = tradeOffFront(candidates.map(({ cost, accuracy }) => ({ flops: cost, accuracy })));
  const placed = candidates.map((candidate, index) => ({
    ...candidate,
    x: toX(candidate.cost), y: toY(candidate.accuracy), low: toY(candidate.interval[0]), high: toY(candidate.interval[1]),
    onFront: onFront.includes(index),
  }));
  const floorY = toY(floor.accuracy);
  const floorLabel: Label = { x: plot.right - 6, y: floorY + 15, anchor: 'end' };
  const floorBox: Box = { left: floorLabel.x - floor.text.length * LETTER, right: floorLabel.x, top: floorLabel.y - LINE + 3, bottom: floorLabel.y + 3 };
  return {
    plot,
    points: labelled(placed, plot, floorBox),
    front: onFront.map((index, place) => (place === 0 ? `M${placed[index].x} ${placed[index].y}` : `H${placed[index].x}V${placed[index].y}`)).join('') + `H${plot.right}`,
    floor: { y: floorY, label: floorLabel },
    xTicks: costTicks(least, most, width).map((value) => ({ value, x: toX(value) })),
    yTicks: accuracyTicks(bottom).map((value) => ({ value, y: toY(value) })),
  };
}

/** Each label beside its point where it covers no other label, no point, no edge and not what the floor is called; those of the front first, which always have one. */
function labelled(points: readonly Omit<Point, 'label'>[], plot: Box, floor: Box): Point[] {
  const taken: Box[] = [floor, ...points.map(({ x, y }) => ({ left: x - RADIUS, right: x + RADIUS, top: y - RADIUS, bottom: y + RADIUS }))];
  const labels = new Map<Omit<Point, 'label'>, Label | null>();
  for (const point of [...points].sort((a, b) => Number(b.onFront) - Number(a.onFront))) {
    const places = placesOf(point);
    const inside = places.filter(({ box }) => box.left >= plot.left && box.right <= plot.right + 8 && box.top >= 0 && box.bottom <= plot.bottom);
    const free = inside.find(({ box }) => !taken.some((other) => overlap(box, other)));
    const place = free ?? (point.onFront ? (inside[0] ?? places[0]) : undefined);
    if (place) taken.push(place.box);
    labels.set(point, place?.label ?? null);
  }
  return points.map((point) => ({ ...point, label: labels.get(point)! }));
}

/** On the right, on the left, above and below. */
function placesOf({ x, y, title }: Omit<Point, 'label'>): { label: Label; box: Box }[] {
  const width = title.length * LETTER;
  const gap = RADIUS + 5;
  const at = (left: number, baseline: number, label: Label) => ({ label, box: { left, right: left + width, top: baseline - LINE + 3, bottom: baseline + 3 } });
  return [
    at(x + gap, y + 4, { x: x + gap, y: y + 4, anchor: 'start' }),
    at(x - gap - width, y + 4, { x: x - gap, y: y + 4, anchor: 'end' }),
    at(x - width / 2, y - gap, { x, y: y - gap, anchor: 'middle' }),
    at(x - width / 2, y + gap + 9, { x, y: y + gap + 9, anchor: 'middle' }),
  ];
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function accuracyTicks(bottom: number): number[] {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2].find((each) => (1 - bottom) / each <= 8) ?? 0.2;
  const count = Math.floor((1 - bottom) / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => 1 - index * step);
}
