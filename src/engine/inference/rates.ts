import { ASSUMED_RATES, type TileRates } from '../gpu/compiled/tiles.js';
import { SWIFTSHADER } from '../gpu/compiled/tuning.js';

/**
 * Guessed, for a GPU that nobody has timed: the staged square tiles win wherever workgroup memory is fast. Training times the
 * tiles on the adapter itself; a file that is opened for one photo cannot spend seconds on that.
 */
const GUESSED: TileRates = {
  forward: { '8x2#64': 2000, '4x2#64': 1600, '4x1#64': 1200, '8x2|64': 800, '4x2|64': 600 },
  inputGradient: {},
  filterGradient: {},
  threads: 16384,
  bandwidth: 100,
};

/** Rates by which the tiles are chosen on an adapter. */
export function ratesOf(device: GPUDevice, { architecture, isFallbackAdapter }: GPUAdapterInfo): TileRates {
  if (architecture === 'swiftshader' && device.features.has('subgroups')) return SWIFTSHADER;
  return architecture === 'swiftshader' || isFallbackAdapter ? ASSUMED_RATES : GUESSED;
}
