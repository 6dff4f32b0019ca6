import type { DatasetRecord, EpochRecord, RunRecord, RunResult } from '../../../src/engine/storage/records.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import { defaultSettings, type AdapterInfo, type RunSettings } from '../../../src/engine/support/settings.js';
import { LabStore } from '../../../src/ui/lab/store.js';
import type { LabConnection } from '../../../src/workers/connect.js';
import type { DataEvent, DuplicateGroup, ImportRecord, ImportSource, LabData, LayerMeasures, LightenResult, MapRequest, PaintedMaps, Photo, TrainerEvent, TrainerWorker, TrainingStart } from '../../../src/workers/contract.js';
import { until } from './fixture.js';

export const adapter: AdapterInfo = { backend: 'webgpu', vendor: 'acme', architecture: 'test-1', description: '', fallback: false, maxBufferBytes: 2 ** 30 };

export function dataset(part: Partial<DatasetRecord> = {}): DatasetRecord {
  return {
    id: 'rice', name: 'Rice, synthetic', created: '2026-11-01T10:00:00.000Z', source: 'synthetic',
    classes: ['Arborio', 'Basmati', 'Ipsala', 'Jasmine', 'Karacadag'], counts: [80, 80, 80, 80, 80], images: 400,
    bytes: 1_234_567, shards: 1, refused: [], refusedCount: 0, ...part,
  };
}

export const epoch = (number: number): EpochRecord => ({
  epoch: number, loss: 1.5 / number, accuracy: 1 - 0.5 / number, valLoss: 1.6 / number, valAccuracy: 1 - 0.6 / number, seconds: 2, imagesPerSecond: 160,
});

const interval = [0.7, 0.8] as const;
const kind = { accuracy: 0.75, interval };

export const result: RunResult = {
  bestEpoch: 3, stoppedEarly: false, restoredBest: true, train: { loss: 0.4, accuracy: 0.85 }, validation: { loss: 0.5, accuracy: 0.8 },
  test: { loss: null, accuracy: null, perturbed: { accuracy: 0.75, interval, byKind: { flip: kind, rotation: kind, zoom: kind, shift: kind, contrast: kind }, of: 'validation' } },
  confusion: Array.from({ length: 5 }, (_, row) => Array.from({ length: 5 }, (_, column) => (row === column ? 14 : column === (row + 1) % 5 ? 2 : 0))),
  latencyMs: 3.2, stepMs: 40, compileMs: 900, dataWaitShare: 0.05, peakGpuBytes: 40_000_000, predictedGpuBytes: 38_000_000, weightsSha256: 'ab'.repeat(32), undecodable: [],
};

export function run(part: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'run-1', dataset: 'rice', datasetName: 'Rice, synthetic', synthetic: true, classes: dataset().classes, created: '2026-11-01T11:00:00.000Z',
    settings: { ...defaultSettings, size: 32, epochs: 3 }, adapter, path: 'reference', split: { train: [64, 64, 64, 64, 64], validation: [16, 16, 16, 16, 16], test: [0, 0, 0, 0, 0] },
    history: [1, 2, 3].map(epoch), state: { kind: 'done', result }, parent: null, ...part,
  };
}

export async function photo(index: number, label: number, side = 64): Promise<Photo> {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, side, side);
  context.fillStyle = `hsl(${40 + label * 8} 40% ${70 + label * 4}%)`;
  context.ellipse(side / 2, side / 2, side * (0.2 + 0.04 * label), side * 0.12, label + index, 0, 7);
  context.fill();
  return { index, name: `photo (${index}).jpg`, label, bitmap: await createImageBitmap(canvas) };
}

async function paint(layer: string, maps: number): Promise<PaintedMaps> {
  const [tile, columns] = [16, 4];
  const canvas = new OffscreenCanvas(tile * columns, tile * Math.ceil(maps / columns));
  canvas.getContext('2d')!.fillRect(0, 0, 8, 8);
  return {
    layer, shape: [tile, tile, maps], bitmap: await createImageBitmap(canvas), columns, tile,
    activity: Array.from({ length: maps }, (_, map) => map / maps), dark: [0], probabilities: [0.6, 0.1, 0.1, 0.1, 0.1],
  };
}

interface Pending<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Workers that answer from memory. An import and a training stay open until the test ends them. */
export class FakeLab implements LabConnection {
  datasets: DatasetRecord[] = [];
  runs: RunRecord[] = [];
  readonly trained: { readonly settings: RunSettings; readonly start: TrainingStart | undefined }[] = [];
  readonly calls: string[] = [];
  readonly watched: (MapRequest | null)[] = [];
  epochs: number[] = [];
  /** Thrown by the next Grad-CAMs. */
  camError: WinnowError | null = null;
  readonly bitmaps: ImageBitmap[] = [];
  disposed = false;
  duplicates: DuplicateGroup[] = [{ images: [1, 3], exact: true }, { images: [10, 20, 21], exact: false }];

  cut: readonly ImportRecord[] = [];
  private importing: Pending<DatasetRecord> | null = null;
  /** A search that the test ends. */
  lightening: Pending<LightenResult> | null = null;
  /** A measuring of layers, which the test ends. */
  measuring: Pending<LayerMeasures[]> | null = null;
  private training: (Pending<RunRecord> & { readonly run: RunRecord }) | null = null;
  private readonly data$ = new Set<(event: DataEvent) => void>();
  private readonly trainer$ = new Set<(event: TrainerEvent) => void>();
  private readonly failure$ = new Set<(error: WinnowError) => void>();

  readonly data: LabData = {
    subscribe: async () => {},
    serveBatches: async () => {},
    importDataset: (job, source) => {
      this.calls.push(`import ${source.kind} ${job.length > 0}`);
      return new Promise((resolve, reject) => (this.importing = { resolve, reject }));
    },
    cancelImport: async () => this.importing?.reject(new WinnowError('cancelled')),
    listDatasets: async () => this.datasets,
    deleteDataset: async (id) => {
      this.calls.push(`delete ${id}`);
      this.datasets = this.datasets.filter((each) => each.id !== id);
      this.runs = this.runs.filter((each) => each.dataset !== id);
    },
    cutImports: async () => [...this.cut],
    discardImport: async (id) => {
      this.calls.push(`discard ${id}`);
      this.cut = this.cut.filter((each) => each.id !== id);
    },
    pixels: async (_, size) => ({ kept: false, bytes: 400 * size * size * 3, photos: 0 }),
    keepPixels: async (_, size, keep) => {
      this.calls.push(`keep ${size} ${keep}`);
      return { kept: keep, bytes: 400 * size * size * 3, photos: 0 };
    },
    storage: async () => ({ usedBytes: 1.5e9, quotaBytes: 60e9 }),
    samples: async (id, count, side) => {
      const classes = this.datasets.find((each) => each.id === id)!.classes.length;
      return this.kept(await Promise.all(Array.from({ length: classes * count }, (_, index) => photo(index, Math.floor(index / count), side))));
    },
    photos: async (_, indices, side) => this.kept(await Promise.all(indices.map((index) => photo(index, index % 5, side)))),
    labels: async (id) => Uint16Array.from({ length: this.datasets.find((each) => each.id === id)!.images }, (_, index) => index % 5),
    parts: async ({ dataset: id, validationShare }) => {
      this.calls.push(`split ${validationShare}`);
      return Uint8Array.from({ length: this.datasets.find((each) => each.id === id)!.images }, (_, index) => Number(index % 10 < 10 * validationShare));
    },
    augmented: async (_, index, side, __, epochs) => {
      const photos = await Promise.all([0, ...epochs].map(() => photo(index, index % 5, side)));
      return this.kept(photos).map(({ bitmap }) => bitmap);
    },
    findDuplicates: async (_, id) => {
      this.calls.push(`duplicates of ${id}`);
      return this.duplicates;
    },
    photo: async (_, index, side) => this.kept([await photo(index, index % 5, side)])[0],
  };

  readonly trainer: TrainerWorker = {
    subscribe: async () => {},
    connectData: async () => {},
    probe: async () => adapter,
    predictMemory: async (wanted) => wanted.map(({ arch, size, batch }) => (arch === 'vgg16' ? null : size * size * batch * 100)),
    measureSpeed: async ({ arch }) => {
      this.calls.push(`measure ${arch}`);
      return { stepMs: 50, predictMs: 20 };
    },
    resumeRun: (id) => {
      this.calls.push(`resume ${id}`);
      const resumed = { ...this.runs.find((each) => each.id === id)!, state: { kind: 'running' } } as const;
      return new Promise((resolve, reject) => {
        this.training = { resolve, reject, run: resumed };
        this.sayTrainer({ type: 'run', run: resumed });
      });
    },
    train: (id, settings, start) => {
      this.trained.push({ settings, start });
      this.calls.push(`train ${settings.arch} on ${id}`);
      const started = run({ id: `run-${this.runs.length + 1}`, dataset: id, settings, history: [], state: { kind: 'running' }, created: new Date().toISOString() });
      this.runs.push(started);
      return new Promise((resolve, reject) => {
        this.training = { resolve, reject, run: started };
        this.sayTrainer({ type: 'run', run: started });
      });
    },
    evaluate: () => Promise.reject(new WinnowError('call-invalid', { why: 'the page does not evaluate' })),
    lighten: (id, request) => {
      this.calls.push(`lighten ${id} ${JSON.stringify(request)}`);
      return new Promise((resolve, reject) => (this.lightening = { resolve, reject }));
    },
    adopt: () => Promise.reject(new WinnowError('call-invalid', { why: 'the page does not adopt' })),
    measureLayers: (id) => {
      this.calls.push(`measure layers of ${id}`);
      return new Promise((resolve, reject) => (this.measuring = { resolve, reject }));
    },
    pause: async () => void this.calls.push('pause'),
    resume: async () => void this.calls.push('resume'),
    stop: async () => {
      this.calls.push('stop');
      this.measuring?.reject(new WinnowError('cancelled'));
      this.endTraining({ state: { kind: 'stopped', result: null } });
    },
    listRuns: async () => this.runs,
    deleteRun: async (id) => void (this.runs = this.runs.filter((each) => each.id !== id)),
    featureMaps: async ({ layer, photo: index }) => {
      this.calls.push(`maps ${layer} of ${index}`);
      const maps = await paint(layer, 8);
      this.bitmaps.push(maps.bitmap);
      return maps;
    },
    filterWeights: async ({ layer }) => {
      const { bitmap } = await paint(layer, 8);
      this.bitmaps.push(bitmap);
      return { layer, bitmap, columns: 4, tile: 16, channels: 3, channel: null, norms: [1, 2, 3, 4, 5, 6, 7, 8] };
    },
    gradCam: async ({ layer, label }) => {
      if (this.camError) throw this.camError;
      const { bitmap } = await paint(layer, 1);
      this.bitmaps.push(bitmap);
      return { layer, label, peak: 1, height: 4, width: 4, bitmap };
    },
    silence: async (_, photos) => ({ photos, layers: [{ layer: 'conv2d', kind: 'filters', zeroPhotos: [1, 0, 0, 0, 0, 0, 0, 0], zeroPlaces: [1, 0, 0, 0, 0, 0, 0, 0] }] }),
    epochs: async () => this.epochs,
    watch: async (request) => void this.watched.push(request),
    exportModel: async () => new Uint8Array([80, 75, 5, 6]),
  };

  sayData(event: DataEvent): void {
    for (const listener of this.data$) listener(event);
  }

  sayTrainer(event: TrainerEvent): void {
    for (const listener of this.trainer$) listener(event);
  }

  async sayMaps(id: string, number: number, layer: string): Promise<void> {
    const maps = await paint(layer, 8);
    this.bitmaps.push(maps.bitmap);
    this.sayTrainer({ type: 'maps', run: id, epoch: number, maps });
  }

  finishImport(record: DatasetRecord): void {
    this.datasets.push(record);
    this.importing?.resolve(record);
  }

  failImport(error: WinnowError): void {
    this.importing?.reject(error);
  }

  endTraining(part: Partial<RunRecord>): void {
    if (!this.training) return;
    const ended = { ...this.training.run, ...part };
    this.runs = this.runs.map((each) => (each.id === ended.id ? ended : each));
    this.sayTrainer({ type: 'run', run: ended });
    this.training.resolve(ended);
  }

  failTraining(error: WinnowError): void {
    this.training?.reject(error);
  }

  fail(error: WinnowError): void {
    for (const listener of this.failure$) listener(error);
  }

  onData(listener: (event: DataEvent) => void): () => void {
    this.data$.add(listener);
    return () => this.data$.delete(listener);
  }

  onTrainer(listener: (event: TrainerEvent) => void): () => void {
    this.trainer$.add(listener);
    return () => this.trainer$.delete(listener);
  }

  onFailure(listener: (error: WinnowError) => void): () => void {
    this.failure$.add(listener);
    return () => this.failure$.delete(listener);
  }

  dispose(): void {
    this.disposed = true;
  }

  private kept(photos: Photo[]): Photo[] {
    this.bitmaps.push(...photos.map(({ bitmap }) => bitmap));
    return photos;
  }
}

/** A store over these workers that has read what is stored and knows its adapter. */
export async function startedStore(lab: FakeLab): Promise<LabStore> {
  const store = new LabStore(async () => lab);
  await store.start();
  await until(() => store.state.adapter !== null, 'the adapter is known');
  return store;
}

export const settings = (arch: string): RunSettings => ({ ...defaultSettings, arch, size: 32, epochs: 3 });
export const synthetic: ImportSource = { kind: 'synthetic', images: 400, seed: 1 };
