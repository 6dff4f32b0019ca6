import type { AdapterInfo } from '../../support/settings.js';
import { whole, type Kernel, type Memory } from './kernel.js';
import { convolutionForward, convolutionInputGradient, type Convolution } from './kernels/convolution.js';
import { activated, toGradient } from './kernels/epilogue.js';
import { filterGradient } from './kernels/filter-gradient.js';
import { shallowFilterGradient, shallowForward } from './kernels/shallow.js';
import { Replay } from './replay.js';
import { FILTER_TILES, PRODUCT_TILES, tileName, type Family, type TileRates } from './tiles.js';
import { plainChannels, viewOf } from './views.js';

/**
 * Measured on two quiet cores: a software adapter is much the same everywhere, so it is not timed again. The largest tiles by what they gain in
 * layers of 128 channels and more, where they count.
 */
export const SWIFTSHADER: TileRates = {
  forward: { '4x2|8b': 6.9, '8x2|8b': 7.5, '4x4|8b': 7.9, '4x1-8b': 5.5, '8x1-8b': 7.4, '16x1-8b': 8.3, '8x2-8b': 8, '16x2-8b': 8.9 },
  inputGradient: { '4x2|8b': 7.9, '8x2|8b': 8.7, '4x4|8b': 9.2, '4x1-8b': 6.1, '8x1-8b': 8.2, '16x1-8b': 9.4, '8x2-8b': 9.5, '16x2-8b': 10.5 },
  filterGradient: { '1*4-16': 5.4, '2*2-16': 5.7, '1*1-16b': 5.2, '2*1-16b': 8.1, '2*2-16b': 9.6, '4*1-16b': 9.7, '4*2-16b': 10.2 },
  shallow: { forward: 8.4, filterGradient: 4.3 },
  threads: 64,
  bandwidth: 2,
};

const known = new WeakMap<GPUDevice, Promise<TileRates>>();

/** What the tiles do on a device: timed once, in a second or two, on a convolution of middling shape. */
export function measureRates(device: GPUDevice, adapter: AdapterInfo): Promise<TileRates> {
  if (adapter.architecture === 'swiftshader' && device.features.has('subgroups')) return Promise.resolve(SWIFTSHADER);
  const rates = known.get(device) ?? measure(device, adapter.fallback);
  known.set(device, rates);
  return rates;
}

/** Rounds, of which the fastest counts: the first of each warms up. */
const ROUNDS = 4;
/** A measurement is repeated until it takes about so long, and at most so often. */
const LEAST_MILLISECONDS = 4;
const MOST_REPEATS = 64;

/** Times every tile on the device, interleaved. */
export async function measure(device: GPUDevice, slow: boolean): Promise<TileRates> {
  const candidates = trials(slow ? { images: 4, side: 16, channels: 32, filters: 64 } : { images: 8, side: 56, channels: 64, filters: 64 })
    .filter(({ kernel }) => device.features.has('subgroups') || !kernel.subgroups);
  const memories = [...new Set(candidates.flatMap(({ kernel }) => kernel.bindings.map(({ region }) => region.memory)))];
  const programs = candidates.map(({ kernel }) => [kernel]);
  const replay = await Replay.make(device, memories, [], programs);
  try {
    const best = candidates.map(() => Infinity);
    const repeats = candidates.map(() => 1);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, program] of programs.entries()) {
        const start = performance.now();
        for (let i = 0; i < repeats[index]; i++) replay.run(program);
        await device.queue.onSubmittedWorkDone();
        const each = (performance.now() - start) / repeats[index];
        if (round > 0) best[index] = Math.min(best[index], each);
        else repeats[index] = Math.min(MOST_REPEATS, Math.max(1, Math.ceil(LEAST_MILLISECONDS / each)));
      }
    }
    const rates: Record<Trial['family'], Record<string, number>> = { forward: {}, inputGradient: {}, filterGradient: {}, shallow: {} };
    candidates.forEach(({ family, name, kernel }, index) => {
      rates[family][name] = Number((kernel.flops / best[index] / 1e6).toPrecision(3));
    });
    return { ...rates, threads: slow ? 64 : 16384, bandwidth: slow ? 2 : 100 };
  } finally {
    replay.dispose();
  }
}

interface Trial {
  readonly family: Family | 'shallow';
  /** Of the tile; of the shallow kernels the family that they stand in for. */
  readonly name: string;
  readonly kernel: Kernel;
}

function trials({ images, side, channels, filters }: Record<'images' | 'side' | 'channels' | 'filters', number>): Trial[] {
  const memory = (label: string, floats: number): Memory => ({ label, bytes: floats * 4, lasting: true });
  const view = (label: string, width: number) => viewOf(memory(label, images * side * side * Math.ceil(width / 4) * 4), images, [side, side], plainChannels(width));
  const weights = memory('weights', 9 * channels * filters + filters);
  const conv: Convolution = { name: 'trial', input: view('input', channels), output: view('output', filters), kernel: 3, stride: 1, top: 1, left: 1, weights: whole(weights) };
  const biasAt = (9 * channels * filters) / 4;
  const into = memory('gradient', 9 * channels * filters + filters);
  const target = toGradient({ gradient: view('input gradient', channels), value: conv.input, activation: 'relu', adds: false });
  const first: Convolution = { ...conv, input: view('first input', 3) };
  const firstBiasAt = 9 * filters;
  const firstSplits = Math.ceil((images * side * side) / 128);
  const firstInto = memory('first gradient', firstSplits * (9 * 4 * filters + filters));
  return [
    { family: 'shallow', name: 'forward', kernel: shallowForward(first, activated(conv.output, whole(weights), firstBiasAt, 'relu'), 0) },
    { family: 'shallow', name: 'filterGradient', kernel: shallowFilterGradient(first, whole(firstInto), firstInto.bytes / 16 / firstSplits, firstBiasAt, firstSplits, null, 0) },
    ...PRODUCT_TILES.map((tile): Trial => ({ family: 'forward', name: tileName(tile), kernel: convolutionForward(conv, activated(conv.output, whole(weights), biasAt, 'relu'), tile, 1, 0) })),
    ...PRODUCT_TILES.map((tile): Trial => ({ family: 'inputGradient', name: tileName(tile), kernel: convolutionInputGradient(conv, target, tile, 1, 0) })),
    ...FILTER_TILES.map((tile): Trial => ({ family: 'filterGradient', name: tileName(tile), kernel: filterGradient(conv, whole(into), into.bytes / 16, biasAt, tile, 1, null, 0) })),
  ];
}
