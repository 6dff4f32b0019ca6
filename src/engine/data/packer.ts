import type { DatasetWriter } from '../storage/imports.js';
import type { ImportRecord, ShardIndex } from '../storage/records.js';

/** A shard is closed once it has so many bytes: 1 to 4 MB, but for photos of more. */
export const SHARD_BYTES = 2 * 2 ** 20;

interface Open {
  readonly labels: number[];
  readonly names: string[];
  readonly photos: Uint8Array[];
  bytes: number;
}
const empty = (): Open => ({ labels: [], names: [], photos: [], bytes: 0 });

/** What an import knows of itself beside its shards. */
export type Progress = Omit<ImportRecord, 'id' | 'shards' | 'images' | 'bytes'>;

/** Packs photos end to end in shards; one shard is written while the next fills, never more. */
export class ShardPacker {
  images: number;
  bytes: number;
  private open = empty();
  private writing: Promise<void> = Promise.resolve();
  private readonly indexes: ShardIndex[];

  /** @param progress as of the photo added last. */
  constructor(
    private readonly writer: DatasetWriter,
    private readonly progress: () => Progress,
  ) {
    this.indexes = [...(writer.cut?.indexes ?? [])];
    this.images = writer.cut?.progress.images ?? 0;
    this.bytes = writer.cut?.progress.bytes ?? 0;
  }

  get shards(): number {
    return this.indexes.length;
  }

  async add(label: number, name: string, photo: Uint8Array): Promise<void> {
    this.open.labels.push(label);
    this.open.names.push(name);
    this.open.photos.push(photo);
    this.open.bytes += photo.length;
    this.images++;
    this.bytes += photo.length;
    if (this.open.bytes >= SHARD_BYTES) await this.close();
  }

  /**
   * Writes what is left.
   * @param labels the labels that are kept, in order: label `labels[i]` becomes i.
   * @returns the indexes that this changes.
   */
  async finish(labels: readonly number[]): Promise<ShardIndex[]> {
    if (this.open.photos.length > 0) await this.close();
    await this.writing;
    if (labels.every((label, i) => label === i)) return [];
    const renumbered = new Map(labels.map((label, i) => [label, i]));
    return this.indexes.map((index) => ({ ...index, labels: index.labels.map((label) => renumbered.get(label)!) }));
  }

  private async close(): Promise<void> {
    const { labels, names, photos, bytes } = this.open;
    this.open = empty();
    const shard = new Uint8Array(bytes);
    const offsets = new Uint32Array(photos.length);
    let at = 0;
    photos.forEach((photo, i) => {
      shard.set(photo, at);
      offsets[i] = at;
      at += photo.length;
    });
    const index: ShardIndex = {
      dataset: this.writer.id,
      shard: this.indexes.length,
      first: this.images - photos.length,
      labels: Uint16Array.from(labels),
      offsets,
      lengths: Uint32Array.from(photos, (photo) => photo.length),
      names,
    };
    this.indexes.push(index);
    const progress: ImportRecord = { ...this.progress(), id: this.writer.id, shards: this.indexes.length, images: this.images, bytes: this.bytes };
    await this.writing;
    this.writing = this.writer.add(shard.buffer, index, progress);
    // Met at the next await of it.
    this.writing.catch(() => {});
  }
}
