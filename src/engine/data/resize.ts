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
  const values = size * 3;
  const result = new Uint8Array(size * values);
  // The two source rows around a target row, resized: from one target row to the next mostly one of them stays.
  let upper = { at: -1, row: new Float64Array(values) };
  let lower = { at: -1, row: new Float64Array(values) };
  for (let y = 0; y < size; y++) {
    if (upper.at !== rows.low[y]) {
      [upper, lower] = [lower, upper];
      if (upper.at !== rows.low[y]) resizeRow(rgba, (upper.at = rows.low[y]), columns, upper.row);
    }
    if (lower.at !== rows.high[y]) resizeRow(rgba, (lower.at = rows.high[y]), columns, lower.row);
    blend(upper.row, lower.row, rows.weight[y], result, y * values);
  }
  return result;
}

/** @param row where it begins in the array. */
function resizeRow(rgba: Uint8ClampedArray, row: number, { low, high, weight }: Taps, into: Float64Array): void {
  for (let x = 0, out = 0; x < low.length; x++) {
    const left = row + low[x];
    const right = row + high[x];
    const share = weight[x];
    for (let channel = 0; channel < 3; channel++) {
      const value = rgba[left + channel];
      into[out++] = value + (rgba[right + channel] - value) * share;
    }
  }
}

function blend(upper: Float64Array, lower: Float64Array, share: number, into: Uint8Array, at: number): void {
  for (let i = 0; i < upper.length; i++) into[at + i] = upper[i] + (lower[i] - upper[i]) * share + 0.5;
}

let last: { readonly from: number; readonly to: number; readonly stride: number; readonly taps: Taps }[] = [];

/** @param stride of one source position in the array. */
function taps(from: number, to: number, stride: number): Taps {
  const known = last.find((each) => each.from === from && each.to === to && each.stride === stride);
  if (known) return known.taps;
  const made = makeTaps(from, to, stride);
  // Photos of one dataset are mostly of one shape.
  last = [{ from, to, stride, taps: made }, ...last.slice(0, 3)];
  return made;
}

function makeTaps(from: number, to: number, stride: number): Taps {
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
