import { importDataset } from '../../src/engine/data/import.js';
import { ShardReader, StoredDataset } from '../../src/engine/data/shards.js';
import type { BatchSource, SplitSpec } from '../../src/engine/data/types.js';
import { batches } from '../../src/engine/training/stream.js';
import { deleteDataset } from '../../src/engine/storage/datasets.js';
import { defaultSettings } from '../../src/engine/support/settings.js';
import { connectLab, startDataWorker } from '../../src/workers/connect.js';
import { spareCores } from '../../src/workers/decoders.js';
import { remote } from '../../src/workers/line.js';
import type { SuiteOptions } from '../page.js';
import { summarise } from '../step/measure.js';
import type { Timing } from '../step/types.js';

const SIZE = 224;
const BATCH = 32;

export interface LoaderResult {
  readonly suite: 'loader';
  readonly created: string;
  readonly quick: boolean;
  readonly size: number;
  readonly photos: number;
  readonly threads: number;
  /** Photos a second, of rounds turn by turn. */
  readonly bare: Timing;
  readonly loader: Timing;
  /** Of the bare rate; of the medians. */
  readonly share: number;
  /** A second epoch, whose pixels are still held in memory as far as they fit. */
  readonly second: Timing;
  /** With decoded pixels kept on the disk, all of them there, none in memory yet; and what they take. */
  readonly kept: Timing;
  readonly keptBytes: number;
  readonly training: { readonly model: string; readonly batch: number; readonly steps: number; readonly stepMs: number; readonly dataWaitShare: number };
}

/** How fast photos of 250 pixels become batches at 224, against the browser's own decode; and what a training waits for them. */
export async function runLoaderSuite({ quick, report }: SuiteOptions): Promise<LoaderResult> {
  const photos = quick ? 640 : 2560;
  const rounds = quick ? 3 : 5;
  report(`drawing ${photos} photos`);
  const dataset = await importDataset({ kind: 'synthetic', images: photos, seed: 1 });
  const threads = spareCores();
  try {
    const bytes = await allPhotos(dataset.id, photos);
    const rates: Record<'bare' | 'loader' | 'second', number[]> = { bare: [], loader: [], second: [] };
    // The first round warms the browser up.
    for (let round = 0; round <= rounds; round++) {
      const bare = await timeBare(bytes, threads);
      const loader = await timeLoader({ dataset: dataset.id, seed: round, validationShare: 2 / photos, testShare: 0, limit: null });
      if (round === 0) continue;
      rates.bare.push(bare);
      rates.loader.push(loader.first);
      rates.second.push(loader.second);
      report(`bare ${bare.toFixed(0)}, loader ${loader.first.toFixed(0)}, its second epoch ${loader.second.toFixed(0)} photos a second`);
    }
    const [bare, loader, second] = [rates.bare, rates.loader, rates.second].map(summarise);
    const { rates: keptRates, bytes: keptBytes } = await timeKept({ dataset: dataset.id, seed: 1, validationShare: 2 / photos, testShare: 0, limit: null }, rounds);
    const kept = summarise(keptRates);
    report(`kept on the disk ${kept.median.toFixed(0)} photos a second`);
    const training = await train(dataset.id, quick ? 320 : 960, report);
    return { suite: 'loader', created: new Date().toISOString(), quick, size: SIZE, photos, threads, bare, loader, share: loader.median / bare.median, second, kept, keptBytes, training };
  } finally {
    await deleteDataset(dataset.id);
  }
}

async function allPhotos(dataset: string, count: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const reader = new ShardReader(await StoredDataset.open(dataset));
  const photos: Uint8Array<ArrayBuffer>[] = [];
  for (let index = 0; index < count; index++) photos.push((await reader.read(index)).bytes.slice());
  return photos;
}

async function timeBare(photos: readonly Uint8Array<ArrayBuffer>[], threads: number): Promise<number> {
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./bare.worker.ts', import.meta.url), { type: 'module' }));
  const decode = (worker: Worker, part: readonly Uint8Array<ArrayBuffer>[]) =>
    new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage({ photos: part, size: SIZE });
    });
  // A few first, so that no script loads while the clock runs.
  await Promise.all(workers.map((worker) => decode(worker, photos.slice(0, 16))));
  const begun = performance.now();
  await Promise.all(workers.map((worker, i) => decode(worker, photos.filter((_, at) => at % threads === i))));
  const seconds = (performance.now() - begun) / 1000;
  workers.forEach((worker) => worker.terminate());
  return photos.length / seconds;
}

/** Photos a second of an epoch from the first batch on, as the trainer asks for them; then of a second. A worker of its own, so that nothing is held yet. */
async function timeLoader(split: SplitSpec): Promise<{ first: number; second: number }> {
  const { api, terminate } = startDataWorker();
  const { port1, port2 } = new MessageChannel();
  await api.serveBatches(port1);
  const source = remote<BatchSource>(port2);
  const images = (await source.split(split)).train.reduce((sum, count) => sum + count, 0);
  const epoch = async (number: number): Promise<number> => {
    const stream = batches(source, { split, part: 'train', size: SIZE, batch: BATCH, epoch: number, perturb: null }, images);
    await stream.next();
    const begun = performance.now();
    let photos = 0;
    for await (const batch of stream) photos += batch.size;
    return (photos * 1000) / (performance.now() - begun);
  };
  const rates = { first: await epoch(1), second: await epoch(2) };
  terminate();
  port2.close();
  return rates;
}

/** Kept on the disk by a first round that is not counted; each round has a worker of its own, which holds nothing in memory. */
async function timeKept(split: SplitSpec, rounds: number): Promise<{ rates: number[]; bytes: number }> {
  const { api, terminate } = startDataWorker();
  const { bytes } = await api.keepPixels(split.dataset, SIZE, true);
  terminate();
  await timeLoader(split);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) rates.push((await timeLoader(split)).first);
  return { rates, bytes };
}

async function train(dataset: string, images: number, report: (line: string) => void): Promise<LoaderResult['training']> {
  const lab = await connectLab();
  const batch = 16;
  report(`training cnn-light on ${images} photos`);
  const run = await lab.trainer.train(dataset, { ...defaultSettings, arch: 'cnn-light', size: SIZE, batch, epochs: 2, limit: images });
  const result = run.state.kind === 'done' ? run.state.result : null;
  await lab.trainer.deleteRun(run.id);
  lab.dispose();
  if (!result) throw new Error(`the training ended as ${run.state.kind}`);
  return { model: 'cnn-light', batch, steps: run.history.length * Math.ceil(run.split.train.reduce((sum, count) => sum + count, 0) / batch), stepMs: result.stepMs, dataWaitShare: result.dataWaitShare };
}
