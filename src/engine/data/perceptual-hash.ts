/** Side of the photo that a fingerprint is taken of, pixels. */
export const FINGERPRINT_SIDE = 128;
/** Side of the grey picture whose cosine transform is hashed, and that is kept to compare. */
const HASHED = 32;
const FREQUENCIES = 8;

/** Values of a kept thumbnail. */
export const THUMB = HASHED * HASHED;

/** What a photo looks like, in about a kilobyte. */
export interface Fingerprint {
  /** 63 bits: 32 in the first, 31 in the second. */
  readonly bits: readonly [number, number];
  /** Grey, 32 x 32. */
  readonly thumb: Uint8Array;
}

/** Of frequency u at position x: cos((2x + 1) u pi / 2N). */
const cosines = Float64Array.from({ length: FREQUENCIES * HASHED }, (_, at) => Math.cos(((2 * (at % HASHED) + 1) * Math.floor(at / HASHED) * Math.PI) / (2 * HASHED)));

/**
 * The DCT image hash (pHash; Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010): the 63 lowest
 * frequencies of the grey photo but the constant one, each a bit: above their median or not. It changes little when a photo is
 * saved anew, resized or made brighter.
 * @param pixels uint8 RGB, {@link FINGERPRINT_SIDE} squared x 3.
 */
export function fingerprint(pixels: Uint8Array): Fingerprint {
  const grey = shrunk(pixels);
  const columns = new Float64Array(FREQUENCIES * HASHED);
  for (let u = 0; u < FREQUENCIES; u++) {
    for (let y = 0; y < HASHED; y++) {
      let sum = 0;
      for (let x = 0; x < HASHED; x++) sum += grey[y * HASHED + x] * cosines[u * HASHED + x];
      columns[u * HASHED + y] = sum;
    }
  }
  const spectrum: number[] = [];
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = v === 0 ? 1 : 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let y = 0; y < HASHED; y++) sum += columns[u * HASHED + y] * cosines[v * HASHED + y];
      spectrum.push(sum);
    }
  }
  const median = spectrum.toSorted((a, b) => a - b)[spectrum.length >> 1];
  const bits: [number, number] = [0, 0];
  spectrum.forEach((value, at) => {
    if (value > median) bits[at >> 5] |= 1 << (at & 31);
  });
  return { bits, thumb: Uint8Array.from(grey, (value) => value + 0.5) };
}

/** Grey (Rec. 601 luma), each value the mean of a square of the photo. */
function shrunk(pixels: Uint8Array): Float64Array {
  const each = FINGERPRINT_SIDE / HASHED;
  const grey = new Float64Array(HASHED * HASHED);
  for (let y = 0, at = 0; y < FINGERPRINT_SIDE; y++) {
    for (let x = 0; x < FINGERPRINT_SIDE; x++, at += 3) {
      grey[Math.floor(y / each) * HASHED + Math.floor(x / each)] += (0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2]) / each ** 2;
    }
  }
  return grey;
}

/** Bits that differ. */
export function distance([a0, a1]: Fingerprint['bits'], [b0, b1]: Fingerprint['bits']): number {
  return ones(a0 ^ b0) + ones(a1 ^ b1);
}

/** Of 32 bits (Warren, "Hacker's Delight", figure 5-2). */
export function ones(bits: number): number {
  let x = bits - ((bits >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Correlation of two thumbnails, -1 to 1; 1 of two that show one shade each. */
export function correlation(a: Uint8Array, b: Uint8Array): number {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    sumA += a[at];
    sumB += b[at];
    sumAA += a[at] * a[at];
    sumBB += b[at] * b[at];
    sumAB += a[at] * b[at];
  }
  const [varA, varB] = [sumAA - (sumA * sumA) / a.length, sumBB - (sumB * sumB) / a.length];
  if (varA === 0 && varB === 0) return Math.abs(sumA - sumB) <= a.length ? 1 : 0;
  return varA === 0 || varB === 0 ? 0 : (sumAB - (sumA * sumB) / a.length) / Math.sqrt(varA * varB);
}
