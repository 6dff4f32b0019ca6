import { getDataset, readShard, shardIndexes } from '../storage/datasets.js';
import type { DatasetRecord, ShardIndex } from '../storage/records.js';

/** A dataset's index in memory: where each of its images lies. */
export class StoredDataset {
  /** First image of each shard. */
  readonly firsts: readonly number[];
  readonly labels: Uint16Array<ArrayBuffer>;

  private constructor(
    readonly record: DatasetRecord,
    private readonly indexes: readonly ShardIndex[],
  ) {
    this.firsts = indexes.map(({ first }) => first);
    this.labels = new Uint16Array(record.images);
    for (const { first, labels } of indexes) this.labels.set(labels, first);
  }

  /** @throws 'dataset-missing' */
  static async open(id: string): Promise<StoredDataset> {
    return new StoredDataset(await getDataset(id), await shardIndexes(id));
  }

  shardBytes(shard: number): number {
    const { offsets, lengths } = this.indexes[shard];
    return (offsets.at(-1) ?? 0) + (lengths.at(-1) ?? 0);
  }

  /** @throws RangeError where the dataset has no such image. */
  place(index: number): { shard: number; offset: number; length: number; name: string } {
    if (!(index >= 0 && index < this.labels.length)) throw new RangeError(`image ${index} of ${this.labels.length}`);
    let shard = 0;
    for (let last = this.firsts.length - 1; shard < last; ) {
      const middle = (shard + last + 1) >> 1;
      if (this.firsts[middle] <= index) shard = middle;
      else last = middle - 1;
    }
    const { first, offsets, lengths, names } = this.indexes[shard];
    const at = index - first;
    return { shard, offset: offsets[at], length: lengths[at], name: names[at] };
  }
}

/** Bytes of shards in memory: an epoch's window, the next one's beginning, and some more. */
const MAX_CACHED_BYTES = 48 * 2 ** 20;

/** Bytes of stored images, through a cache of the shards that were used last. */
export class ShardReader {
  private readonly cached = new Map<number, Promise<ArrayBuffer>>();
  private cachedBytes = 0;

  constructor(private readonly dataset: StoredDataset) {}

  /** A view of a cached shard: do not change it. @throws 'dataset-missing' where it was deleted meanwhile. */
  async read(index: number): Promise<{ bytes: Uint8Array<ArrayBuffer>; name: string }> {
    const { shard, offset, length, name } = this.dataset.place(index);
    return { bytes: new Uint8Array(await this.shard(shard), offset, length), name };
  }

  private shard(shard: number): Promise<ArrayBuffer> {
    const held = this.cached.get(shard);
    this.cached.delete(shard);
    const loading = held ?? this.load(shard);
    this.cached.set(shard, loading);
    for (const oldest of this.cached.keys()) {
      if (this.cachedBytes <= MAX_CACHED_BYTES || oldest === shard) break;
      this.cached.delete(oldest);
      this.cachedBytes -= this.dataset.shardBytes(oldest);
    }
    return loading;
  }

  private load(shard: number): Promise<ArrayBuffer> {
    const bytes = this.dataset.shardBytes(shard);
    this.cachedBytes += bytes;
    const loading = readShard(this.dataset.record.id, shard);
    loading.catch(() => {
      if (this.cached.get(shard) !== loading) return;
      this.cached.delete(shard);
      this.cachedBytes -= bytes;
    });
    return loading;
  }
}
