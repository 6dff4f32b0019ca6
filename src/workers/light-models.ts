/** Makes lighter models: trains, judges, measures and stores them. What to make is lightening.ts's to say. */
import { graphOfRun } from '../engine/architectures/index.js';
import { splitOf } from '../engine/data/split.js';
import type { BatchSource, LoadedBatch } from '../engine/data/types.js';
import { choosePath, createEngine, noTraining, predictTraining, type Device, type EnginePath } from '../engine/gpu/index.js';
import type { TrainingEngine } from '../engine/gpu/engine.js';
import type { LayerGraph } from '../engine/graph/types.js';
import { layerTimes } from '../engine/gpu/layer-times.js';
import type { Judged } from '../engine/comparison/lightest.js';
import { distillation, soften } from '../engine/lighten/distil.js';
import type { Network } from '../engine/lighten/filters.js';
import { layerMeasures, type LayerMeasures } from '../engine/lighten/layers.js';
import { measureFilters, type FilterMeasures } from '../engine/lighten/measure.js';
import { dequantise, downloadBytes, quantise, storedBytes } from '../engine/exchange/quantise.js';
import type { Variant } from '../engine/lighten/schedule.js';
import type { DatasetRecord, EpochRecord, LightMethod, Lightened, Precision, RunRecord, RunResult } from '../engine/storage/records.js';
import { resultOf, saveRun } from '../engine/storage/runs.js';
import { loadBest, saveBest } from '../engine/storage/weights.js';
import { WinnowError } from '../engine/support/errors.js';
import type { AugmentSettings, Backend, LossSettings, RunSettings } from '../engine/support/settings.js';
import type { RunControl } from '../engine/training/control.js';
import { evaluate } from '../engine/training/evaluate.js';
import { fit, type FitProgress } from '../engine/training/fit.js';
import { resolveLoss } from '../engine/training/loss.js';
import { imagesIn, measure, measureSplits, weightsSha256, type SplitsRequest } from '../engine/training/measure.js';
import { batches } from '../engine/training/stream.js';

export interface WorkListener {
  stage(stage: 'compiling' | 'measuring' | 'training' | 'validating'): void;
  progress(progress: FitProgress & { readonly gpuBytes: number }): void;
}

/** A model that is stored, and what it was judged by. Its weights are fetched when they are needed: all of a search would not fit in memory. */
export interface LightModel extends Judged {
  readonly run: RunRecord;
  readonly graph: LayerGraph;
}

/** One that is not stored yet. */
export interface Made extends Variant {
  readonly settings: RunSettings;
  readonly history: readonly EpochRecord[];
  readonly result: RunResult;
}

/** How a network is trained. */
export interface Training {
  readonly epochs: number;
  readonly seed: number;
  /** What it learns from beside the labels. */
  readonly teacher?: Network;
}

/** Validation photos that filters are measured on. */
const MEASURED_PHOTOS = 256;
/** Draws that perturbed validation photos are judged by, from seeds of their own: the run's own draw is for the report. */
const DRAWS = [0x7ea1, 0x7ea2, 0x7ea3];

export class LightModels {
  private device!: Device;
  path!: EnginePath;
  private loss!: LossSettings;
  private splits!: Omit<SplitsRequest, 'engine'>;
  /** Whether training photos are changed as the perturbed test changes them, or as the given model's were. */
  augmentation: 'perturbation' | 'as-trained' = 'as-trained';

  constructor(
    private readonly origin: RunRecord,
    private readonly source: BatchSource,
    private readonly openDevice: (backend: 'auto' | Backend) => Promise<Device>,
    private readonly control: RunControl,
    private readonly listener: WorkListener,
  ) {}

  /** @throws what a split or device that cannot be had throws; 'weights-missing' of a run without a result. */
  async open(backend: 'auto' | Backend, engine: RunSettings['engine']): Promise<{ readonly device: Device; readonly dataset: DatasetRecord }> {
    const { origin, source, control } = this;
    const split = splitOf(origin.dataset, origin.settings);
    const { dataset, train, validation, test } = await source.split(split);
    this.loss = resolveLoss(origin.settings.loss, train);
    this.splits = { source, split, counts: imagesIn({ train, validation, test }), classes: origin.classes, settings: origin.settings, control, undecodable: new Set() };
    this.device = await this.openDevice(backend);
    this.path = choosePath(engine, this.device, graphOfRun(origin));
    return { device: this.device, dataset };
  }

  /** Validation photos. */
  get photos(): number {
    return this.splits.counts.validation;
  }

  /** A stored run as what it is to this search. @returns null where the control has stopped it. */
  async load(run: RunRecord): Promise<LightModel | null> {
    const result = resultOf(run);
    const perturbed = run.lightened?.perturbed ?? (await this.withEngine(await this.network(run), (engine) => this.perturbed(engine)));
    return perturbed === null ? null : { ...judgedBy(result, perturbed), run, graph: graphOfRun(run) };
  }

  async network(run: RunRecord): Promise<Network> {
    return { graph: graphOfRun(run), weights: await loadBest(run.id) };
  }

  /** @returns null where the control has stopped it. */
  async measure(network: Network): Promise<FilterMeasures[] | null> {
    const { splits: { source, split, settings: { size, batch } }, control } = this;
    this.listener.stage('measuring');
    const photos = Math.min(this.photos, MEASURED_PHOTOS);
    async function* sample() {
      for await (const loaded of batches(source, { split, part: 'validation', size, batch, epoch: null, perturb: null }, photos)) {
        await control.pass();
        if (control.stopping) return;
        yield loaded;
      }
    }
    const measures = await measureFilters(network, sample(), { device: this.device, path: this.path, loss: this.loss, batch, photos });
    return control.stopping ? null : measures;
  }

  /** Milliseconds of each layer in a training step; null where the engine does not tell. */
  layerTimes(network: Network): Promise<ReadonlyMap<string, number> | null> {
    return this.withEngine(network, (engine) => layerTimes(engine, network.graph), { seed: 0 });
  }

  /**
   * Trains a network on a falling rate to its last epoch, and measures it at its best.
   * @returns null where the control has stopped it.
   */
  async train(network: Network, { epochs, seed, teacher }: Training): Promise<Made | null> {
    const { settings } = this.origin;
    const how: RunSettings = {
      ...settings, epochs, patience: epochs, seed, splitSeed: settings.splitSeed ?? settings.seed,
      schedule: { kind: 'cosine', alpha: 0.05 }, augment: this.augment(),
    };
    this.listener.stage('compiling');
    const learn = (engine: TrainingEngine, teach: ((batch: LoadedBatch) => Promise<Float32Array<ArrayBuffer>>) | null): Promise<Made | null> => this.learn(network, engine, how, teach);
    if (teacher === undefined) return this.withEngine(network, (engine) => learn(engine, null), { seed });
    return this.withEngine(teacher, (master) => {
      const teach = async ({ pixels, size }: LoadedBatch) => soften(await master.predict(pixels, size), this.splits.classes.length, distillation.temperature);
      return this.withEngine(network, (engine) => learn(engine, teach), { seed, loss: { ...this.loss, distillation } });
    });
  }

  private async learn({ graph }: Network, engine: TrainingEngine, settings: RunSettings, teach: ((batch: LoadedBatch) => Promise<Float32Array<ArrayBuffer>>) | null): Promise<Made | null> {
    const { splits, control, listener, path, loss } = this;
    const fitted = await fit({
      ...splits,
      engine,
      settings,
      classes: splits.classes.length,
      asked: performance.now(),
      ...(teach && { teach }),
      onStage: (stage) => listener.stage(stage),
      onProgress: (progress) => listener.progress({ ...progress, gpuBytes: engine.memory().bytes }),
    });
    const { best, history } = fitted;
    if (best === null || control.stopping) return null;
    listener.stage('measuring');
    const { batch, optimizer, seed } = settings;
    const predictedGpuBytes = predictTraining(path, { graph, batch, optimizer, loss, seed }).peakBytes;
    const result = await measure({ ...splits, engine, predictedGpuBytes }, fitted, best);
    const perturbed = result && (await this.perturbed(engine));
    return result === null || perturbed === null ? null : { graph, weights: best.weights, ...judgedBy(result, perturbed), settings, history, result };
  }

  /** @returns null where the control has stopped it. */
  async quantise(run: RunRecord, precision: Exclude<Precision, 'float32'>): Promise<Made | null> {
    this.listener.stage('validating');
    const { graph, weights } = await this.network(run);
    const network = { graph, weights: dequantise(quantise(weights, precision)) };
    return this.withEngine(network, async (engine) => {
      const splits = await measureSplits({ ...this.splits, engine });
      const perturbed = splits && (await this.perturbed(engine));
      if (splits === null || perturbed === null) return null;
      const result = { ...resultOf(run), ...splits, weightsSha256: await weightsSha256(network.weights) };
      return { ...network, ...judgedBy(result, perturbed), settings: run.settings, history: [], result };
    });
  }

  /** As a run. */
  async store(made: Made, about: { readonly name: string; readonly parent: RunRecord | null; readonly method: LightMethod; readonly search: string; readonly precision?: Precision } & Pick<Lightened, 'cut'>): Promise<LightModel> {
    const { origin, path } = this;
    const { dataset, datasetName, synthetic, classes, split } = origin;
    const { graph, weights, validation, perturbed, settings, history, result } = made;
    const { parent, precision = 'float32', ...rest } = about;
    const stored = quantise(weights, precision);
    const run: RunRecord = {
      id: crypto.randomUUID(), dataset, datasetName, synthetic, classes, created: new Date().toISOString(), settings, adapter: this.device.adapter, path, split,
      graph, history, state: { kind: 'done', result }, parent: parent?.id ?? null,
      lightened: { ...rest, origin: origin.id, precision, perturbed, bytes: storedBytes(stored), downloadBytes: await downloadBytes(stored) },
    };
    // A run without weights would be one that cannot be used.
    await saveBest(run.id, weights);
    await saveRun(run);
    return { graph, validation, perturbed, run };
  }

  /** Accuracy on perturbed validation photos, mean of the draws. */
  private async perturbed(engine: TrainingEngine): Promise<number | null> {
    const { source, split, counts, classes, settings: { size, batch, loss, perturbation }, undecodable } = this.splits;
    let sum = 0;
    for (const draw of DRAWS) {
      const spec = { split, part: 'validation', size, batch, epoch: null, perturb: 'all', strengths: perturbation, perturbSeed: (split.seed + draw) >>> 0 } as const;
      const found = await evaluate({ engine, source, spec, images: counts.validation, classes: classes.length, labelSmoothing: loss.labelSmoothing, control: this.control, undecodable });
      if (found === null || this.control.stopping) return null;
      sum += found.accuracy;
    }
    return sum / DRAWS.length;
  }

  private augment(): AugmentSettings {
    const { augment, perturbation: { flip, rotation, zoom, shift, contrast } } = this.origin.settings;
    return this.augmentation === 'as-trained' ? augment : { flipX: flip, flipY: flip, rotation, zoom, shift, brightness: contrast };
  }

  private async withEngine<T>({ graph, weights }: Network, use: (engine: TrainingEngine) => Promise<T>, trains: { readonly seed: number; readonly loss?: LossSettings } | null = null): Promise<T> {
    const { batch, optimizer } = this.origin.settings;
    const engine = await createEngine(this.path, this.device, { graph, weights, batch, optimizer: trains ? optimizer : noTraining, loss: trains?.loss ?? this.loss, seed: trains?.seed ?? 0 });
    try {
      return await use(engine);
    } finally {
      engine.dispose();
    }
  }
}

/** Of a stored model, on its own backend and engine. @throws what {@link LightModels.open} throws; 'cancelled' where the control has stopped it. */
export async function measureLayers(run: RunRecord, source: BatchSource, openDevice: (backend: 'auto' | Backend) => Promise<Device>, control: RunControl): Promise<LayerMeasures[]> {
  const models = new LightModels(run, source, openDevice, control, { stage: () => {}, progress: () => {} });
  await models.open(run.settings.backend, run.settings.engine);
  const network = await models.network(run);
  const filters = await models.measure(network);
  const times = filters && (await models.layerTimes(network));
  if (filters === null || control.stopping) throw new WinnowError('cancelled');
  return layerMeasures(network.graph, filters, times);
}

function judgedBy({ validation: { loss, accuracy } }: RunResult, perturbed: number): Judged {
  return { validation: { loss, accuracy }, perturbed };
}
