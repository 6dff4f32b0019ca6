import { pcg4d, Purpose } from './random.js';

/** An element is kept where its 24 random bits are at least this: an integer, so that WGSL and JavaScript agree on every element. */
export function dropoutThreshold(rate: number): number {
  return Math.ceil(rate * 0x1000000);
}

/**
 * Inverted dropout's mask: 0, or 1 / (1 - rate) where kept. Element e, counted row-major over the batch's tensor, draws
 * component e mod 4 of pcg4d(seed, Purpose.dropout | layer << 8, step, floor(e / 4)), and of that the upper 24 bits.
 *
 * @param layer index of the dropout layer in the graph's list of layers.
 * @param step number of the training step, from 1 over the life of the run.
 */
export function dropoutMask(seed: number, layer: number, step: number, length: number, rate: number): Float32Array<ArrayBuffer> {
  const mask = new Float32Array(length);
  const threshold = dropoutThreshold(rate);
  const scale = 1 / (1 - rate);
  const lane = Purpose.dropout | (layer << 8);
  for (let first = 0; first < length; first += 4) {
    const bits = pcg4d(seed, lane, step, first >>> 2);
    for (let i = 0; i < 4 && first + i < length; i++) mask[first + i] = bits[i] >>> 8 >= threshold ? scale : 0;
  }
  return mask;
}
