import type { Shape, Weight } from '../graph/types.js';
import type { Precision } from '../storage/records.js';

/** A weight as it is stored. */
export type QuantisedWeight = { readonly name: string; readonly shape: Shape } & (
  | { readonly dtype: 'float32'; readonly data: Float32Array<ArrayBuffer> }
  /** Bits of each value. */
  | { readonly dtype: 'float16'; readonly data: Uint16Array<ArrayBuffer> }
  /** Value i = data[i] * scales[i mod their number]: one a filter, which is the last axis, in a depthwise kernel the one before. */
  | { readonly dtype: 'int8'; readonly data: Int8Array<ArrayBuffer>; readonly scales: Float32Array<ArrayBuffer> }
);

/** Kernels at the given precision. Vectors (biases, batch norm) stay float32: they are few, and statistics can be beyond what half precision holds. */
export function quantise(weights: readonly Weight[], precision: Precision): QuantisedWeight[] {
  return weights.map(({ name, shape, data }): QuantisedWeight => {
    if (precision === 'float32' || shape.length === 1) return { name, shape, dtype: 'float32', data: data.slice() };
    if (precision === 'float16') return { name, shape, dtype: 'float16', data: Uint16Array.from(data, toHalf) };
    const filters = filtersOf(shape);
    const largest = new Float32Array(filters);
    data.forEach((value, i) => (largest[i % filters] = Math.max(largest[i % filters], Math.abs(value))));
    const scales = largest.map((value) => shortened(value / 127));
    return { name, shape, dtype: 'int8', data: Int8Array.from(data, (value, i) => (scales[i % filters] === 0 ? 0 : Math.round(value / scales[i % filters]))), scales };
  });
}

/** The float32 weights that the stored ones stand for. */
export function dequantise(weights: readonly QuantisedWeight[]): Weight[] {
  return weights.map((weight): Weight => {
    const { name, shape } = weight;
    switch (weight.dtype) {
      case 'float32':
        return { name, shape, data: weight.data.slice() };
      case 'float16':
        return { name, shape, data: Float32Array.from(weight.data, fromHalf) };
      case 'int8': {
        const { scales } = weight;
        return { name, shape, data: Float32Array.from(weight.data, (value, i) => value * scales[i % scales.length]) };
      }
    }
  });
}

/** Bytes of the weights as stored, scales included. */
export function storedBytes(weights: readonly QuantisedWeight[]): number {
  return weights.reduce((sum, weight) => sum + weight.data.byteLength + (weight.dtype === 'int8' ? weight.scales.byteLength : 0), 0);
}

/** Bytes of the weights as a server sends them, gzipped. */
export async function downloadBytes(weights: readonly QuantisedWeight[]): Promise<number> {
  const parts = weights.flatMap((weight): ArrayBufferView<ArrayBuffer>[] => (weight.dtype === 'int8' ? [weight.scales, weight.data] : [weight.data]));
  const gzipped = await new Response(new Blob(parts).stream().pipeThrough(new CompressionStream('gzip'))).blob();
  return gzipped.size;
}

/**
 * A scale of 16 significant bits, no less than the given: then 127 times it is exact in float32, and so is every stored value,
 * and what was quantised once gives the same scales again.
 */
function shortened(scale: number): number {
  float[0] = scale;
  bits[0] = (bits[0] + 0xff) & ~0xff;
  return float[0];
}

/** How many scales an int8 weight has. */
export function filtersOf(shape: Shape): number {
  return shape.at(-1) === 1 && shape.length === 4 ? shape[2] : shape.at(-1)!;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Bits of the nearest half-precision value, ties to even; beyond the largest, infinity. */
export function toHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | roundToEven(Math.abs(float[0]) * 2 ** 24);
  // The exponent's bias goes from 127 to 15; a mantissa that rounds up past its end carries into the exponent, as it should.
  const rebased = magnitude - (112 << 23);
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
}

export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
