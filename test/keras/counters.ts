import { pcg4d } from '../../src/engine/support/random.js';

/** Weights, photos, labels and probes from counters, by the same formulas as counters.py: nothing random is stored. */
const Lane = { weights: 20, pixels: 21, labels: 22, signs: 23, samples: 24 } as const;
const SAMPLE_COUNT = 8;
const PROBE_COUNT = 4;

/** Calls `use` with `count` uint32; element e is word e % 4 at counter (purpose, lane, floor(e / 4), turn). */
function integers(purpose: number, lane: number, count: number, turn: number, use: (value: number, at: number) => void): void {
  for (let at = 0; at < count; at += 4) {
    const words = pcg4d(purpose, lane, at / 4, turn);
    for (let word = 0; word < 4 && at + word < count; word++) use(words[word], at + word);
  }
}

/** Centre and half width of the values of batch norm's weights; biases are 0 ± 0.1. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = { gamma: [1, 0.2], beta: [1, 1], moving_variance: [1, 0.5] };

/** Initial value of weight `index` of a network: kernels as He's uniform, so that signals keep their size through many layers. */
export function weightValue(index: number, name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const depthwise = shape.length === 4 && shape[3] === 1;
  const fanIn = shape.slice(0, depthwise ? 2 : -1).reduce((a, b) => a * b, 1);
  const kind = name.split('/')[1];
  const [centre, spread] = kind === 'kernel' ? [0, Math.sqrt(6 / fanIn)] : (RANGES[kind] ?? [0, 0.1]);
  integers(Lane.weights, index, data.length, 0, (value, at) => {
    data[at] = centre + ((2 * (value >>> 8)) / 0x1000000 - 1) * spread;
  });
  return data;
}

/** Photo `image`, uint8 [size, size, 3]: stripes of its own direction and phase in each channel, and noise. */
export function photo(image: number, size: number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(size * size * 3);
  const stripes = [0, 1, 2].map((channel) => pcg4d(Lane.pixels, image, channel, 0));
  integers(Lane.pixels, image, pixels.length, 1, (value, at) => {
    const [right, down, phase] = stripes[at % 3];
    const x = Math.floor(at / 3) % size;
    const y = Math.floor(at / (3 * size));
    const place = (x * (right % 29) + y * (down % 29) + (phase % 256)) % 256;
    pixels[at] = (place < 128 ? place : 255 - place) + 48 + (value & 31);
  });
  return pixels;
}

export function labelOf(image: number, classes: number): number {
  return pcg4d(Lane.labels, image, 0, 0)[0] % classes;
}

/** What is kept of an array: its norm, some elements, and sums with signs, whose spread is the whole array's error. */
export type Probe = readonly number[];

export function probe(lane: number, values: Float32Array): Probe {
  const samples = Array.from({ length: SAMPLE_COUNT }, (_, k) => values[Math.floor((pcg4d(Lane.samples, lane, k, 0)[0] * values.length) / 2 ** 32)]);
  const sums = Array.from({ length: PROBE_COUNT }, (_, turn) => {
    let sum = 0;
    integers(Lane.signs, lane, values.length, turn, (value, at) => {
      sum += (value & 1) === 1 ? values[at] : -values[at];
    });
    return sum;
  });
  return [Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)), ...samples, ...sums];
}

/**
 * Relative error of an array, as far as its probe tells. A sum with random signs of an error has the error's norm for
 * its standard deviation, so an error in any element shows, sampled or not.
 */
export function probeError(actual: Probe, expected: Probe): number {
  const difference = expected.map((value, at) => actual[at] - value);
  const samples = difference.slice(1, 1 + SAMPLE_COUNT);
  const sums = difference.slice(1 + SAMPLE_COUNT);
  const norm = (values: number[]) => Math.hypot(...values);
  return Math.max(Math.abs(difference[0]), norm(samples), norm(sums) / Math.sqrt(PROBE_COUNT)) / (expected[0] || 1);
}
