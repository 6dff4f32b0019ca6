import { csv } from '../../engine/comparison/csv.js';
import type { LayerMeasures } from '../../workers/contract.js';

/** One line a filter, and one for a layer whose filters cannot be cut (RFC 4180). A twin is the filter that one is most alike to, from 0 as filters are. */
export function layersCsv(layers: readonly LayerMeasures[]): string {
  const header = ['layer', 'params', 'macs', 'flops', 'outputBytes', 'stepMs', 'filter', 'zeroPlaces', 'zeroPhotos', 'mean', 'magnitude', 'taylor', 'redundancy', 'twin'];
  return csv([
    header,
    ...layers.flatMap(({ name, params, macs, flops, activationBytes, stepMs, filters }) => {
      const costs = [name, params, macs, flops, activationBytes, stepMs ?? ''];
      if (filters === null) return [[...costs, ...Array.from({ length: header.length - costs.length }, () => '')]];
      const { zeroPlaces, zeroPhotos, mean, magnitude, taylor, redundancy, twin } = filters;
      return taylor.map((worth, filter) => [...costs, filter, zeroPlaces[filter], zeroPhotos[filter], mean[filter], magnitude[filter], worth, redundancy[filter], twin[filter] ?? '']);
    }),
  ]);
}
