import { buildRunGraph } from '../architectures/index.js';
import type { BatchSource } from '../data/types.js';
import { splitOf } from '../data/split.js';
import type { TrainingEngine } from '../gpu/engine.js';
import { checkFits, choosePath, createEngine, predictTraining, type Device } from '../gpu/index.js';
import { slotNames } from '../gpu/slots.js';
import type { LayerGraph, Weight } from '../graph/types.js';
import type { Advice, EpochRecord, RunRecord, RunState } from '../storage/records.js';
import { saveRun } from '../storage/runs.js';
import { saveOptimizer, saveWeights } from '../storage/weights.js';
import { toErrorData, WinnowError, type ErrorData } from '../support/errors.js';
import type { Backend, LossSettings, RunSettings } from '../support/settings.js';
import { RunControl } from './control.js';
import { fit, type FitBefore, type FitProgress } from './fit.js';
import { constantLoss, resolveLoss } from './loss.js';
import { evaluatePart, imagesIn, measure, type SplitsRequest } from './measure.js';
import { Sentinel } from './sentinel.js';
import { checkSettings } from './settings.js';
import { begin, type Beginning, type TrainingStart } from './start.js';

export type Stage = 'preparing' | 'compiling' | 'training' | 'validating' | 'measuring';

export interface RunListener {
  /** @param share of the stage that is done, where it is known. */
  stage(stage: Stage, share?: number): void;
  /** The run has been stored, or its state has changed. */
  changed(run: RunRecord): void;
  progress(progress: FitProgress & { readonly gpuBytes: number }): void;
  epoch(record: EpochRecord, best: boolean): void;
  /** The sentinel has noticed something. */
  advice(advice: Advice): void;
  /** Something went wrong that does not end the run. */
  notice(error: ErrorData): void;
}

export interface RunRequest {
  readonly dataset: string;
  readonly settings: RunSettings;
  /** Null for Keras's initial values. */
  readonly start: TrainingStart | null;
  readonly source: BatchSource;
  readonly openDevice: (backend: 'auto' | Backend) => Promise<Device>;
  readonly listener: RunListener;
}

/** Photos that the sentinel evaluates after an epoch. */
const SENTINEL_PHOTOS = 128;

/** Latest weights and optimiser are kept up to so much: VGG16's 1.6 GB would have to be in memory at once. */
const MOST_STATE_BYTES = 512 * 2 ** 20;

/** What a run trains with, once it is settled. */
interface Prepared {
  readonly engine: TrainingEngine;
  readonly graph: LayerGraph;
  readonly loss: LossSettings;
  readonly splits: SplitsRequest;
  readonly trainCounts: readonly number[];
  readonly beginning: Beginning;
  readonly predictedGpuBytes: number;
}

/** One training run from its settings to its stored result. */
export class TrainingRun {
  readonly id = crypto.randomUUID();
  readonly control: RunControl;
  private readonly asked = performance.now();
  private readonly undecodable = new Set<string>();
  private record: RunRecord | null = null;
  /** Writes of the record, one after the other. */
  private stored: Promise<void> = Promise.resolve();
  private bestStored = false;
  /** While it trains: what {@link TrainingEngine.featureMaps} may be asked of. */
  live: { readonly engine: TrainingEngine; readonly graph: LayerGraph; epoch: number } | null = null;

  constructor(private readonly request: RunRequest) {
    this.control = new RunControl((paused) => this.update({ state: { kind: paused ? 'paused' : 'running' } }));
  }

  /**
   * Resolves with the run as it ended: done, stopped or failed, and stored so.
   * @throws what is wrong with the settings, the dataset, the start or the size before a step is taken ('gpu-memory', say): then no run is stored.
   */
  async run(): Promise<RunRecord> {
    const { dataset: id, settings, source, listener } = this.request;
    listener.stage('preparing');
    const split = splitOf(id, settings);
    const { dataset, train, validation, test } = await source.split(split);
    const classes = dataset.classes.length;
    checkSettings(settings);
    const loss = resolveLoss(settings.loss, train);
    const graph = buildRunGraph(settings, classes);
    const beginning = await begin(this.request.start, id, settings, graph);
    const device = await this.request.openDevice(settings.backend);
    const path = choosePath(settings.engine, device, graph);
    const { optimizer, seed } = settings;
    const predict = (batch: number) => predictTraining(path, { graph, batch, optimizer, loss, seed });
    checkFits(settings.arch, settings.size, settings.batch, device.adapter, predict);

    this.record = {
      id: this.id,
      dataset: id,
      datasetName: dataset.name,
      synthetic: dataset.source === 'synthetic',
      classes: dataset.classes,
      created: new Date().toISOString(),
      settings,
      adapter: device.adapter,
      path,
      split: { train, validation, test },
      history: beginning.continued?.history ?? [],
      state: { kind: 'running' },
      parent: beginning.parent,
      advice: [],
    };
    await saveRun(this.record);
    listener.changed(this.record);
    listener.stage('compiling');
    let engine: TrainingEngine | null = null;
    try {
      const { batch } = settings;
      engine = await createEngine(path, device, { graph, weights: beginning.weights, batch, optimizer, loss, seed, progress: (done, of) => listener.stage('compiling', done / of) });
      this.live = { engine, graph, epoch: 1 };
      const counts = imagesIn({ train, validation, test });
      const splits = { engine, source, split, counts, classes: dataset.classes, settings, control: this.control, undecodable: this.undecodable };
      return await this.finish(await this.train({ engine, graph, loss, splits, trainCounts: train, beginning, predictedGpuBytes: predict(batch).peakBytes }));
    } catch (error) {
      await this.keepWeights(engine);
      return this.finish({ kind: 'failed', error: toErrorData(error) });
    } finally {
      this.live = null;
      engine?.dispose();
    }
  }

  private async train(prepared: Prepared): Promise<RunState> {
    const { settings, listener } = this.request;
    const { control } = this;
    const { engine, splits, predictedGpuBytes } = prepared;
    const before = await this.recall(prepared);
    if (before === null) return { kind: 'stopped', result: null };
    const sentinel = this.watch(prepared);
    const fitted = await fit({
      ...splits,
      settings,
      classes: splits.classes.length,
      asked: this.asked,
      ...(before && { before }),
      onStage: (stage) => listener.stage(stage),
      onProgress: (progress) => {
        this.live!.epoch = progress.epoch;
        listener.progress({ ...progress, gpuBytes: engine.memory().bytes });
      },
      onEpoch: async (record, best) => {
        await this.endEpoch(record, best);
        for (const advice of await sentinel.observe(record)) this.advise(advice);
      },
    });
    if (fitted.best === null) {
      if (!control.stopping) throw new WinnowError('no-images', { source: 'the training split' });
      return { kind: 'stopped', result: null };
    }
    if (!this.bestStored) await saveWeights(this.id, 'best', fitted.best.weights);
    listener.stage('measuring');
    const result = await measure({ ...splits, predictedGpuBytes }, fitted, fitted.best);
    if (result !== null) await this.keepState(engine, fitted.best.weights, fitted.last);
    return control.stopping || result === null ? { kind: 'stopped', result } : { kind: 'done', result };
  }

  /** Of a continued run: puts the optimiser back, and evaluates what was best so far. @returns null where it was aborted; undefined of a new run. */
  private async recall({ engine, splits, beginning: { continued, weights } }: Prepared): Promise<FitBefore | undefined | null> {
    if (continued === null) return undefined;
    const { history, bestEpoch, bestWeights, optimizer } = continued;
    engine.writeWeights(bestWeights);
    const validation = await evaluatePart(splits, 'validation', null);
    if (validation === null) return null;
    engine.writeWeights(weights);
    if (optimizer !== null) engine.writeOptimizer(optimizer);
    return { history, best: { epoch: bestEpoch, weights: bestWeights, validation }, step: optimizer?.step ?? 0 };
  }

  private watch({ graph, splits, loss, trainCounts }: Prepared): Sentinel {
    const { batch } = this.request.settings;
    const normalised = graph.layers.some((layer) => layer.type === 'batchNorm' && layer.trainable !== false);
    const some = Math.min(splits.counts.train, SENTINEL_PHOTOS);
    return new Sentinel({
      constantLoss: constantLoss(loss, trainCounts),
      steps: Math.ceil(splits.counts.train / batch),
      evaluateTrain: normalised ? () => evaluatePart(splits, 'train', null, some) : null,
    });
  }

  private async endEpoch(record: EpochRecord, best: readonly Weight[] | null): Promise<void> {
    const { listener } = this.request;
    if (best !== null) {
      this.bestStored = false;
      try {
        await saveWeights(this.id, 'best', best);
        this.bestStored = true;
      } catch (error) {
        // Training goes on with the weights in memory; the end tries again.
        listener.notice(toErrorData(error));
      }
    }
    this.record = { ...this.record!, history: [...this.record!.history, record] };
    this.store();
    listener.epoch(record, best !== null);
  }

  private advise(advice: Advice): void {
    this.update({ advice: [...(this.record!.advice ?? []), advice] });
    this.request.listener.advice(advice);
  }

  /** What a run that continues this one begins with. Without it that one begins with the best weights and a fresh optimiser. */
  private async keepState(engine: TrainingEngine, best: readonly Weight[], last: readonly Weight[] | null): Promise<void> {
    const bytes = best.reduce((total, { data }) => total + data.byteLength, 0);
    if (bytes * (1 + slotNames(this.request.settings.optimizer.kind).length) > MOST_STATE_BYTES) return;
    try {
      if (last !== null) await saveWeights(this.id, 'last', last);
      await saveOptimizer(this.id, await engine.readOptimizer());
    } catch (error) {
      this.request.listener.notice(toErrorData(error));
    }
  }

  /** Of a run that failed before its first epoch's end: what it has learned, which every bad step left alone. */
  private async keepWeights(engine: TrainingEngine | null): Promise<void> {
    if (engine === null || this.record!.history.length > 0) return;
    try {
      await saveWeights(this.id, 'best', await engine.readWeights());
    } catch {
      // A lost GPU has no weights left to read; the run's own error is what is told.
    }
  }

  private async finish(state: RunState): Promise<RunRecord> {
    this.update({ state });
    await this.stored;
    return this.record!;
  }

  private update(change: Partial<Pick<RunRecord, 'state' | 'advice'>>): void {
    this.record = { ...this.record!, ...change };
    this.store();
    this.request.listener.changed(this.record);
  }

  private store(): void {
    const record = this.record!;
    this.stored = this.stored.then(() => saveRun(record)).catch((error: unknown) => this.request.listener.notice(toErrorData(error)));
  }
}
