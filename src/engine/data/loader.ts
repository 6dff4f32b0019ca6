import { hasCode, WinnowError } from '../support/errors.js';
import { augment } from './augment.js';
import { decodeHere, type Decoder } from './decode.js';
import { inspectImage } from './header.js';
import { epochOrder } from './order.js';
import { perturb } from './perturb.js';
import { PixelFile } from '../storage/pixels.js';
import { KeptPixels, PixelCache } from './pixel-cache.js';
import { ShardReader, StoredDataset } from './shards.js';
import { countByClass, splitLabels, type Split } from './split.js';
import { splitNames, type BatchSource, type LoadedBatch, type SplitSpec, type StreamSpec } from './types.js';

/** Batches decoded ahead of the one that was asked for. */
const AHEAD = 2;
/** A validation and the epoch after it, whose first batches are decoded meanwhile, and what else is evaluated between them. A stream that has ended holds nothing. */
const MAX_STREAMS = 3;
const MAX_DATASETS = 2;
const MAX_SPLITS = 8;
/** Such a photo takes 32 MB while it is resized; the most that come in, 160. */
const LARGE_PIXELS = 8e6;

interface OpenDataset {
  readonly stored: StoredDataset;
  readonly reader: ShardReader;
}

interface Stream {
  readonly dataset: OpenDataset;
  readonly decoded: PixelCache | KeptPixels;
  readonly order: Uint32Array;
  /** By step; handed out once. */
  readonly ready: Map<number, Promise<LoadedBatch>>;
}

interface LoadedPhoto {
  readonly index: number;
  readonly name: string;
  /** null where it does not decode. */
  readonly pixels: Uint8Array | null;
}

/** A photo for showing. The taker closes the bitmap. */
export interface DrawnPhoto {
  readonly index: number;
  readonly name: string;
  readonly label: number;
  readonly bitmap: ImageBitmap;
}

/** Reads stored datasets: batches for training, photos for showing. */
export class Loader implements BatchSource {
  private readonly datasets = new Memo<OpenDataset>(MAX_DATASETS);
  private readonly splits = new Memo<Split>(MAX_SPLITS);
  private readonly streams = new Memo<Stream>(MAX_STREAMS);
  /** Of the dataset and size streamed last: training and validation share it. */
  private readonly decoded = new Memo<PixelCache | KeptPixels>(1, (pixels) => pixels.close());
  private readonly gate: Gate;

  constructor(private readonly decoder: Decoder = decodeHere) {
    this.gate = new Gate(decoder.inFlight);
  }

  async split(spec: SplitSpec): ReturnType<BatchSource['split']> {
    const [{ stored }, split] = await Promise.all([this.dataset(spec.dataset), this.splitOf(spec)]);
    const count = (part: Uint32Array) => countByClass(part, stored.labels, stored.record.classes.length);
    return { dataset: stored.record, train: count(split.train), validation: count(split.validation), test: count(split.test) };
  }

  async batch(spec: StreamSpec, step: number): Promise<LoadedBatch> {
    const stream = await this.streams.get(JSON.stringify(spec), () => this.openStream(spec));
    const steps = Math.ceil(stream.order.length / spec.batch);
    if (!(step >= 0 && step < steps)) throw new RangeError(`step ${step} of ${steps}`);
    const batch = this.begin(stream, spec, step);
    for (let next = step + 1; next < Math.min(step + 1 + AHEAD, steps); next++) void this.begin(stream, spec, next);
    for (const other of stream.ready.keys()) if (other <= step || other > step + AHEAD) stream.ready.delete(other);
    return batch;
  }

  /** The class of every photo. */
  async labels(dataset: string): Promise<Uint16Array<ArrayBuffer>> {
    return (await this.dataset(dataset)).stored.labels.slice();
  }

  /** The part that every photo is in, an index of {@link splitNames}; 255 where a limit leaves it out. Throws as {@link split}. */
  async parts(spec: SplitSpec): Promise<Uint8Array<ArrayBuffer>> {
    const [{ stored }, split] = await Promise.all([this.dataset(spec.dataset), this.splitOf(spec)]);
    const parts = new Uint8Array(stored.labels.length).fill(255);
    splitNames.forEach((name, part) => split[name].forEach((index) => (parts[index] = part)));
    return parts;
  }

  /** The encoded bytes of a photo. */
  async bytes(dataset: string, index: number): Promise<Uint8Array<ArrayBuffer>> {
    return (await (await this.dataset(dataset)).reader.read(index)).bytes;
  }

  async names(dataset: string, indices: readonly number[]): Promise<string[]> {
    const { stored } = await this.dataset(dataset);
    return indices.map((index) => stored.place(index).name);
  }

  async pixels(dataset: string, index: number, size: number): Promise<Uint8Array<ArrayBuffer>> {
    const { reader } = await this.dataset(dataset);
    const { bytes, name } = await reader.read(index);
    return this.gate.pass(isLarge(bytes), () => decodable(name, this.decoder.pixels(bytes, size)));
  }

  /** @throws 'dataset-missing', 'image-broken' */
  async photo(dataset: string, index: number, side: number): Promise<DrawnPhoto> {
    const { stored, reader } = await this.dataset(dataset);
    const { bytes, name } = await reader.read(index);
    const bitmap = await this.gate.pass(isLarge(bytes), () => decodable(name, this.decoder.draw(bytes, side)));
    return { index, name, label: stored.labels[index], bitmap };
  }

  /** The first `count` photos of each class that decode, class by class. @throws 'dataset-missing' */
  async samples(dataset: string, count: number, side: number): Promise<DrawnPhoto[]> {
    const { stored } = await this.dataset(dataset);
    const ofClass = async (label: number) => {
      const photos: DrawnPhoto[] = [];
      for (let index = stored.labels.indexOf(label); index >= 0 && photos.length < count; index = stored.labels.indexOf(label, index + 1)) {
        try {
          photos.push(await this.photo(dataset, index, side));
        } catch (error) {
          if (!hasCode(error, 'image-broken')) throw error;
        }
      }
      return photos;
    };
    return (await Promise.all(stored.record.classes.map((_, label) => ofClass(label)))).flat();
  }

  /** Lets go of what is held of a dataset that was deleted. */
  async forget(dataset: string): Promise<void> {
    await Promise.all([this.datasets.clear((key) => key === dataset), this.splits.clear((key) => key.includes(dataset)), this.forgetPixels(dataset)]);
  }

  /** Lets go of a dataset's decoded photos, so that what is kept of them on the disk can be changed. */
  async forgetPixels(dataset: string): Promise<void> {
    await Promise.all([this.streams.clear((key) => key.includes(dataset)), this.decoded.clear((key) => key.includes(dataset))]);
  }

  /** Photos whose pixels are on the disk, where they are kept; null where none are. Opens what is kept. */
  async heldPixels(dataset: string, size: number): Promise<number | null> {
    const pixels = await this.pixelsOf(dataset, size);
    return pixels instanceof KeptPixels ? pixels.file.held : null;
  }

  private pixelsOf(dataset: string, size: number): Promise<PixelCache | KeptPixels> {
    return this.decoded.get(`${dataset} ${size}`, async () => {
      const { stored } = await this.dataset(dataset);
      const file = await PixelFile.open(dataset, size, stored.record.images);
      return file ? new KeptPixels(file) : new PixelCache();
    });
  }

  private dataset(id: string): Promise<OpenDataset> {
    return this.datasets.get(id, async () => {
      const stored = await StoredDataset.open(id);
      return { stored, reader: new ShardReader(stored) };
    });
  }

  private splitOf(spec: SplitSpec): Promise<Split> {
    return this.splits.get(JSON.stringify(spec), async () => {
      const { stored } = await this.dataset(spec.dataset);
      return splitLabels(stored.labels, stored.record.classes, spec);
    });
  }

  private async openStream(spec: StreamSpec): Promise<Stream> {
    const [dataset, split, decoded] = await Promise.all([
      this.dataset(spec.split.dataset),
      this.splitOf(spec.split),
      this.pixelsOf(spec.split.dataset, spec.size),
    ]);
    const part = split[spec.part];
    const order = spec.epoch === null ? part : epochOrder(part, dataset.stored.firsts, spec.split.seed, spec.epoch);
    return { dataset, decoded, order, ready: new Map() };
  }

  private begin(stream: Stream, spec: StreamSpec, step: number): Promise<LoadedBatch> {
    const begun = stream.ready.get(step);
    if (begun) return begun;
    const batch = this.load(stream, stream.order.subarray(step * spec.batch, (step + 1) * spec.batch), spec);
    batch.catch(() => stream.ready.delete(step));
    stream.ready.set(step, batch);
    return batch;
  }

  private async load(stream: Stream, indices: Uint32Array, spec: StreamSpec): Promise<LoadedBatch> {
    const { stored } = stream.dataset;
    const photos = await Promise.all(Array.from(indices, (index) => this.loadPhoto(stream, index, spec)));
    const decoded = photos.filter((photo) => photo.pixels !== null);
    const imageValues = spec.size * spec.size * 3;
    const pixels = new Uint8Array(decoded.length * imageValues);
    decoded.forEach((photo, i) => pixels.set(photo.pixels!, i * imageValues));
    const kept = Uint32Array.from(decoded, ({ index }) => index);
    return {
      size: decoded.length,
      pixels,
      labels: Uint16Array.from(kept, (index) => stored.labels[index]),
      indices: kept,
      undecodable: photos.flatMap(({ pixels, name }) => (pixels === null ? [name] : [])),
    };
  }

  private async loadPhoto({ dataset, decoded }: Stream, index: number, spec: StreamSpec): Promise<LoadedPhoto> {
    const { size } = spec;
    let pixels = decoded.get(index);
    if (pixels === undefined) {
      const { bytes } = await dataset.reader.read(index);
      pixels = await this.gate.pass(isLarge(bytes), () => this.decoder.pixels(bytes, size).catch(() => null));
      decoded.set(index, pixels);
    }
    return { index, name: dataset.stored.place(index).name, pixels: pixels && changed(pixels, index, spec) };
  }
}

function isLarge(photo: Uint8Array): boolean {
  const header = inspectImage(photo);
  return 'width' in header && header.width * header.height > LARGE_PIXELS;
}

function changed(pixels: Uint8Array, index: number, { size, split, perturb: kind, strengths, perturbSeed, epoch, augment: augmentation }: StreamSpec): Uint8Array {
  if (kind !== null) return perturb(pixels, size, kind, perturbSeed ?? split.seed, index, strengths);
  if (augmentation && epoch !== null) return augment(pixels, size, augmentation.settings, augmentation.seed, epoch, index);
  return pixels;
}

function decodable<T>(source: string, decoding: Promise<T>): Promise<T> {
  return decoding.catch((error: unknown) => {
    throw new WinnowError('image-broken', { source }, { cause: error });
  });
}

/** The results asked for last; a failure is not kept. */
class Memo<T> {
  private readonly held = new Map<string, Promise<T>>();

  /** @param dropped is given what is no longer held. */
  constructor(
    private readonly most: number,
    private readonly dropped: (result: T) => void = () => {},
  ) {}

  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.held.get(key);
    this.held.delete(key);
    const result = known ?? make();
    this.held.set(key, result);
    if (!known) result.catch(() => this.held.get(key) === result && this.held.delete(key));
    if (this.held.size > this.most) void this.drop(this.held.keys().next().value!);
    return result;
  }

  /** Resolves when all of it has been dropped. */
  async clear(matches: (key: string) => boolean): Promise<void> {
    await Promise.all([...this.held.keys()].filter(matches).map((key) => this.drop(key)));
  }

  private async drop(key: string): Promise<void> {
    const result = this.held.get(key);
    this.held.delete(key);
    await result?.then(this.dropped, () => {});
  }
}

/** Lets so much through at a time, first come first served. */
class Gate {
  private readonly waiting: { readonly weight: number; readonly go: () => void }[] = [];
  private free: number;

  constructor(private readonly room: number) {
    this.free = room;
  }

  /** @param large two of them fill it. */
  async pass<T>(large: boolean, work: () => Promise<T>): Promise<T> {
    const weight = large ? Math.ceil(this.room / 2) : 1;
    if (this.waiting.length === 0 && this.free >= weight) this.free -= weight;
    else await new Promise<void>((go) => this.waiting.push({ weight, go }));
    try {
      return await work();
    } finally {
      this.free += weight;
      while (this.waiting.length > 0 && this.free >= this.waiting[0].weight) {
        const next = this.waiting.shift()!;
        this.free -= next.weight;
        next.go();
      }
    }
  }
}
