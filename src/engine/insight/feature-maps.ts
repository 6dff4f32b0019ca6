import type { FeatureMap } from '../gpu/engine.js';
import { viridis } from './viridis.js';
import { zeroPlaces } from './zeros.js';

/** A layer's maps in one picture: map i is the tile at column i mod columns, row floor(i / columns), with no gap. */
export interface MapSheet {
  /** width x height x 4; places after the last map are transparent. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** Side of a tile, pixels: one for each value; 1 where the layer has no height and width. */
  readonly tile: number;
}

/**
 * Paints the maps in viridis. By `map`, each from its own lowest to its own highest value, so that faint ones show what
 * they see; by `layer`, all on one range, so that they can be compared. A map of one value throughout is the darkest
 * colour.
 * @param map [height, width, maps], height equal to width, or [maps].
 */
export function paintMaps({ shape, data }: FeatureMap, scale: 'map' | 'layer'): MapSheet {
  const maps = shape[shape.length - 1];
  const tile = shape.length === 3 ? shape[0] : 1;
  const columns = Math.ceil(Math.sqrt(maps));
  const width = columns * tile;
  const height = Math.ceil(maps / columns) * tile;
  const pixels = new Uint32Array(width * height);
  const whole = rangeOf(data, 0, 1);
  for (let map = 0; map < maps; map++) {
    const { low, high } = scale === 'layer' || tile === 1 ? whole : rangeOf(data, map, maps);
    const factor = high > low ? 255 / (high - low) : 0;
    const corner = Math.floor(map / columns) * tile * width + (map % columns) * tile;
    for (let y = 0; y < tile; y++) {
      for (let x = 0; x < tile; x++) {
        pixels[corner + y * width + x] = viridis[Math.round((data[(y * tile + x) * maps + map] - low) * factor)];
      }
    }
  }
  return { rgba: new Uint8ClampedArray(pixels.buffer), width, height, columns, tile };
}

/** Mean of each map over its places, and the maps that are dark: zero at every place. */
export function mapActivity({ shape, data }: FeatureMap): { activity: number[]; dark: number[] } {
  const maps = shape[shape.length - 1];
  const places = data.length / maps;
  const sums = new Float64Array(maps);
  for (let i = 0; i < data.length; i++) sums[i % maps] += data[i];
  return { activity: Array.from(sums, (sum) => sum / places), dark: Array.from(zeroPlaces(data, maps).entries()).flatMap(([map, zeros]) => (zeros === places ? [map] : [])) };
}

function rangeOf(data: Float32Array, first: number, stride: number): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (let i = first; i < data.length; i += stride) {
    if (data[i] < low) low = data[i];
    if (data[i] > high) high = data[i];
  }
  return { low, high };
}
