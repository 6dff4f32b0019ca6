import { Purpose, Random } from '../support/random.js';

/** Shards whose images are mixed with one another: what the loader holds in memory at once, at 2 MB each. */
export const WINDOW_SHARDS = 8;

/**
 * The order in which an epoch visits images: the shards in random order, and within every window of them a random order of
 * all their images. So an epoch reads each shard once, and (every shard being a fair sample of the classes) batches are mixed.
 * The same (seed, epoch) gives the same order, always.
 * @param part indices in the dataset, ascending.
 * @param firsts the first index of each shard, ascending.
 * @returns a permutation of `part`.
 */
export function epochOrder(part: Uint32Array, firsts: readonly number[], seed: number, epoch: number): Uint32Array<ArrayBuffer> {
  const random = new Random(seed, Purpose.shuffle, epoch);
  const shards = random.shuffle(slices(part, firsts));
  const order = new Uint32Array(part.length);
  let filled = 0;
  for (let i = 0; i < shards.length; i += WINDOW_SHARDS) {
    const start = filled;
    for (const shard of shards.slice(i, i + WINDOW_SHARDS)) {
      order.set(shard, filled);
      filled += shard.length;
    }
    random.shuffle(order.subarray(start, filled));
  }
  return order;
}

/** The part's indices shard by shard; shards without any are left out. */
function slices(part: Uint32Array, firsts: readonly number[]): Uint32Array[] {
  const found: Uint32Array[] = [];
  let start = 0;
  for (let shard = 0; shard < firsts.length; shard++) {
    const end = shard + 1 < firsts.length ? firsts[shard + 1] : Infinity;
    let stop = start;
    while (stop < part.length && part[stop] < end) stop++;
    if (stop > start) found.push(part.subarray(start, stop));
    start = stop;
  }
  return found;
}
