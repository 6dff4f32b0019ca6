import type { LayerGraph } from '../../../src/engine/graph/types.js';
import { filterLayers } from '../../../src/engine/graph/filter-layers.js';
import type { FilterMeasures } from '../../../src/engine/lighten/measure.js';
import type { Random } from '../../../src/engine/support/random.js';

/** As if they had been measured. */
export function madeUpMeasures(random: Random, graph: LayerGraph): FilterMeasures[] {
  return filterLayers(graph).map(({ name: layer, filters }) => {
    const draw = () => Array.from({ length: filters }, () => random.uniform());
    return { layer, zeroPlaces: draw(), zeroPhotos: draw(), mean: draw(), redundancy: draw(), twin: draw().map(() => null), magnitude: draw(), taylor: draw() };
  });
}
