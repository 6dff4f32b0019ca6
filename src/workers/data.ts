/** Entry of the data worker: the one thread that reads, stores and decodes photos. */
import { importDataset } from '../engine/data/import.js';
import { Loader } from '../engine/data/loader.js';
import type { BatchSource } from '../engine/data/types.js';
import { deleteDataset, listDatasets, sweepDatasets } from '../engine/storage/datasets.js';
import type { DatasetRecord } from '../engine/storage/records.js';
import { serve, transfer } from './line.js';
import type { DataEvent, DataWorker, ImportSource, Photo } from './contract.js';

class Data implements DataWorker {
  private events: MessagePort | null = null;
  private readonly loader = new Loader();
  private readonly imports = new Map<string, AbortController>();

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
    serve(source, port);
  }

  async importDataset(job: string, source: ImportSource): Promise<DatasetRecord> {
    const cancel = new AbortController();
    this.imports.set(job, cancel);
    try {
      const dataset = await importDataset(source, { signal: cancel.signal, onProgress: (progress) => this.send({ type: 'import-progress', job, ...progress }) });
      this.send({ type: 'datasets-changed' });
      return dataset;
    } finally {
      this.imports.delete(job);
    }
  }

  async cancelImport(job: string): Promise<void> {
    this.imports.get(job)?.abort();
  }

  listDatasets(): Promise<DatasetRecord[]> {
    return listDatasets();
  }

  async deleteDataset(id: string): Promise<void> {
    await deleteDataset(id);
    this.loader.forget(id);
    this.send({ type: 'datasets-changed' });
  }

  async samples(dataset: string, count: number, side: number): Promise<Photo[]> {
    const photos = await this.loader.samples(dataset, count, side);
    return transfer(photos, photos.map(({ bitmap }) => bitmap));
  }

  async photo(dataset: string, index: number, side: number): Promise<Photo> {
    const photo = await this.loader.photo(dataset, index, side);
    return transfer(photo, [photo.bitmap]);
  }

  private send(event: DataEvent): void {
    this.events?.postMessage(event);
  }
}

serve(new Data());
// Imports that a closed tab cut off. A failure here stops nobody: the next start tries again.
sweepDatasets().catch(() => {});
