import { buildRunGraph } from '../architectures/index.js';
import { splitOf } from '../data/split.js';
import type { BatchSource, SplitSpec } from '../data/types.js';
import type { TrainingEngine } from '../gpu/engine.js';
import { checkFits, choosePath, createEngine, predictTraining, type Device, type EnginePath } from '../gpu/index.js';
import { ratesOf } from '../gpu/rates.js';
import { slotNames } from '../gpu/slots.js';
import { graphCosts } from '../graph/costs.js';
import type { LayerGraph } from '../graph/types.js';
import { loadCheckpoint } from '../storage/checkpoints.js';
import type { Advice, DatasetRecord, EpochRecord, RunRecord, RunState as Outcome } from '../storage/records.js';
import { getRun, saveRun } from '../storage/runs.js';
import { saveBest } from '../storage/weights.js';
import { hasCode, toErrorData, WinnowError, type ErrorData } from '../support/errors.js';
import type { AdapterInfo, Backend, LossSettings, RunSettings } from '../support/settings.js';
import { Checkpoints, type RunCheckpoint, type RunState } from './checkpoint.js';
import { RunControl } from './control.js';
import { fit, startState, trainingBatches, type FitBefore, type FitProgress, type FitState } from './fit.js';
import { constantLoss, resolveLoss } from './loss.js';
import { lossOf, Losses } from './losses.js';
import { evaluatePart, imagesIn, measure, type SplitsRequest } from './measure.js';
import { Sentinel, type SentinelState } from './sentinel.js';
import { checkSettings } from './settings.js';
import { begin, noneStored, type Beginning, type TrainingStart } from './start.js';

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
  /** A stored run that goes on from its last checkpoint; `dataset` and `settings` are its own. */
  readonly resumes?: RunRecord;
  readonly source: BatchSource;
  readonly openDevice: (backend: 'auto' | Backend) => Promise<Device>;
  readonly listener: RunListener;
}

/** Photos that the sentinel evaluates after an epoch. */
const SENTINEL_PHOTOS = 128;
/** A GPU that was lost takes a while to come back. */
const RETURN_MS = 10_000;
const RETRY_MS = 200;

/** What is the same however often the device is lost. */
interface Ground {
  readonly split: SplitSpec;
  readonly dataset: DatasetRecord;
  readonly counts: RunRecord['split'];
  readonly loss: LossSettings;
  readonly graph: LayerGraph;
  /** The same where it is not the architecture's. */
  readonly own: LayerGraph | null;
}

/** What a run trains with, once it is settled. */
interface Prepared extends Ground {
  readonly engine: TrainingEngine;
  readonly path: EnginePath;
  readonly splits: SplitsRequest;
  readonly coming: ReturnType<typeof trainingBatches>;
  readonly beginning: Beginning | null;
  readonly checkpoint: RunCheckpoint | null;
  readonly predictedGpuBytes: number;
}

/** One training run from its settings, or its last checkpoint, to its stored result. */
export class TrainingRun {
  readonly id: string;
  readonly control: RunControl;
  private readonly asked = performance.now();
  private readonly undecodable = new Set<string>();
  private record: RunRecord | null;
  /** Writes of the record, one after the other. */
  private stored: Promise<void> = Promise.resolve();
  private readonly losses = new Losses();
  private checkpoints: Checkpoints | null = null;
  private device: Device | null = null;
  /** While it trains: what {@link TrainingEngine.featureMaps} may be asked of. */
  live: { readonly engine: TrainingEngine; readonly graph: LayerGraph; epoch: number } | null = null;

  constructor(private readonly request: RunRequest) {
    this.record = request.resumes ?? null;
    this.id = this.record?.id ?? crypto.randomUUID();
    this.control = new RunControl((paused) => this.update({ state: { kind: paused ? 'paused' : 'running' } }));
  }

  /**
   * Resolves with the run as it ended: done, stopped or failed, and stored so. A GPU that is lost is opened anew, and the run goes on from
   * its last checkpoint; three times in five minutes, and it fails with 'gpu-unstable'.
   * @throws what is wrong with the settings, the dataset, the start or the size before a step is taken ('gpu-memory', say): then no run is
   * stored; 'worker-failed' where the data worker ended: the run is interrupted then.
   */
  async run(): Promise<RunRecord> {
    const { listener } = this.request;
    listener.stage('preparing');
    for (let lost = false; ; lost = true) {
      try {
        return await this.attempt(lost);
      } catch (error) {
        // Nothing has been stored: whoever asked hears why.
        if (this.record === null) throw error;
        const loss = await lossOf(error, this.device);
        if (loss !== null && this.losses.note()) {
          listener.notice(toErrorData(new WinnowError('resumed', { why: loss.message })));
          continue;
        }
        if (hasCode(error, 'worker-failed')) {
          await this.finish({ kind: 'interrupted' });
          throw error;
        }
        await this.keepWeights();
        return this.finish({ kind: 'failed', error: toErrorData(loss === null ? error : new WinnowError('gpu-unstable', { times: this.losses.count, why: loss.message })) });
      } finally {
        this.live?.engine.dispose();
        this.live = null;
      }
    }
  }

  /** From the last checkpoint, or from the start where there is none. @param lost the device was. */
  private async attempt(lost: boolean): Promise<RunRecord> {
    const { dataset: id, settings, start, source, listener } = this.request;
    const ground = await this.ground();
    // What was being written when the device was lost is whole, or goes.
    await this.checkpoints?.idle;
    const { graph, loss, split } = ground;
    const checkpoint = this.record === null ? null : await loadCheckpoint<RunState>(this.id, () => listener.notice(toErrorData(new WinnowError('checkpoint-broken', { arch: settings.arch })))).catch(noneStored);
    // What a run from other weights began with is not there any more.
    if (checkpoint === null && start === null && this.record?.parent) throw new WinnowError('weights-missing', { id: this.id, kind: 'first' });
    const beginning = checkpoint === null ? await begin(start, id, settings, graph) : null;
    const device = lost ? await this.reopen(this.record!.adapter.backend) : await this.request.openDevice(settings.backend);
    this.device = device;
    const path = choosePath(settings.engine, device, graph);
    const { batch, optimizer, seed } = settings;
    const predict = (size: number) => predictTraining(path, { graph, batch: size, optimizer, loss, seed });
    checkFits(settings.arch, settings.size, batch, device.adapter, predict);
    await this.open(ground, device, path, beginning, checkpoint);
    listener.stage('compiling');
    const counts = imagesIn(ground.counts);
    // While the engine compiles, the first photos are decoded.
    const coming = trainingBatches({ source, split, counts, settings }, this.record!.history.length + 1, checkpoint?.state.fit.step ?? 0);
    const rates = checkpoint && isSame(device.adapter, checkpoint.state.adapter) && path === checkpoint.state.path ? checkpoint.state.rates : null;
    const weights = checkpoint?.weights ?? beginning!.weights;
    const engine = await createEngine(path, device, { graph, weights, batch, optimizer, loss, seed, ...(rates && { rates }), progress: (done, of) => listener.stage('compiling', done / of) });
    this.live = { engine, graph, epoch: this.record!.history.length + 1 };
    const splits = { engine, source, split, counts, classes: ground.dataset.classes, settings, control: this.control, undecodable: this.undecodable };
    const work = this.train({ ...ground, engine, path, splits, coming, beginning, checkpoint, predictedGpuBytes: predict(batch).peakBytes });
    // What the device says of itself comes at once; a call that waits for it may never hear.
    work.catch(() => {});
    return this.finish(await Promise.race([work, device.failed.then((error) => Promise.reject(error))]));
  }

  private async ground(): Promise<Ground> {
    const { dataset: id, settings, source, start } = this.request;
    const split = splitOf(id, settings);
    const { dataset, train, validation, test } = await source.split(split);
    checkSettings(settings);
    // What was lightened stays so when it trains on.
    const { graph: own = null } = this.record ?? (start?.kind === 'continue' ? await getRun(start.run) : {});
    return { split, dataset, counts: { train, validation, test }, loss: resolveLoss(settings.loss, train), graph: own ?? buildRunGraph(settings, dataset.classes.length), own };
  }

  /** The same kind of device as before: another would end with other weights. */
  private async reopen(backend: Backend): Promise<Device> {
    const until = performance.now() + RETURN_MS;
    for (;;) {
      try {
        return await this.request.openDevice(backend);
      } catch (error) {
        if (performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Stores the run as one that trains now. */
  private async open({ dataset, counts, own }: Ground, { adapter }: Device, path: EnginePath, beginning: Beginning | null, checkpoint: RunCheckpoint | null): Promise<void> {
    const { settings, listener } = this.request;
    const history = checkpoint?.state.fit.history ?? beginning?.continued?.history ?? [];
    const before = this.record;
    this.record = before === null
      ? {
          id: this.id, dataset: dataset.id, datasetName: dataset.name, synthetic: dataset.source === 'synthetic', classes: dataset.classes, created: new Date().toISOString(),
          settings, adapter, path, split: counts, history, state: { kind: 'running' }, parent: beginning?.parent ?? null, ...(own && { graph: own }), advice: [],
        }
      : {
          ...before, adapter, path, history, state: { kind: 'running' }, resumed: (before.resumed ?? 0) + 1,
          advice: (before.advice ?? []).filter(({ epoch }) => epoch <= history.length),
        };
    await this.stored;
    await saveRun(this.record);
    listener.changed(this.record);
  }

  private async train(prepared: Prepared): Promise<Outcome> {
    const { settings, listener } = this.request;
    const { control } = this;
    const { engine, splits, coming, checkpoint, predictedGpuBytes } = prepared;
    for (const name of checkpoint?.state.undecodable ?? []) this.undecodable.add(name);
    const before = checkpoint === null ? await this.recall(prepared) : this.restore(engine, checkpoint);
    if (before === null) return { kind: 'stopped', result: null };
    const sentinel = this.watch(prepared, checkpoint?.state.sentinel);
    const checkpoints = this.keep(prepared);
    const take = async (state: FitState): Promise<void> => {
      await checkpoints.take(this.stateOf(state, prepared, sentinel, checkpoints));
      // It is stored with whatever is stored next: a write of its own would be a cost that nobody counts.
      this.record = { ...this.record!, checkpoints: shareOf(checkpoints) };
    };
    // What it began with may be gone when it is resumed; the best of a run that is continued may stay the best.
    if (checkpoint === null && this.request.start !== null) {
      if (before?.bestWeights) checkpoints.note(before.bestWeights);
      await take(before?.state ?? startState);
    }
    const fitted = await fit({
      ...splits,
      settings,
      classes: splits.classes.length,
      asked: this.asked,
      coming,
      ...(before && { before }),
      onStage: (stage) => listener.stage(stage),
      onProgress: (progress) => {
        if (this.live) this.live.epoch = progress.epoch;
        listener.progress({ ...progress, gpuBytes: engine.memory().bytes });
      },
      onEpoch: async (record, best) => {
        if (best !== null) checkpoints.note(best);
        this.store({ history: [...this.record!.history, record], checkpoints: shareOf(checkpoints) });
        listener.epoch(record, best !== null);
        for (const advice of await sentinel.observe(record)) this.advise(advice);
      },
      checkpoint: { due: (at) => checkpoints.due(at), take },
    });
    if (fitted.best === null) {
      if (!control.stopping) throw new WinnowError('no-images', { source: 'the training split' });
      return { kind: 'stopped', result: null };
    }
    await checkpoints.storeBest();
    listener.stage('measuring');
    const result = await measure({ ...splits, predictedGpuBytes }, fitted, fitted.best);
    return control.stopping || result === null ? { kind: 'stopped', result } : { kind: 'done', result };
  }

  private keep({ engine, graph, checkpoint }: Prepared): Checkpoints {
    const { optimizer } = this.request.settings;
    this.checkpoints = new Checkpoints({
      run: this.id, engine, control: this.control,
      bytes: (1 + slotNames(optimizer.kind).length) * graphCosts(graph).bytes,
      ...(checkpoint && { cost: checkpoint.state.cost }),
      failed: (error) => this.request.listener.notice(error),
    });
    return this.checkpoints;
  }

  private stateOf(fitState: FitState, { engine, path }: Prepared, sentinel: Sentinel, { cost }: Checkpoints): RunState {
    return { fit: fitState, sentinel: sentinel.state, rates: ratesOf(engine), path, adapter: engine.adapter, undecodable: [...this.undecodable], cost };
  }

  private restore(engine: TrainingEngine, { state, optimizer, best }: RunCheckpoint): FitBefore {
    engine.writeOptimizer(optimizer);
    if (best === null && state.fit.stopping.bestEpoch > 0) this.request.listener.notice(toErrorData(new WinnowError('weights-broken', { id: this.id, kind: 'best' })));
    return { state: state.fit, bestWeights: best, taken: optimizer.step };
  }

  /** Of a continued run: puts the optimiser back, and evaluates what was best so far. @returns null where it was aborted; undefined of a new run. */
  private async recall({ engine, splits, beginning }: Prepared): Promise<FitBefore | undefined | null> {
    const continued = beginning?.continued ?? null;
    if (continued === null) return undefined;
    const { history, bestEpoch, bestWeights, optimizer } = continued;
    engine.writeWeights(bestWeights);
    const validation = await evaluatePart(splits, 'validation', null);
    if (validation === null) return null;
    engine.writeWeights(beginning!.weights);
    if (optimizer !== null) engine.writeOptimizer(optimizer);
    // Its patience begins anew.
    const stopping = { bestEpoch, loss: validation.loss, waited: 0 };
    return { state: { ...startState, history, stopping, validation }, bestWeights, taken: optimizer?.step ?? 0 };
  }

  private watch({ graph, splits, loss, counts }: Prepared, state?: SentinelState): Sentinel {
    const { batch } = this.request.settings;
    const normalised = graph.layers.some((layer) => layer.type === 'batchNorm' && layer.trainable !== false);
    const some = Math.min(splits.counts.train, SENTINEL_PHOTOS);
    return new Sentinel({
      constantLoss: constantLoss(loss, counts.train),
      steps: Math.ceil(splits.counts.train / batch),
      evaluateTrain: normalised ? () => evaluatePart(splits, 'train', null, some) : null,
    }, state);
  }

  private advise(advice: Advice): void {
    this.update({ advice: [...(this.record!.advice ?? []), advice] });
    this.request.listener.advice(advice);
  }

  /** Of a run that failed: its best so far, or before its first epoch's end what it has learned, which every bad step left alone. */
  private async keepWeights(): Promise<void> {
    try {
      if (this.record!.history.length > 0) await this.checkpoints?.storeBest();
      else if (this.live) await saveBest(this.id, await this.live.engine.readWeights());
    } catch {
      // A lost GPU has no weights left to read, a full disk takes none; the run's own error is what is told.
    }
  }

  private async finish(state: Outcome): Promise<RunRecord> {
    this.update({ state });
    await this.stored;
    return this.record!;
  }

  private update(change: Partial<Pick<RunRecord, 'state' | 'advice'>>): void {
    this.store(change);
    this.request.listener.changed(this.record!);
  }

  private store(change: Partial<Pick<RunRecord, 'state' | 'advice' | 'history' | 'checkpoints'>>): void {
    const record = { ...this.record!, ...change };
    this.record = record;
    this.stored = this.stored.then(() => saveRun(record)).catch((error: unknown) => this.request.listener.notice(toErrorData(error)));
  }
}

function shareOf({ cost: { count, spent, trained } }: Checkpoints): { count: number; share: number } {
  return { count, share: trained === 0 ? 0 : spent / trained };
}

/** Its tiles may be used again. */
function isSame(a: AdapterInfo, b: AdapterInfo): boolean {
  return a.backend === b.backend && a.vendor === b.vendor && a.architecture === b.architecture && a.description === b.description;
}
