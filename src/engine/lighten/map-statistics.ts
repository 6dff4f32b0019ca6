import { SilenceCount, type Silence } from '../insight/zeros.js';

/** What the maps of a layer do over a sample of photos; one entry a filter. */
export interface MapStatistics extends Silence {
  readonly mean: readonly number[];
  /**
   * The largest absolute correlation with a livelier map of the layer (one whose values vary more), 0 to 1: how much of it
   * the layer would still say without it. 1 where the map never varies, 0 of the liveliest.
   */
  readonly redundancy: readonly number[];
  /** Which map that is; null where there is none. */
  readonly twin: readonly (number | null)[];
}

/** Places that a correlation is taken over, of all photos together. */
const MOST_PLACES = 4096;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Takes the maps of one layer, photo by photo. */
export class MapSample {
  private readonly silence: SilenceCount;
  private readonly sums: Float64Array;
  /** [places, filters] of those that are correlated. */
  private readonly rows: Float32Array[] = [];

  /** @param expected how many photos will come. */
  constructor(private readonly filters: number, private readonly expected: number) {
    this.silence = new SilenceCount(filters);
    this.sums = new Float64Array(filters);
  }

  /** @param map of one photo, [height, width, filters] or [filters]. */
  add(map: Float32Array): void {
    const { filters } = this;
    const places = map.length / filters;
    for (let i = 0, filter = 0; i < map.length; i++) {
      this.sums[filter] += map[i];
      if (++filter === filters) filter = 0;
    }
    // Evenly spread, and from photo to photo at other places.
    const taken = Math.min(places, Math.max(1, Math.floor(MOST_PLACES / this.expected)));
    const offset = (this.silence.photos * GOLDEN) % 1;
    for (let i = 0; i < taken; i++) {
      const place = Math.floor(((i + offset) * places) / taken);
      this.rows.push(map.slice(place * filters, (place + 1) * filters));
    }
    this.silence.add(map);
  }

  result(): MapStatistics {
    return {
      ...this.silence.result(),
      mean: Array.from(this.sums, (sum) => sum / this.silence.places),
      ...redundancies(this.rows, this.filters),
    };
  }
}

function redundancies(rows: readonly Float32Array[], filters: number): Pick<MapStatistics, 'redundancy' | 'twin'> {
  const columns = Array.from({ length: filters }, (_, filter) => standardised(rows, filter));
  const redundancy: number[] = columns.map(({ deviation }) => (deviation === 0 ? 1 : 0));
  const twin: (number | null)[] = columns.map(() => null);
  const lively = columns.map((_, filter) => filter).filter((filter) => columns[filter].deviation > 0);
  lively.sort((a, b) => columns[b].deviation - columns[a].deviation || a - b);
  for (const [place, filter] of lively.entries()) {
    for (const other of lively.slice(0, place)) {
      const correlation = Math.min(1, Math.abs(dot(columns[filter].values, columns[other].values)));
      if (correlation > redundancy[filter]) {
        redundancy[filter] = correlation;
        twin[filter] = other;
      }
    }
  }
  return { redundancy, twin };
}

/** Column of the rows with mean 0 and length 1. */
function standardised(rows: readonly Float32Array[], column: number): { readonly values: Float32Array; readonly deviation: number } {
  const mean = rows.reduce((sum, row) => sum + row[column], 0) / rows.length;
  const square = rows.reduce((sum, row) => sum + (row[column] - mean) ** 2, 0);
  const length = Math.sqrt(square);
  return { values: Float32Array.from(rows, (row) => (length === 0 ? 0 : (row[column] - mean) / length)), deviation: Math.sqrt(square / rows.length) };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
