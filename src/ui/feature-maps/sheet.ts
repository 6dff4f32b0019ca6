import type { LayerSilence } from '../../engine/insight/silence.js';
import { deadMaps } from '../../engine/insight/zeros.js';
import type { LayerMeasures, NetworkSilence, PaintedFilters, PaintedMaps } from '../../workers/contract.js';

export type View = 'maps' | 'filters';

/** What the grid shows: a tile of a bitmap for each map or filter of a layer. */
export interface Sheet {
  readonly view: View;
  readonly layer: string;
  readonly bitmap: ImageBitmap;
  readonly columns: number;
  readonly tile: number;
  /** What is sorted by: the mean output of a map, the norm of a filter. */
  readonly values: readonly number[];
  /** Maps that are zero throughout on this photo; none of filters. */
  readonly dark: readonly number[];
}

export function sheetOf(view: View, maps: PaintedMaps | null, filters: PaintedFilters | null): Sheet | null {
  if (view === 'filters') return filters && { view, ...filters, values: filters.norms, dark: [] };
  return maps && { view, ...maps, values: maps.activity };
}

/** Of the layer, or of the one that stands for it: null where it was not measured. */
export function silenceOf(silence: NetworkSilence | null, layer: string): LayerSilence | null {
  return silence?.layers.find((each) => each.layer === layer) ?? null;
}

/** Of the layer whose filters the maps of this one are, itself or one that it follows: null where they were not measured. */
export function measuresOf(layers: readonly LayerMeasures[] | null, layer: string): LayerMeasures['filters'] {
  return layers?.find(({ name, end, filters }) => filters !== null && (name === layer || end === layer))?.filters ?? null;
}

export interface DeadCount {
  readonly dead: number;
  readonly of: number;
}

/** Of one layer. */
export function deadIn(layer: LayerSilence): DeadCount {
  return { dead: deadMaps(layer).length, of: layer.zeroPhotos.length };
}

/** Of some layers together. */
export function deadAmong(layers: readonly LayerSilence[]): DeadCount {
  return layers.map(deadIn).reduce((sum, { dead, of }) => ({ dead: sum.dead + dead, of: sum.of + of }), { dead: 0, of: 0 });
}

/** Of all convolutions. */
export function deadFilters({ layers }: NetworkSilence): DeadCount {
  return deadAmong(layers.filter(({ kind }) => kind === 'filters'));
}
