import { CompiledEngine } from './compiled/engine.js';
import type { TileRates } from './compiled/tiles.js';
import type { TrainingEngine } from './engine.js';

/** What the tiles of an engine were chosen by, for `rates` of the engine that goes on with its run; null where there are no tiles. */
export function ratesOf(engine: TrainingEngine): TileRates | null {
  return engine instanceof CompiledEngine ? engine.rates : null;
}
