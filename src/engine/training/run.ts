import { buildGraph } from '../architectures/index.js';
import type { BatchSource, SplitSpec } from '../data/types.js';
import type { TrainingEngine } from '../gpu/engine.js';
import { checkFits, choosePath, createEngine, predictTraining, type Device } from '../gpu/index.js';
import type { LayerGraph, Weight } from '../graph/types.js';
import { initialWeights } from '../graph/weights.js';
import type { EpochRecord, RunRecord, RunState } from '../storage/records.js';
import { saveRun } from '../storage/runs.js';
import { saveWeights } from '../storage/weights.js';
import { toErrorData, WinnowError, type ErrorData } from '../support/errors.js';
import type { Backend, RunSettings } from '../support/settings.js';
import { RunControl } from './control.js';
import { fit, type FitProgress } from './fit.js';
import { measure } from './measure.js';
import { checkSettings } from './settings.js';

export type Stage = 'preparing' | 'compiling' | 'training' | 'validating' | 'measuring';

export interface RunListener {
  stage(stage: Stage): void;
  /** The run has been stored, or its state has changed. */
  changed(run: RunRecord): void;
  progress(progress: FitProgress & { readonly gpuBytes: number }): void;
  epoch(record: EpochRecord, best: boolean): void;
  /** Something went wrong that does not end the run. */
  notice(error: ErrorData): void;
}

export interface RunRequest {
  readonly dataset: string;
  readonly settings: RunSettings;
  readonly source: BatchSource;
  readonly openDevice: (backend: 'auto' | Backend) => Promise<Device>;
  readonly listener: RunListener;
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
   * @throws what is wrong with the settings, the dataset or the size before a step is taken ('gpu-memory', say): then no run is stored.
   */
  async run(): Promise<RunRecord> {
    const { dataset: id, settings, source, listener } = this.request;
    listener.stage('preparing');
    const split: SplitSpec = { dataset: id, seed: settings.seed, validationShare: settings.validationShare, testShare: settings.testShare, limit: settings.limit };
    const { dataset, train, validation, test } = await source.split(split);
    const classes = dataset.classes.length;
    checkSettings(settings, classes);
    const graph = buildGraph(settings.arch, { size: settings.size, classes, options: settings.archOptions });
    const device = await this.request.openDevice(settings.backend);
    const path = choosePath(settings.engine, device, graph);
    const { optimizer, loss, seed } = settings;
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
      history: [],
      state: { kind: 'running' },
      parent: null,
    };
    await saveRun(this.record);
    listener.changed(this.record);
    listener.stage('compiling');
    let engine: TrainingEngine | null = null;
    try {
      const { batch } = settings;
      engine = await createEngine(path, device, { graph, weights: initialWeights(graph, seed), batch, optimizer, loss, seed });
      this.live = { engine, graph, epoch: 1 };
      const counts = { train: sum(train), validation: sum(validation), test: sum(test) };
      return await this.finish(await this.train(engine, split, counts, classes, predict(batch).peakBytes));
    } catch (error) {
      await this.keepWeights(engine);
      return this.finish({ kind: 'failed', error: toErrorData(error) });
    } finally {
      this.live = null;
      engine?.dispose();
    }
  }

  private async train(engine: TrainingEngine, split: SplitSpec, counts: { train: number; validation: number; test: number }, classes: number, predictedGpuBytes: number): Promise<RunState> {
    const { settings, source, listener } = this.request;
    const { control, undecodable } = this;
    const fitted = await fit({
      engine, source, split, counts, classes, settings, control, undecodable,
      asked: this.asked,
      onStage: (stage) => listener.stage(stage),
      onProgress: (progress) => {
        this.live!.epoch = progress.epoch;
        listener.progress({ ...progress, gpuBytes: engine.memory().bytes });
      },
      onEpoch: (record, best) => this.endEpoch(record, best),
    });
    if (fitted.best === null) {
      if (!control.stopping) throw new WinnowError('no-images', { source: 'the training split' });
      return { kind: 'stopped', result: null };
    }
    if (!this.bestStored) await saveWeights(this.id, 'best', fitted.best.weights);
    listener.stage('measuring');
    const result = await measure({ engine, source, split, counts, classes, settings, control, undecodable, predictedGpuBytes }, fitted, fitted.best);
    return control.stopping || result === null ? { kind: 'stopped', result } : { kind: 'done', result };
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

  private update(change: Pick<RunRecord, 'state'>): void {
    this.record = { ...this.record!, ...change };
    this.store();
    this.request.listener.changed(this.record);
  }

  private store(): void {
    const record = this.record!;
    this.stored = this.stored.then(() => saveRun(record)).catch((error: unknown) => this.request.listener.notice(toErrorData(error)));
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
