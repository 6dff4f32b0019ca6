/** For each target position: where in the array the two source positions around it lie, and the weight of the second. */
interface Taps {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly weight: Float64Array;
}

/**
 * Bilinear with half-pixel centres and no antialiasing: `tf.image.resize(antialias=False)`, which is what Keras's
 * `image_dataset_from_directory` does. Keras keeps the fractions; here the result is rounded to uint8.
 * @param rgba row-major, width x height x 4; alpha is not read.
 * @returns RGB, size x size x 3.
 */
export function resizeBilinear(rgba: Uint8ClampedArray, width: number, height: number, size: number): Uint8Array<ArrayBuffer> {
  const columns = taps(width, size, 4);
  const rows = taps(height, size, width * 4);
  const result = new Uint8Array(size * size * 3);
  let out = 0;
  for (let y = 0; y < size; y++) {
    const top = rows.low[y];
    const bottom = rows.high[y];
    const wy = rows.weight[y];
    for (let x = 0; x < size; x++) {
      const left = columns.low[x];
      const right = columns.high[x];
      const wx = columns.weight[x];
      for (let channel = 0; channel < 3; channel++) {
        const topLeft = rgba[top + left + channel];
        const bottomLeft = rgba[bottom + left + channel];
        const upper = topLeft + (rgba[top + right + channel] - topLeft) * wx;
        const lower = bottomLeft + (rgba[bottom + right + channel] - bottomLeft) * wx;
        result[out++] = upper + (lower - upper) * wy + 0.5;
      }
    }
  }
  return result;
}

/** @param stride of one source position in the array. */
function taps(from: number, to: number, stride: number): Taps {
  const low = new Uint32Array(to);
  const high = new Uint32Array(to);
  const weight = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const place = ((i + 0.5) * from) / to - 0.5;
    const floor = Math.floor(place);
    low[i] = Math.max(0, floor) * stride;
    high[i] = Math.min(from - 1, floor + 1) * stride;
    weight[i] = place - floor;
  }
  return { low, high, weight };
}
