/** Lightening a model from its file to its report: training and lighten do not know each other, this joins them. */
import { splitOf } from '../engine/data/split.js';
import type { BatchSource } from '../engine/data/types.js';
import { readModel } from '../engine/exchange/formats.js';
import type { Model } from '../engine/exchange/model.js';
import { writeModelZip } from '../engine/exchange/model-zip.js';
import { choosePath, createEngine, type Device, type EnginePath } from '../engine/gpu/index.js';
import type { TrainingEngine } from '../engine/gpu/engine.js';
import { graphCosts, layerCosts, type Costs } from '../engine/graph/costs.js';
import { freeze } from '../engine/graph/freeze.js';
import { initialWeights } from '../engine/graph/weights.js';
import { randomFilters, type Criterion } from '../engine/lighten/criteria.js';
import type { Network } from '../engine/lighten/filters.js';
import { measureFilters, type FilterMeasures } from '../engine/lighten/measure.js';
import { prune } from '../engine/lighten/prune.js';
import { dequantise, downloadBytes, quantise, storedBytes, type Precision } from '../engine/lighten/quantise.js';
import { beginLightening, isWithin, lightenOnce, type Attempt, type LightenTools, type Variant } from '../engine/lighten/schedule.js';
import type { DatasetRecord, RunRecord } from '../engine/storage/records.js';
import { WinnowError } from '../engine/support/errors.js';
import type { AdapterInfo, Backend, LossSettings, RunSettings } from '../engine/support/settings.js';
import type { RunControl } from '../engine/training/control.js';
import { evaluateModel } from '../engine/training/evaluate-model.js';
import { fit, type FitProgress } from '../engine/training/fit.js';
import { resolveLoss } from '../engine/training/loss.js';
import { imagesIn, measureLatency, measureSplits, weightsSha256, type SplitResults, type SplitsRequest } from '../engine/training/measure.js';
import { batches } from '../engine/training/stream.js';

export interface LightenRequest {
  readonly criterion: Criterion;
  /** How much lower the validation accuracy may get, 0 to 1. */
  readonly margin: number;
  /** Whether the chosen shape is also made by chance, and trained from scratch. */
  readonly baselines: boolean;
  readonly backend: 'auto' | Backend;
  readonly engine: RunSettings['engine'];
}

/** A model of the report. */
export interface LightVariant extends SplitResults, Costs {
  readonly name: string;
  /** The name of the variant that it was made of; null of the given model, and of one that began with nothing. */
  readonly parent: string | null;
  readonly method: 'given' | 'prune' | 'quantise' | 'random' | 'scratch';
  readonly precision: Precision;
  /** Of the weights, gzipped. */
  readonly downloadBytes: number;
  /** Median milliseconds of one photo alone, warm, read-back included. A quantised model runs as the one that it was made of. */
  readonly latencyMs: number;
  readonly weightsSha256: string;
}

export interface LightenResult {
  readonly arch: string;
  readonly options: RunSettings['archOptions'];
  readonly settings: LightenRequest;
  readonly adapter: AdapterInfo;
  readonly path: EnginePath;
  readonly dataset: DatasetRecord;
  readonly classes: readonly string[];
  readonly split: RunRecord['split'];
  /** Of the given model, in order: what every layer costs, and what the filters of those that can be cut are worth. */
  readonly layers: readonly ({ readonly name: string; readonly filters: FilterMeasures | null } & Omit<Costs, 'filters'>)[];
  readonly attempts: readonly Attempt[];
  readonly variants: readonly LightVariant[];
  /** The name of one of them. */
  readonly chosen: string;
  readonly rule: string;
  /** False where a person ended it. */
  readonly finished: boolean;
}

export interface LightenListener {
  stage(stage: 'compiling' | 'measuring' | 'training' | 'validating'): void;
  progress(progress: FitProgress & { readonly gpuBytes: number }): void;
  /** A smaller network has been tried; `place` counts from 1. */
  attempt(attempt: Attempt, place: number): void;
}

const RULE = 'Of the given model and those cut from it, the fewest FLOPs with a validation accuracy within the margin.';
/** Validation photos that filters are measured on. */
const MEASURED_PHOTOS = 256;
/** Of one recovery: epochs on a falling learning rate, and those without a better loss that end it. */
const RECOVERY = { epochs: 10, patience: 3, schedule: { kind: 'cosine', alpha: 0.05 } } as const;

export class Lightening {
  private device!: Device;
  private path!: EnginePath;
  private loss!: LossSettings;
  private model!: Model;
  private splits!: Omit<SplitsRequest, 'engine'>;
  /** Of the given model, once they are taken. */
  private measures: readonly FilterMeasures[] = [];
  private recoveryEpochs = 0;
  private readonly variants: LightVariant[] = [];
  private readonly networks = new Map<string, Network>();

  constructor(
    private readonly file: Blob,
    private readonly dataset: string,
    private readonly request: LightenRequest,
    private readonly source: BatchSource,
    private readonly openDevice: (backend: 'auto' | Backend) => Promise<Device>,
    private readonly control: RunControl,
    private readonly listener: LightenListener,
    private readonly version: string,
  ) {}

  /**
   * @returns what was found, also where it was stopped meanwhile.
   * @throws as evaluateModel does; 'settings-invalid'; 'cancelled' where it was stopped before the given model was measured.
   */
  async run(): Promise<LightenResult> {
    const { request, source, control } = this;
    if (!(request.margin >= 0 && request.margin < 1)) throw new WinnowError('settings-invalid', { setting: 'the margin', value: request.margin, allowed: 'a number from 0 to below 1' });
    this.listener.stage('validating');
    const evaluation = await evaluateModel(this.file, this.dataset, source, this.openDevice, request, control);
    const model = await readModel(this.file);
    // What is cut has to learn again, frozen or not.
    const whole = { graph: freeze(model.graph, []), weights: model.weights };
    this.model = { ...model, ...whole };
    const { settings } = model.card;
    const split = splitOf(this.dataset, settings);
    const { dataset, train, validation, test } = await source.split(split);
    const counts = imagesIn({ train, validation, test });
    this.splits = { source, split, counts, classes: model.card.classes, settings, control, undecodable: new Set(evaluation.undecodable) };
    this.loss = resolveLoss(settings.loss, train);
    this.device = await this.openDevice(request.backend);
    this.path = choosePath(request.engine, this.device, whole.graph);

    const { train: trained, validation: validated, test: tested, confusion, predictions, mistakes, hits } = evaluation;
    await this.add({ name: 'given', parent: null, method: 'given' }, whole, { train: trained, validation: validated, test: tested, confusion, predictions, mistakes, hits });
    const attempts = await this.cut({ ...whole, validation: validated });
    await this.quantise();
    if (request.baselines) await this.compare();
    return {
      arch: model.card.arch,
      options: model.card.options,
      settings: request,
      adapter: this.device.adapter,
      path: this.path,
      dataset,
      classes: model.card.classes,
      split: { train, validation, test },
      layers: this.layers(),
      attempts,
      variants: this.variants,
      chosen: this.choose().name,
      rule: RULE,
      finished: !control.stopping,
    };
  }

  /** A variant as a model.zip, its weights as they are once read. */
  async export(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const { card } = this.model;
    const { train, validation, test } = this.variants.find((variant) => variant.name === name)!;
    const metrics = { ...card.metrics, train, validation, test: { loss: test.loss, accuracy: test.accuracy, perturbed: test.perturbed } };
    return writeModelZip({ ...this.networks.get(name)!, card: { ...card, winnow: this.version, metrics } });
  }

  private async cut(whole: Variant): Promise<readonly Attempt[]> {
    const { criterion, margin } = this.request;
    const tools: LightenTools = { measure: (network) => this.measure(network), fineTune: (network) => this.train(network, RECOVERY) };
    let state = beginLightening(whole, { criterion, margin, seed: this.model.card.settings.seed });
    while (!state.done && !this.control.stopping) {
      const next = await lightenOnce(state, tools);
      state = next.state;
      const attempt = state.attempts.at(-1);
      if (next.tried === null || attempt === undefined) continue;
      this.listener.attempt(attempt, state.attempts.length);
      if (!attempt.kept) continue;
      await this.add({ name: `pruned-${state.attempts.length}`, parent: this.variants.at(-1)!.name, method: 'prune' }, next.tried, null);
    }
    return state.attempts;
  }

  /** The smallest so far at lower precisions. */
  private async quantise(): Promise<void> {
    const smallest = this.choose();
    const { graph, weights } = this.networks.get(smallest.name)!;
    for (const precision of ['float16', 'int8'] as const) {
      const quantised = quantise(weights, precision);
      const sizes = { bytes: storedBytes(quantised), downloadBytes: await downloadBytes(quantised) };
      await this.add({ name: `${smallest.name}-${precision}`, parent: smallest.name, method: 'quantise', precision, latencyMs: smallest.latencyMs, ...sizes }, { graph, weights: dequantise(quantised) }, null);
    }
  }

  /**
   * What pruning is to be judged against: the smallest shape with filters chosen by chance, and trained from nothing, each for as
   * many epochs as the way there took, first training and recoveries together.
   */
  private async compare(): Promise<void> {
    const { graph, weights, card: { settings } } = this.model;
    const smallest = this.choose();
    const shape = this.networks.get(smallest.name)!.graph;
    const epochs = settings.epochs + this.recoveryEpochs;
    const how = { epochs, patience: epochs, schedule: RECOVERY.schedule };
    const byChance = await this.train(prune({ graph, weights }, randomFilters(graph, shape, settings.seed)), how);
    if (byChance !== null) await this.add({ name: 'random', parent: 'given', method: 'random' }, byChance, null);
    const fromScratch = await this.train({ graph: shape, weights: initialWeights(shape, settings.seed) }, how);
    if (fromScratch !== null) await this.add({ name: 'scratch', parent: null, method: 'scratch' }, fromScratch, null);
  }

  private layers(): LightenResult['layers'] {
    const measures = new Map(this.measures.map((measured) => [measured.layer, measured]));
    return [...layerCosts(this.model.graph)].map(([name, { filters: _, ...costs }]) => ({ name, ...costs, filters: measures.get(name) ?? null }));
  }

  private choose(): LightVariant {
    const [given] = this.variants;
    const cuts = this.variants.filter(({ method, validation }) => (method === 'given' || method === 'prune') && isWithin(validation, given.validation, this.request.margin));
    return cuts.sort((a, b) => a.flops - b.flops)[0];
  }

  private async measure(network: Network): Promise<FilterMeasures[] | null> {
    const { source, split, counts, settings: { size, batch } } = this.splits;
    this.listener.stage('measuring');
    const photos = Math.min(counts.validation, MEASURED_PHOTOS);
    const { control } = this;
    async function* sample() {
      for await (const loaded of batches(source, { split, part: 'validation', size, batch, epoch: null, perturb: null }, photos)) {
        await control.pass();
        if (control.stopping) return;
        yield loaded;
      }
    }
    const measures = await measureFilters(network, sample(), { device: this.device, path: this.path, loss: this.loss, batch, photos });
    if (control.stopping) return null;
    if (this.measures.length === 0) this.measures = measures;
    return measures;
  }

  private async train(network: Network, how: Pick<RunSettings, 'epochs' | 'patience' | 'schedule'>): Promise<Variant | null> {
    const { epochs, patience, schedule } = how;
    this.listener.stage('compiling');
    return this.withEngine(network, async (engine) => {
      const { best, history } = await fit({
        ...this.splits,
        engine,
        classes: this.splits.classes.length,
        settings: { ...this.model.card.settings, epochs, patience, schedule },
        asked: performance.now(),
        onStage: (stage) => this.listener.stage(stage),
        onProgress: (progress) => this.listener.progress({ ...progress, gpuBytes: engine.memory().bytes }),
      });
      if (best === null || this.control.stopping) return null;
      this.recoveryEpochs += history.length;
      const { loss, accuracy } = best.validation;
      return { graph: network.graph, weights: best.weights, validation: { loss, accuracy } };
    });
  }

  /** Measures a network, unless it has been or nobody waits for it any more. */
  private async add(
    known: Pick<LightVariant, 'name' | 'parent' | 'method'> & Partial<Pick<LightVariant, 'precision' | 'bytes' | 'downloadBytes' | 'latencyMs'>>,
    network: Network,
    results: SplitResults | null,
  ): Promise<void> {
    this.listener.stage('validating');
    const found = results ?? (await this.withEngine(network, (engine) => measureSplits({ ...this.splits, engine })));
    if (found === null) return;
    const stored = quantise(network.weights, 'float32');
    this.networks.set(known.name, network);
    this.variants.push({
      precision: 'float32',
      ...graphCosts(network.graph),
      ...found,
      downloadBytes: known.downloadBytes ?? (await downloadBytes(stored)),
      latencyMs: known.latencyMs ?? (await this.withEngine(network, (engine) => measureLatency(engine, this.splits.settings.size), 1)),
      weightsSha256: await weightsSha256(network.weights),
      ...known,
    });
  }

  private async withEngine<T>({ graph, weights }: Network, use: (engine: TrainingEngine) => Promise<T>, batch = this.splits.settings.batch): Promise<T> {
    const { optimizer, seed } = this.model.card.settings;
    const engine = await createEngine(this.path, this.device, { graph, weights, batch, optimizer, loss: this.loss, seed });
    try {
      return await use(engine);
    } finally {
      engine.dispose();
    }
  }
}
