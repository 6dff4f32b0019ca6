import { correlation, fingerprint, FINGERPRINT_SIDE, ones, THUMB } from './perceptual-hash.js';

/** Photos of a dataset that show the same. */
export interface DuplicateGroup {
  /** Indices in the dataset, ascending; two at least. */
  readonly images: readonly number[];
  /** The files are the same byte for byte. */
  readonly exact: boolean;
}

export interface DuplicateProgress {
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number;
}

export interface DuplicateRequest {
  readonly images: number;
  /** A photo's file. */
  readonly read: (index: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** A photo's uint8 RGB, side x side x 3; rejects where it does not decode. */
  readonly pixels: (index: number, side: number) => Promise<Uint8Array>;
  readonly signal: AbortSignal;
  /** At most ten a second. */
  readonly onProgress: (progress: DuplicateProgress) => void;
}

/**
 * Hashes alone do not tell photos apart that are all one grain on black: of 4.5 million pairs of different synthetic grains 62,000 were
 * within this distance, none of them as alike as {@link LEAST_CORRELATION}. The same photo saved anew, resized to half or 15 % brighter
 * was within both; moved by a pixel of 250 it was not.
 */
const MOST_DISTANCE = 6;
const LEAST_CORRELATION = 0.998;
/** One more than the bits that may differ: two hashes that near agree in one chunk at least. */
const CHUNKS = MOST_DISTANCE + 1;
const CHUNK_BITS = 9;
const AT_ONCE = 8;
const PROGRESS_MS = 100;
/** Comparisons between two looks at whether it was cancelled. */
const PAIRS_A_TURN = 2_000_000;

/**
 * Finds photos that are the same file twice (SHA-256), or the same picture saved anew, resized or made brighter: by perceptual hash, then by the
 * correlation of small grey pictures. Photos that do not decode are left out.
 * @throws the signal's reason where it is aborted.
 */
export async function findDuplicates({ images, read, pixels, signal, onProgress }: DuplicateRequest): Promise<DuplicateGroup[]> {
  const hashes = new Uint32Array(2 * images);
  const thumbs = new Uint8Array(THUMB * images);
  const files = Array.from({ length: images }, () => '');
  const seen: number[] = [];
  const started = performance.now();
  let told = started;
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (next < images) {
      signal.throwIfAborted();
      const index = next++;
      files[index] = await digest(await read(index));
      const decoded = await pixels(index, FINGERPRINT_SIDE).catch(() => null);
      if (decoded !== null) {
        const { bits, thumb } = fingerprint(decoded);
        hashes.set(bits, 2 * index);
        thumbs.set(thumb, THUMB * index);
        seen.push(index);
      }
      done++;
      const now = performance.now();
      if (now - told < PROGRESS_MS) continue;
      told = now;
      onProgress({ done, total: images, secondsLeft: ((now - started) / 1000 / done) * (images - done) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  signal.throwIfAborted();
  return group(files, await nearPairs(hashes, thumbs, seen, signal));
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return String.fromCharCode(...new Uint16Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012). */
async function nearPairs(hashes: Uint32Array, thumbs: Uint8Array, seen: readonly number[], signal: AbortSignal): Promise<[number, number][]> {
  const pairs: [number, number][] = [];
  const thumb = (index: number) => thumbs.subarray(THUMB * index, THUMB * (index + 1));
  let compared = 0;
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const buckets = new Map<number, number[]>();
    for (const index of seen) {
      const key = chunkOf(hashes[2 * index], hashes[2 * index + 1], chunk);
      const bucket = buckets.get(key);
      if (bucket) bucket.push(index);
      else buckets.set(key, [index]);
    }
    for (const bucket of buckets.values()) {
      for (let i = 1; i < bucket.length; i++) {
        const a = bucket[i];
        const [a0, a1] = [hashes[2 * a], hashes[2 * a + 1]];
        for (let j = 0; j < i; j++) {
          const b = bucket[j];
          if (ones(a0 ^ hashes[2 * b]) + ones(a1 ^ hashes[2 * b + 1]) > MOST_DISTANCE) continue;
          if (correlation(thumb(a), thumb(b)) >= LEAST_CORRELATION) pairs.push([b, a]);
        }
        compared += i;
        if (compared < PAIRS_A_TURN) continue;
        compared = 0;
        await new Promise((resolve) => setTimeout(resolve));
        signal.throwIfAborted();
      }
    }
  }
  return pairs;
}

function chunkOf(low: number, high: number, chunk: number): number {
  const from = chunk * CHUNK_BITS;
  const mask = (1 << CHUNK_BITS) - 1;
  if (from >= 32) return (high >>> (from - 32)) & mask;
  if (from + CHUNK_BITS <= 32) return (low >>> from) & mask;
  return ((low >>> from) | (high << (32 - from))) & mask;
}

/** What is near to what is near is one group. */
function group(files: readonly string[], pairs: readonly (readonly [number, number])[]): DuplicateGroup[] {
  const parent = files.map((_, index) => index);
  const root = (index: number): number => {
    while (parent[index] !== index) index = parent[index] = parent[parent[index]];
    return index;
  };
  const join = (a: number, b: number): void => {
    parent[Math.max(root(a), root(b))] = Math.min(root(a), root(b));
  };
  const first = new Map<string, number>();
  files.forEach((file, index) => {
    const known = first.get(file);
    if (known === undefined) first.set(file, index);
    else join(known, index);
  });
  for (const [a, b] of pairs) join(a, b);
  const groups = new Map<number, number[]>();
  files.forEach((_, index) => {
    const at = root(index);
    const members = groups.get(at);
    if (members) members.push(index);
    else groups.set(at, [index]);
  });
  return [...groups.values()].filter(({ length }) => length > 1).map((images) => ({ images, exact: images.every((image) => files[image] === files[images[0]]) }));
}
