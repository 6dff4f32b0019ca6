/** Entry of the data worker: the one thread that reads, stores and decodes photos. */
import { augment } from '../engine/data/augment.js';
import { findDuplicates } from '../engine/data/duplicates.js';
import { importDataset } from '../engine/data/import.js';
import { Loader } from '../engine/data/loader.js';
import type { BatchSource, SplitSpec } from '../engine/data/types.js';
import { deleteDataset, getDataset, listDatasets } from '../engine/storage/datasets.js';
import { discardImport, listCutImports, sweepImports } from '../engine/storage/imports.js';
import { dropPixels, keepPixels, keptSizes, pixelBytes, sweepPixels } from '../engine/storage/pixels.js';
import { storageUsage, type StorageUsage } from '../engine/storage/usage.js';
import type { DatasetRecord, ImportRecord } from '../engine/storage/records.js';
import { hasCode, WinnowError } from '../engine/support/errors.js';
import type { AugmentSettings } from '../engine/support/settings.js';
import { batchChecks, dataChecks } from './checks.js';
import { DECODER, Decoders, decoding, decodingChecks } from './decoders.js';
import { folderOver } from './folder.js';
import { serve, transfer } from './line.js';
import type { DataEvent, DataWorker, KeptPixels, DuplicateGroup, Photo, SentSource } from './contract.js';

class Data implements DataWorker {
  private events: MessagePort | null = null;
  private readonly loader = new Loader(new Decoders());
  private readonly jobs = new Map<string, AbortController>();

  async subscribe(port: MessagePort): Promise<void> {
    this.events = port;
  }

  async serveBatches(port: MessagePort): Promise<void> {
    const { loader } = this;
    const source: BatchSource = {
      split: (spec) => loader.split(spec),
      async batch(spec, step) {
        const batch = await loader.batch(spec, step);
        return transfer(batch, [batch.pixels.buffer, batch.labels.buffer, batch.indices.buffer]);
      },
      names: (dataset, indices) => loader.names(dataset, indices),
      async pixels(dataset, index, size) {
        const pixels = await loader.pixels(dataset, index, size);
        return transfer(pixels, [pixels.buffer]);
      },
    };
    serve(source, batchChecks, port);
  }

  async importDataset(job: string, sent: SentSource, reads?: MessagePort): Promise<DatasetRecord> {
    const source = sent.kind === 'folder' ? { kind: 'opened-folder' as const, files: folderOver(portOf(reads), sent.name, sent.paths) } : sent;
    const dataset = await this.cancellable(job, (signal) => importDataset(source, { signal, onProgress: (progress) => this.send({ type: 'import-progress', job, ...progress }) }));
    this.send({ type: 'datasets-changed' });
    return dataset;
  }

  async cancelImport(job: string): Promise<void> {
    this.jobs.get(job)?.abort();
  }

  listDatasets(): Promise<DatasetRecord[]> {
    return listDatasets();
  }

  async deleteDataset(id: string): Promise<void> {
    await deleteDataset(id);
    await this.loader.forget(id);
    await dropPixels(id);
    this.send({ type: 'datasets-changed' });
  }

  cutImports(): Promise<ImportRecord[]> {
    return listCutImports();
  }

  async discardImport(id: string): Promise<void> {
    await discardImport(id);
    this.send({ type: 'datasets-changed' });
  }

  async pixels(dataset: string, size: number): Promise<KeptPixels> {
    const { images } = await getDataset(dataset);
    const kept = (await keptSizes(dataset)).includes(size);
    return { kept, bytes: pixelBytes(images, size), photos: kept ? ((await this.loader.heldPixels(dataset, size)) ?? 0) : 0 };
  }

  async keepPixels(dataset: string, size: number, keep: boolean): Promise<KeptPixels> {
    const { name, images } = await getDataset(dataset);
    await this.loader.forgetPixels(dataset);
    if (keep) await keepPixels(dataset, name, size, images);
    else await dropPixels(dataset, size);
    return this.pixels(dataset, size);
  }

  storage(): Promise<StorageUsage> {
    return storageUsage();
  }

  async findDuplicates(job: string, dataset: string): Promise<DuplicateGroup[]> {
    return this.cancellable(job, async (signal) => {
      const { images } = await getDataset(dataset);
      return findDuplicates({
        images,
        read: (index) => this.loader.bytes(dataset, index),
        pixels: (index, side) => this.loader.pixels(dataset, index, side),
        signal,
        onProgress: (progress) => this.send({ type: 'duplicates-progress', job, ...progress }),
      });
    });
  }

  async labels(dataset: string): Promise<Uint16Array<ArrayBuffer>> {
    const labels = await this.loader.labels(dataset);
    return transfer(labels, [labels.buffer]);
  }

  async parts(split: SplitSpec): Promise<Uint8Array<ArrayBuffer>> {
    const parts = await this.loader.parts(split);
    return transfer(parts, [parts.buffer]);
  }

  async photos(dataset: string, indices: readonly number[], side: number): Promise<Photo[]> {
    const drawn = await Promise.all(indices.map((index) => this.loader.photo(dataset, index, side).catch(unlessBroken)));
    const photos = drawn.filter((photo) => photo !== null);
    return transfer(photos, photos.map(({ bitmap }) => bitmap));
  }

  async augmented(dataset: string, index: number, side: number, { seed, settings }: { readonly seed: number; readonly settings: AugmentSettings }, epochs: readonly number[]): Promise<ImageBitmap[]> {
    const pixels = await this.loader.pixels(dataset, index, side);
    const bitmaps = await Promise.all([pixels, ...epochs.map((epoch) => augment(pixels, side, settings, seed, epoch, index))].map((shown) => bitmapOf(shown, side)));
    return transfer(bitmaps, bitmaps);
  }

  async samples(dataset: string, count: number, side: number): Promise<Photo[]> {
    const photos = await this.loader.samples(dataset, count, side);
    return transfer(photos, photos.map(({ bitmap }) => bitmap));
  }

  async photo(dataset: string, index: number, side: number): Promise<Photo> {
    const photo = await this.loader.photo(dataset, index, side);
    return transfer(photo, [photo.bitmap]);
  }

  /** {@link cancelImport} aborts the signal. */
  private async cancellable<T>(job: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const cancel = new AbortController();
    this.jobs.set(job, cancel);
    try {
      return await work(cancel.signal);
    } finally {
      this.jobs.delete(job);
    }
  }

  private send(event: DataEvent): void {
    this.events?.postMessage(event);
  }
}

function portOf(reads: MessagePort | undefined): MessagePort {
  if (!reads) throw new WinnowError('call-invalid', { why: 'A folder came without a port to read it over' });
  return reads;
}

/** A photo that passed the header check and does not decode is left out of what is shown. */
function unlessBroken(error: unknown): null {
  if (hasCode(error, 'image-broken')) return null;
  throw error;
}

/** @param pixels uint8 RGB, side x side x 3. */
function bitmapOf(pixels: Uint8Array, side: number): Promise<ImageBitmap> {
  const image = new ImageData(side, side);
  for (let at = 0, from = 0; from < pixels.length; at += 4, from += 3) {
    image.data.set(pixels.subarray(from, from + 3), at);
    image.data[at + 3] = 255;
  }
  return createImageBitmap(image);
}

// One script for both: wherever the data worker came from, its decoding threads come from there too.
if (self.name === DECODER) serve(decoding, decodingChecks);
else {
  serve(new Data(), dataChecks);
  // What a tab left that was closed long ago. A failure here stops nobody: the next start tries again.
  sweepImports().catch(() => {});
  sweepPixels().catch(() => {});
}
