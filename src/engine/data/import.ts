import { writeDataset, type DatasetWriter } from '../storage/imports.js';
import type { DatasetRecord, Refusal } from '../storage/records.js';
import { WinnowError } from '../support/errors.js';
import { inspectImage } from './header.js';
import { ShardPacker, type Progress } from './packer.js';
import { openSource } from './sources/open.js';
import type { PhotoSource } from './sources/source.js';
import { MIN_PER_CLASS } from './split.js';
import type { ImportSource, OpenedFolder } from './types.js';

export const MAX_CLASSES = 1000;
const MAX_LISTED_REFUSALS = 1000;
const PROGRESS_INTERVAL_MS = 100;

export interface ImportProgress {
  /** Files looked at, refused ones included. */
  readonly done: number;
  readonly total: number;
  readonly refused: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

export interface ImportOptions {
  readonly signal?: AbortSignal;
  /** At most ten times a second, and at the end. */
  readonly onProgress?: (progress: ImportProgress) => void;
}

/**
 * Reads a source, leaves out what is no image, and stores the rest as a new dataset. Shards are stored as they fill, and the
 * record last: it either succeeds whole or leaves nothing behind. One that was cut off, by whatever ended its thread, goes on from its
 * last shard when the same files come again.
 * @throws 'no-images', 'one-class', 'class-too-small', 'too-many-classes', 'zip-broken', 'zip-unsafe', 'idx-broken', 'disk-short', 'disk-full', 'cancelled'
 */
export async function importDataset(source: ImportSource | OpenedFolder, { signal, onProgress }: ImportOptions = {}): Promise<DatasetRecord> {
  throwIfCancelled(signal);
  const opened = await openSource(source, signal);
  return writeDataset(opened.name, opened.fingerprint, opened.bytes, (writer) => new Import(opened, writer, signal, onProgress).run());
}

class Import {
  private readonly packer: ShardPacker;
  private readonly counts: number[];
  /** Files of each class that are still to come. */
  private readonly left: number[];
  private readonly refused: Refusal[];
  private refusedCount: number;
  private readonly begun: string;
  private readonly total: number;
  private done: number;
  /** Files that an import that was cut off had done. */
  private readonly before: number;
  private readonly started = performance.now();
  private told = 0;

  constructor(
    private readonly source: PhotoSource,
    private readonly writer: DatasetWriter,
    private readonly signal: AbortSignal | undefined,
    private readonly onProgress: ((progress: ImportProgress) => void) | undefined,
  ) {
    const cut = writer.cut?.progress;
    this.packer = new ShardPacker(writer, () => this.progress());
    this.counts = cut ? [...cut.counts] : source.classes.map(() => 0);
    this.left = cut ? [...cut.left] : [...source.counts];
    this.refused = cut ? [...cut.refused] : source.refused.slice(0, MAX_LISTED_REFUSALS);
    this.refusedCount = cut?.refusedCount ?? source.refused.length;
    this.begun = cut?.started ?? new Date().toISOString();
    this.before = this.done = cut?.done ?? 0;
    this.total = source.counts.reduce((sum, count) => sum + count, 0);
  }

  async run(): Promise<DatasetRecord> {
    for await (const file of this.source.files(this.before)) {
      throwIfCancelled(this.signal);
      const content = 'bytes' in file ? inspectImage(file.bytes) : file.refused;
      this.left[file.label]--;
      this.done++;
      if ('code' in content) this.refuse({ name: file.name, ...content });
      else this.counts[file.label]++;
      this.checkClass(file.label);
      if ('bytes' in file && !('code' in content)) await this.packer.add(file.label, file.name, file.bytes);
      this.tell();
    }
    const classes = this.found();
    if (classes.length === 0) throw new WinnowError('no-images', { source: this.source.name });
    if (classes.length === 1) throw new WinnowError('one-class', { class: this.source.classes[classes[0]] });
    const indexes = await this.packer.finish(classes);
    throwIfCancelled(this.signal);
    const record: DatasetRecord = {
      id: this.writer.id,
      name: this.source.name,
      created: new Date().toISOString(),
      source: this.source.kind,
      classes: classes.map((label) => this.source.classes[label]),
      counts: classes.map((label) => this.counts[label]),
      images: this.packer.images,
      bytes: this.packer.bytes,
      shards: this.packer.shards,
      refused: this.refused,
      refusedCount: this.refusedCount,
    };
    await this.writer.commit(record, indexes);
    this.tell(true);
    return record;
  }

  private progress(): Progress {
    const { done, total, counts, left, refused, refusedCount } = this;
    const { name, fingerprint } = this.source;
    return { name, fingerprint, started: this.begun, done, total, counts: [...counts], left: [...left], refused: [...refused], refusedCount };
  }

  private refuse(refusal: Refusal): void {
    this.refusedCount++;
    if (this.refused.length < MAX_LISTED_REFUSALS) this.refused.push(refusal);
  }

  /** As soon as it is certain that the set is of no use, so that nobody waits for the whole archive to hear it. */
  private checkClass(label: number): void {
    const name = this.source.classes[label];
    if (this.counts.length === 1 && this.counts[0] > 0) throw new WinnowError('one-class', { class: name });
    const count = this.counts[label];
    if (this.left[label] === 0 && count > 0 && count < MIN_PER_CLASS) throw new WinnowError('class-too-small', { class: name, count, least: MIN_PER_CLASS });
    if (this.counts.length > MAX_CLASSES) {
      const found = this.found().length;
      if (found > MAX_CLASSES) throw new WinnowError('too-many-classes', { count: found });
    }
  }

  /** Labels of the folders in which there was an image. */
  private found(): number[] {
    return this.counts.flatMap((count, label) => (count > 0 ? [label] : []));
  }

  private tell(last = false): void {
    const now = performance.now();
    if (!this.onProgress || (!last && now - this.told < PROGRESS_INTERVAL_MS)) return;
    this.told = now;
    const perSecond = (this.done - this.before) / Math.max((now - this.started) / 1000, 1e-3);
    this.onProgress({
      done: this.done,
      total: this.total,
      refused: this.refusedCount,
      imagesPerSecond: perSecond,
      secondsLeft: (this.total - this.done) / Math.max(perSecond, 1e-3),
    });
  }
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new WinnowError('cancelled');
}
