/** Sums a thread of a product holds: rows x columns vec4. */
export interface ProductTile {
  readonly rows: number;
  /** In vec4s. */
  readonly columns: number;
  /** Threads of a workgroup, one below the other along the rows. */
  readonly threads: number;
  /** Lanes share the loads of the weights (needs subgroups of at least four). */
  readonly broadcast: boolean;
}

/** Sums a thread of a filter gradient holds: 4 x channels x filters vec4. */
export interface FilterTile {
  /** Quads of input channels. */
  readonly channels: number;
  /** vec4s of filters. */
  readonly filters: number;
  /** Threads of a workgroup, side by side along the filters. */
  readonly threads: number;
  readonly broadcast: boolean;
}

const product = (rows: number, columns: number, threads: number, broadcast = false): ProductTile => ({ rows, columns, threads, broadcast });
const filter = (channels: number, filters: number, threads: number, broadcast = false): FilterTile => ({ channels, filters, threads, broadcast });

/** Small workgroups suit a software adapter, whose cores each run one at a time; 32 and 64 threads a GPU. */
export const PRODUCT_TILES: readonly ProductTile[] = [
  product(4, 1, 8), product(4, 2, 8), product(8, 2, 8),
  product(4, 2, 8, true), product(8, 2, 8, true), product(4, 4, 8, true),
  product(4, 2, 64), product(8, 2, 64),
];

export const FILTER_TILES: readonly FilterTile[] = [
  filter(1, 1, 4), filter(1, 4, 4), filter(2, 2, 4),
  filter(1, 1, 4, true), filter(2, 1, 4, true), filter(2, 2, 4, true),
  filter(2, 2, 16), filter(1, 2, 32),
];

export const tileName = (tile: ProductTile | FilterTile): string =>
  'rows' in tile ? `${tile.rows}x${tile.columns}/${tile.threads}${tile.broadcast ? 'b' : ''}` : `${tile.channels}*${tile.filters}/${tile.threads}${tile.broadcast ? 'b' : ''}`;

export type Family = 'forward' | 'inputGradient' | 'filterGradient';

/** What an adapter measured, GFLOP/s of full tiles by name: all that tile choice depends on, so a run that stores them repeats bit for bit. */
export interface TileRates {
  readonly forward: Readonly<Record<string, number>>;
  readonly inputGradient: Readonly<Record<string, number>>;
  readonly filterGradient: Readonly<Record<string, number>>;
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

const SPLITS = [1, 2, 4, 8, 16, 32, 64];

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
        const rowTiles = Math.ceil(rows / tile.rows / tile.threads) * tile.threads;
        const columnTiles = Math.ceil(columns / tile.columns);
        const flops = 2 * rowTiles * tile.rows * columnTiles * tile.columns * 4 * depth * phases;
        const milliseconds = time(rates, flops, rates[family][tileName(tile)], rowTiles * columnTiles * phases * splits, splits, rows * columns * phases * 16);
        return { tile, splits, milliseconds };
      }),
    ),
  );
}

/** @param pixels of the reduction. @param lines over which it may be cut. @param weights bytes of the gradient. */
export function chooseFilter(rates: TileRates, taps: number, channels: number, filters: number, pixels: number, lines: number, weights: number): Choice<FilterTile> {
  return cheapest(
    FILTER_TILES.filter((tile) => tileName(tile) in rates.filterGradient).flatMap((tile) =>
      SPLITS.filter((splits) => splits <= lines && (splits === 1 || splits * weights <= MOST_SCRATCH)).map((splits) => {
        const channelTiles = Math.ceil(channels / tile.channels) * taps;
        const filterTiles = Math.ceil(filters / tile.filters / tile.threads) * tile.threads;
        const flops = 2 * channelTiles * tile.channels * 4 * filterTiles * tile.filters * 4 * pixels;
        const milliseconds = time(rates, flops, rates.filterGradient[tileName(tile)], channelTiles * filterTiles * splits, splits, weights);
        return { tile, splits, milliseconds };
      }),
    ),
  );
}

/** Bytes of partial weight gradients of one layer. */
const MOST_SCRATCH = 64 * 2 ** 20;

function time(rates: TileRates, flops: number, gflops: number, threads: number, splits: number, bytes: number): number {
  const busy = Math.min(1, threads / rates.threads);
  const secondPass = splits === 1 ? 0 : (bytes * (splits + 1)) / rates.bandwidth / 1e6;
  return flops / gflops / 1e6 / busy + secondPass;
}

function cheapest<Tile>(choices: readonly Choice<Tile>[]): Choice<Tile> {
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
