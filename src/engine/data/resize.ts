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
  const { low, high, weight } = taps(width, size, 4);
  const rows = taps(height, size, width * 4);
  const result = new Uint8Array(size * size * 3);
  let out = 0;
  for (let y = 0; y < size; y++) {
    const top = rows.low[y];
    const bottom = rows.high[y];
    const wy = rows.weight[y];
    for (let x = 0; x < size; x++, out += 3) {
      const topLeft = top + low[x];
      const topRight = top + high[x];
      const bottomLeft = bottom + low[x];
      const bottomRight = bottom + high[x];
      const wx = weight[x];
      // By hand: a loop over the three takes a fifth longer.
      let p = rgba[topLeft];
      let q = rgba[bottomLeft];
      let upper = p + (rgba[topRight] - p) * wx;
      let lower = q + (rgba[bottomRight] - q) * wx;
      result[out] = upper + (lower - upper) * wy + 0.5;
      p = rgba[topLeft + 1];
      q = rgba[bottomLeft + 1];
      upper = p + (rgba[topRight + 1] - p) * wx;
      lower = q + (rgba[bottomRight + 1] - q) * wx;
      result[out + 1] = upper + (lower - upper) * wy + 0.5;
      p = rgba[topLeft + 2];
      q = rgba[bottomLeft + 2];
      upper = p + (rgba[topRight + 2] - p) * wx;
      lower = q + (rgba[bottomRight + 2] - q) * wx;
      result[out + 2] = upper + (lower - upper) * wy + 0.5;
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
