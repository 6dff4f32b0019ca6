import type { Sheet } from './sheet.js';

export type Sorting = 'activity' | 'index';

/** Beyond so many nobody looks at each, and a page cannot hold them: a flattened layer has a hundred thousand. */
export const MOST_SHOWN = 2048;

/** Indices of the tiles that are shown: the most active first (dark ones last, then by index), or as the layer has them. At most {@link MOST_SHOWN}. */
export function orderOf({ values, dark }: Pick<Sheet, 'values' | 'dark'>, sorting: Sorting): number[] {
  const order = [...values.keys()];
  if (sorting === 'activity') {
    const isDark = new Set(dark);
    order.sort((a, b) => Number(isDark.has(a)) - Number(isDark.has(b)) || values[b] - values[a] || a - b);
  }
  return order.slice(0, MOST_SHOWN);
}

export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  /** Side of a map and the space between two, CSS pixels. */
  readonly cell: number;
  readonly gap: number;
}

/** Least cell wanted for so many maps at most: thousands of units of a dense layer become small squares. */
const CELLS: readonly (readonly [count: number, least: number, gap: number])[] = [[16, 112, 8], [64, 76, 6], [128, 64, 6], [256, 52, 5], [512, 40, 4], [1024, 28, 3], [Infinity, 16, 2]];
const LARGEST_CELL = 224;
/** Rather than scroll, maps get as small as this, which a finger still meets. */
const LEAST_AT_ONCE = 24;

/**
 * About as many columns as fit at the wanted size, a divisor of the count where one is near, then as large as the width allows. Where that is
 * higher than `height`, smaller maps that can be seen all at once, if they do not get too small for it.
 */
export function layoutOf(count: number, width: number, height = Infinity): GridLayout {
  const [, least, gap] = CELLS.find(([most]) => count <= most)!;
  // On a wide screen twice as many columns as rows, rather than one long row of small ones.
  const wanted = Math.max(least, width / (2 * Math.sqrt(count)));
  const fitting = Math.max(1, Math.min(count, Math.floor((width + gap) / (wanted + gap))));
  const near = Array.from({ length: Math.ceil(fitting / 4) + 1 }, (_, distance) => [fitting + distance, fitting - distance]).flat();
  const columns = near.find((each) => each > 0 && count % each === 0) ?? fitting;
  const liked = grid(count, columns, width, gap);
  for (let more = columns, layout = liked; layout.cell >= LEAST_AT_ONCE; layout = grid(count, ++more, width, gap)) {
    if (layout.rows * (layout.cell + gap) - gap > height) continue;
    // Rather a little smaller than a ragged last row.
    const whole = Array.from({ length: Math.ceil(more / 4) + 1 }, (_, further) => more + further).find((each) => count % each === 0);
    const even = whole === undefined ? layout : grid(count, whole, width, gap);
    return even.cell >= LEAST_AT_ONCE ? even : layout;
  }
  return liked;
}

function grid(count: number, columns: number, width: number, gap: number): GridLayout {
  const cell = Math.max(1, Math.min(LARGEST_CELL, Math.floor((width - gap * (columns - 1)) / columns)));
  return { columns, rows: Math.ceil(count / columns), cell, gap };
}

/** Where a key leads from `position`, or null when the key does not move. */
export function moveBy(key: string, position: number, count: number, columns: number): number | null {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (step !== undefined) {
    const next = position + step;
    return next < 0 || next >= count ? position : next;
  }
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return null;
}
