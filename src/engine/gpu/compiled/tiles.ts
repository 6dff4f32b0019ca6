/** Sums a thread of a product holds: rows x columns vec4. */
export interface ProductTile {
  readonly rows: number;
  /** In vec4s. */
  readonly columns: number;
  /** Threads of a workgroup at most; fewer where the matrix is narrower. */
  readonly threads: number;
  /**
   * Which way the threads of a workgroup lie side by side: what they then have in common are the weights, or the input.
   * 'square': both ways, sharing both through workgroup memory.
   */
  readonly across: 'rows' | 'columns' | 'square';
  /** Lanes share the loads of what they have in common (needs subgroups of at least four; across columns, rows in fours). */
  readonly broadcast: boolean;
}

/** Sums a thread of a filter gradient holds: 4 x channels x filters vec4. */
export interface FilterTile {
  /** Quads of input channels. */
  readonly channels: number;
  /** vec4s of filters. */
  readonly filters: number;
  /** Threads of a workgroup at most, side by side along the filters; fewer where there are fewer filters. */
  readonly threads: number;
  readonly broadcast: boolean;
}

/** Threads on a side of a square workgroup. */
export const SQUARE = 8;

const across = (rows: number, columns: number, threads: number, broadcast = false): ProductTile => ({ rows, columns, threads, across: 'columns', broadcast });
const down = (rows: number, columns: number, threads: number, broadcast = false): ProductTile => ({ rows, columns, threads, across: 'rows', broadcast });
const square = (rows: number, columns: number): ProductTile => ({ rows, columns, threads: SQUARE ** 2, across: 'square', broadcast: false });
const filter = (channels: number, filters: number, threads: number, broadcast = false): FilterTile => ({ channels, filters, threads, broadcast });

/** Small workgroups suit a software adapter, whose cores each run one at a time; 32 and 64 threads a GPU. */
export const PRODUCT_TILES: readonly ProductTile[] = [
  down(4, 2, 8), down(8, 2, 8), across(8, 1, 8), across(4, 2, 8),
  down(4, 2, 8, true), down(8, 2, 8, true), down(4, 4, 8, true),
  across(4, 1, 8, true), across(8, 1, 8, true), across(16, 1, 8, true), across(8, 2, 8, true),
  across(16, 2, 8, true),
  down(4, 2, 64), down(8, 2, 64), across(8, 1, 32), across(4, 2, 32), square(8, 2), square(4, 1), square(4, 2),
];

export const FILTER_TILES: readonly FilterTile[] = [
  filter(1, 1, 16), filter(1, 4, 16), filter(2, 2, 16),
  filter(1, 1, 16, true), filter(2, 1, 16, true), filter(2, 2, 16, true), filter(4, 1, 16, true), filter(4, 2, 16, true),
  filter(1, 2, 32), filter(2, 2, 64),
];

/** Threads of a workgroup for `tiles` tiles side by side: whole subgroups of a software adapter. */
export const threadsFor = (most: number, tiles: number): number => Math.min(most, Math.ceil(tiles / 4) * 4);

export const tileName = (tile: ProductTile | FilterTile): string =>
  'rows' in tile ? `${tile.rows}x${tile.columns}${{ rows: '|', columns: '-', square: '#' }[tile.across]}${tile.threads}${tile.broadcast ? 'b' : ''}` : `${tile.channels}*${tile.filters}-${tile.threads}${tile.broadcast ? 'b' : ''}`;

export type Family = 'forward' | 'inputGradient' | 'filterGradient';

/** What an adapter measured, GFLOP/s of full tiles by name: all that tile choice depends on, so a run that stores them repeats bit for bit. */
export interface TileRates {
  readonly forward: Readonly<Record<string, number>>;
  readonly inputGradient: Readonly<Record<string, number>>;
  readonly filterGradient: Readonly<Record<string, number>>;
  /** GFLOP/s of the kernels that hold all taps of few channels (kernels/shallow.ts); absent where they may not be used. */
  readonly shallow?: Readonly<Partial<Record<'forward' | 'filterGradient', number>>>;
  /** Threads that keep the adapter busy. */
  readonly threads: number;
  /** GB/s of a copy. */
  readonly bandwidth: number;
}

export interface Choice<Tile> {
  readonly tile: Tile;
  /** Parts of the reduction, summed in a second pass. */
  readonly splits: number;
  /** Predicted, both passes. */
  readonly milliseconds: number;
}

export const SPLITS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
/** A workgroup works at most so long by prediction: a dispatch can be parted between groups, not within one. */
const MOST_GROUP_MILLISECONDS = 50;

/**
 * The tile and split with the least predicted time: full tiles at their measured rate, the waste of ragged edges, idle
 * threads where there are too few tiles, and the traffic of a second pass.
 *
 * @param rows pixels of one phase. @param columns quads. @param depth floats of the reduction.
 * @param splittable quads of channels, over which the reduction may be cut; 1 where it may not.
 */
export function chooseProduct(rates: TileRates, family: 'forward' | 'inputGradient', rows: number, columns: number, depth: number, phases: number, splittable: number): Choice<ProductTile> {
  return cheapest(
    PRODUCT_TILES.filter((tile) => tileName(tile) in rates[family]).flatMap((tile) =>
      SPLITS.filter((splits) => splits <= splittable).map((splits) => {
        const padded = (tiles: number) => Math.ceil(tiles / threadsFor(tile.threads, tiles)) * threadsFor(tile.threads, tiles);
        const along = (direction: 'rows' | 'columns', tiles: number) =>
          tile.across === 'square' ? Math.ceil(tiles / SQUARE) * SQUARE : tile.across === direction ? padded(tiles) : tiles;
        const rowTiles = along('rows', Math.ceil(rows / tile.rows));
        const columnTiles = along('columns', Math.ceil(columns / tile.columns));
        const flops = 2 * rowTiles * tile.rows * columnTiles * tile.columns * 4 * depth * phases;
        const milliseconds = time(rates, flops, rates[family][tileName(tile)], rowTiles * columnTiles * phases * splits, splits, rows * columns * phases * 16);
        return { tile, splits, milliseconds };
      }),
    ),
  );
}

/** @param pixels of the reduction, which may be cut between any four. @param weights bytes of the gradient. */
export function chooseFilter(rates: TileRates, taps: number, channels: number, filters: number, pixels: number, weights: number): Choice<FilterTile> {
  const choices = FILTER_TILES.filter((tile) => tileName(tile) in rates.filterGradient).flatMap((tile) =>
    SPLITS.filter((splits) => splits <= Math.ceil(pixels / 4) && (splits === 1 || splits * weights <= MOST_SCRATCH)).map((splits) => {
      const channelTiles = Math.ceil(channels / tile.channels) * taps;
      const threads = threadsFor(tile.threads, Math.ceil(filters / tile.filters));
      const filterGroups = Math.ceil(filters / tile.filters / threads);
      const flops = 2 * channelTiles * tile.channels * 4 * filterGroups * threads * tile.filters * 4 * pixels;
      const milliseconds = time(rates, flops, rates.filterGradient[tileName(tile)], channelTiles * filterGroups * threads * splits, splits, weights);
      return { tile, splits, milliseconds, groups: channelTiles * filterGroups * splits };
    }),
  );
  const short = choices.filter(({ milliseconds, groups }) => milliseconds / groups <= MOST_GROUP_MILLISECONDS);
  return cheapest(short.length > 0 ? short : choices);
}

/** Bytes of partial weight gradients of one layer. */
export const MOST_SCRATCH = 64 * 2 ** 20;

/** Milliseconds: full tiles at their rate, idle threads where there are too few, and the traffic of a second pass. */
export function time(rates: TileRates, flops: number, gflops: number, threads: number, splits: number, bytes: number): number {
  const busy = Math.min(1, threads / rates.threads);
  const secondPass = splits === 1 ? 0 : (bytes * (splits + 1)) / rates.bandwidth / 1e6;
  return flops / gflops / 1e6 / busy + secondPass;
}

/** The first of the fastest. */
export function cheapest<Timed extends { readonly milliseconds: number }>(choices: readonly Timed[]): Timed {
  return choices.reduce((best, choice) => (choice.milliseconds < best.milliseconds ? choice : best));
}

/** Rates to plan with where nothing was measured: of a slow adapter without subgroups. */
export const ASSUMED_RATES: TileRates = {
  forward: assumed(PRODUCT_TILES),
  inputGradient: assumed(PRODUCT_TILES),
  filterGradient: assumed(FILTER_TILES),
  threads: 64,
  bandwidth: 2,
};

function assumed(tiles: readonly (ProductTile | FilterTile)[]): Record<string, number> {
  return Object.fromEntries(tiles.filter((tile) => !tile.broadcast).map((tile) => [tileName(tile), 'rows' in tile ? (tile.rows * tile.columns) / (tile.rows + 4 * tile.columns) : (4 * tile.channels * tile.filters) / (tile.channels + tile.filters) / 2]));
}
