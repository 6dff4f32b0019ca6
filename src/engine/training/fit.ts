import { augments } from '../data/augment.js';
import type { BatchSource, LoadedBatch, SplitSpec, StreamSpec } from '../data/types.js';
import type { TrainingEngine } from '../gpu/engine.js';
import type { Weight } from '../graph/types.js';
import type { EpochRecord } from '../storage/records.js';
import type { RunSettings } from '../support/settings.js';
import { Clock, median } from './clock.js';
import type { RunControl } from './control.js';
import { EarlyStopping, notStopping, type StoppingState } from './early-stopping.js';
import { evaluate, type Evaluation } from './evaluate.js';
import { createSchedule, type Schedule } from './schedule.js';
import { batches } from './stream.js';
import { noSums, NotFinite, Rate, Totals, type EpochSums } from './totals.js';

export interface FitProgress {
  /** From 1. */
  readonly epoch: number;
  /** Steps of the epoch taken, and to take. */
  readonly step: number;
  readonly steps: number;
  /** Means of the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  /** Until the last epoch that the settings allow. */
  readonly secondsLeft: number;
}

export interface FitRequest {
  readonly engine: TrainingEngine;
  readonly source: BatchSource;
  readonly split: SplitSpec;
  /** Images. */
  readonly counts: { readonly train: number; readonly validation: number };
  readonly classes: number;
  readonly settings: Pick<RunSettings, 'size' | 'batch' | 'epochs' | 'patience' | 'seed' | 'loss' | 'optimizer' | 'schedule' | 'augment'>;
  readonly control: RunControl;
  /** performance.now() when the run was asked for. */
  readonly asked: number;
  readonly undecodable: Set<string>;
  /** Where the engine's loss distils: a teacher's probabilities for a batch, at the loss's temperature. */
  readonly teach?: (batch: LoadedBatch) => Promise<Float32Array<ArrayBuffer>>;
  /** At most ten a second, and at each epoch's end. */
  readonly onProgress?: (progress: FitProgress) => void;
  readonly onStage?: (stage: 'training' | 'validating') => void;
  /** After each epoch; `best` are its weights where it is the best so far. Awaited. */
  readonly onEpoch?: (record: EpochRecord, best: readonly Weight[] | null) => Promise<void> | void;
  /**
   * Whether a checkpoint is wanted now, asked where a reading of the sums is due anyway: the GPU is idle then, and no bad step is unheard of.
   * It is then taken with where the fit stands, and awaited. At the end it is taken unasked.
   */
  readonly checkpoint?: { due(at: 'step' | 'epoch'): boolean; take(state: FitState): Promise<void> };
  /** Of a run that goes on: what came before. The engine holds its latest weights and optimiser state. */
  readonly before?: FitBefore;
  /** The batches that it begins with, where they are under way already: {@link trainingBatches}. */
  readonly coming?: AsyncGenerator<LoadedBatch, void, undefined>;
}

export interface FitBefore {
  readonly state: FitState;
  /** Null before the first epoch's end. */
  readonly bestWeights: readonly Weight[] | null;
  /** Steps that the engine's optimiser has taken. */
  readonly taken: number;
}

/** Where a fit stands, beside the weights and optimiser of its engine: all that the steps to come depend on. Plain data. */
export interface FitState {
  readonly history: readonly EpochRecord[];
  readonly stopping: StoppingState;
  /** Patience has run out. */
  readonly ended: boolean;
  /** Of the best epoch. */
  readonly validation: Evaluation | null;
  /** Of the epoch under way, its first `step` steps; none between epochs. */
  readonly step: number;
  readonly sums: EpochSums;
  readonly trainedMs: number;
  /** Of all epochs. */
  readonly timing: { readonly compileMs: number; readonly stepMs: readonly number[]; readonly waitedMs: number; readonly trainedMs: number };
}

export interface Best {
  readonly epoch: number;
  readonly weights: readonly Weight[];
  readonly validation: Evaluation;
}

export interface FitResult {
  readonly history: readonly EpochRecord[];
  /** null where not one step was taken. */
  readonly best: Best | null;
  /** The most GPU memory held at once. */
  readonly peakGpuBytes: number;
  /** By patience, before the last epoch. */
  readonly stoppedEarly: boolean;
  /** Median of timed steps, the GPU's work included, the wait for data not. */
  readonly stepMs: number;
  /** From `asked` to the end of the first step. */
  readonly compileMs: number;
  readonly dataWaitShare: number;
}

const PROGRESS_MS = 100;
/** Steps whose sums the engine holds at most: beyond, an epoch of thousands of steps would round them off. */
const SUMMED_STEPS = 64;
/** Times of steps that a checkpoint carries: their median is told. */
const MOST_TIMES = 200;

const betweenEpochs = { step: 0, sums: noSums, trainedMs: 0 };
export const startState: FitState = {
  history: [], stopping: notStopping, ended: false, validation: null, ...betweenEpochs,
  timing: { compileMs: 0, stepMs: [], waitedMs: 0, trainedMs: 0 },
};

/** What a fit reads of a dataset, and how. */
export type FitData = Pick<FitRequest, 'source' | 'split' | 'counts'> & { readonly settings: Pick<RunSettings, 'size' | 'batch' | 'seed' | 'augment'> };

/** The batches of an epoch from a step on; the first of them are decoded from now on. @param epoch from 1. @param step from 0. */
export function trainingBatches(data: FitData, epoch: number, step: number): AsyncGenerator<LoadedBatch, void, undefined> {
  return batches(data.source, trainingStream(data, epoch), data.counts.train, step);
}

function trainingStream({ split, settings: { size, batch, seed, augment } }: FitData, epoch: number): StreamSpec {
  return { split, part: 'train', size, batch, epoch, perturb: null, ...(augments(augment) && { augment: { seed, settings: augment } }) };
}

/**
 * Trains epoch by epoch as Keras's fit does with EarlyStopping that restores the best epoch, whose weights the engine
 * holds at the end. Stopped by its control it ends at the next step; a part of an epoch counts only where it is all there is.
 * @throws 'not-finite' where a loss or gradient was not finite; the engine's weights are then those of before.
 */
export async function fit(request: FitRequest): Promise<FitResult> {
  const run = new Fit(request);
  return run.run().catch((error: unknown) => run.blame(error));
}

class Fit {
  private readonly history: EpochRecord[];
  private readonly stepTimes: number[];
  private readonly stopping: EarlyStopping;
  private readonly schedule: Schedule;
  private best: FitResult['best'];
  private compileMs: number;
  private firstStepMs = 0;
  /** Over the life of the engine's optimiser. */
  private stepsTaken: number;
  private learningRate: number;
  private ended: boolean;
  private waitedMs: number;
  private trainedMs: number;
  /** The epoch under way. */
  private epoch: Pick<FitState, 'step' | 'sums' | 'trainedMs'>;
  /** Batches of the epoch that comes next, and of the validation before it: the GPU does not wait where one gives way to the other. */
  private coming: AsyncGenerator<LoadedBatch, void, undefined> | null;
  private toValidate: AsyncGenerator<LoadedBatch, void, undefined> | undefined;
  /** Until an epoch has been validated, a guess: a forward pass is a third of a step. */
  private validationMs: number | null = null;

  constructor(private readonly request: FitRequest) {
    const { settings, counts, before } = request;
    const { history, stopping, ended, validation, timing, ...epoch } = before?.state ?? startState;
    this.history = [...history];
    this.best = before?.bestWeights && validation ? { epoch: stopping.bestEpoch, weights: before.bestWeights, validation } : null;
    this.stepsTaken = before?.taken ?? 0;
    this.ended = ended;
    this.epoch = epoch;
    this.compileMs = timing.compileMs;
    this.stepTimes = [...timing.stepMs];
    this.waitedMs = timing.waitedMs;
    this.trainedMs = timing.trainedMs;
    this.coming = request.coming ?? null;
    // Where the best weights were lost, the next epoch's are the best there are.
    this.stopping = new EarlyStopping(settings.patience, this.best === null ? notStopping : stopping);
    this.schedule = createSchedule(settings.schedule, settings.optimizer.learningRate, Math.ceil(counts.train / settings.batch), settings.epochs);
    for (const { valLoss } of this.history) this.schedule.observe(valLoss);
    this.learningRate = this.schedule.rate(Math.max(0, this.stepsTaken - 1));
  }

  async run(): Promise<FitResult> {
    const { settings, control, engine, checkpoint } = this.request;
    for (let epoch = this.history.length + 1; epoch <= settings.epochs && !this.ended && !control.stopping; epoch++) {
      const clock = new Clock(control, this.epoch.trainedMs);
      const trained = await this.train(epoch);
      // Where it was stopped it can go on, whatever is made of the part of an epoch.
      if (control.stopping && !control.aborting && this.stepsTaken > 0) await checkpoint?.take(this.state);
      if (trained === null || (control.stopping && this.history.length > 0)) break;
      await this.validate(epoch, trained, clock);
    }
    const { best } = this;
    const { peakBytes: peakGpuBytes } = engine.memory();
    if (this.stepsTaken > 0 && !control.stopping) await checkpoint?.take(this.state);
    if (best !== null) engine.writeWeights(best.weights);
    return {
      history: this.history,
      best,
      peakGpuBytes,
      stoppedEarly: this.ended && this.history.length < settings.epochs,
      stepMs: this.stepTimes.length > 0 ? median(this.stepTimes) : this.firstStepMs,
      compileMs: this.compileMs,
      dataWaitShare: this.trainedMs === 0 ? 0 : this.waitedMs / this.trainedMs,
    };
  }

  /** @throws the error; where it is that a step was not finite, with what of the network was so first. */
  async blame(error: unknown): Promise<never> {
    if (!(error instanceof NotFinite)) throw error;
    const { engine, source } = this.request;
    const { epoch, step } = error;
    const layer = await engine.firstNotFinite(await source.batch(trainingStream(this.request, epoch), step - 1));
    throw new NotFinite(epoch, step, layer ?? 'the loss');
  }

  private get state(): FitState {
    const { history, stopping, ended, best, epoch, compileMs, stepTimes, waitedMs, trainedMs } = this;
    return { history: [...history], stopping: stopping.state, ended, validation: best?.validation ?? null, ...epoch, timing: { compileMs, stepMs: stepTimes.slice(-MOST_TIMES), waitedMs, trainedMs } };
  }

  /** The rest of one epoch's steps. @returns the epoch's sums, null of none. */
  private async train(epoch: number): Promise<{ sums: Totals; seconds: number } | null> {
    const { engine, source, counts, settings, control, undecodable, teach, onProgress, onStage, checkpoint } = this.request;
    onStage?.('training');
    let { step } = this.epoch;
    const stream = this.coming ?? trainingBatches(this.request, epoch, step);
    this.coming = null;
    const steps = Math.ceil(counts.train / settings.batch);
    const before = this.epoch.trainedMs;
    const clock = new Clock(control, before);
    const sums = new Totals(this.epoch.sums);
    const rate = new Rate(sums.images, before);
    let told = before;
    // A step is timed where the GPU was idle before it: after the sums have been read.
    let idle = true;
    try {
      for (;;) {
        await control.pass();
        if (control.stopping) break;
        const waiting = new Clock(control);
        const { value: batch, done } = await stream.next();
        this.waitedMs += waiting.elapsed;
        if (done || batch === undefined) break;
        step++;
        if (step === steps) this.toValidate = batches(source, this.validationStream, counts.validation);
        for (const name of batch.undecodable) undecodable.add(name);
        if (batch.size > 0) {
          const stepping = new Clock(control);
          this.learningRate = this.schedule.rate(this.stepsTaken);
          engine.setLearningRate(this.learningRate);
          await engine.step(teach ? { ...batch, targets: await teach(batch) } : batch);
          this.stepsTaken++;
          const due = step === steps || clock.elapsed - told >= PROGRESS_MS;
          // Of floats, a sum hangs on where it is cut: by steps, so that an epoch's loss does not hang on the clock.
          const cut = step === steps || step % SUMMED_STEPS === 0;
          if (due || idle || cut) {
            const shown = cut ? sums : new Totals(sums.sums);
            shown.add(await (cut ? engine.takeSums() : engine.readSums()), this.stepsTaken, step, epoch);
            if (this.compileMs === 0) {
              this.compileMs = performance.now() - this.request.asked;
              this.firstStepMs = stepping.elapsed;
            } else if (idle && batch.size === Math.min(settings.batch, counts.train)) this.stepTimes.push(stepping.elapsed);
            idle = due;
            if (due && shown.images > 0) {
              told = clock.elapsed;
              rate.note(shown.images, told);
              onProgress?.(this.progress(epoch, step, steps, shown, rate, told));
              if (step < steps && checkpoint?.due('step')) {
                this.epoch = { step, sums: shown.sums, trainedMs: told };
                await checkpoint.take(this.state);
              }
            }
          }
        }
      }
    } finally {
      await stream.return();
    }
    sums.add(await engine.takeSums(), this.stepsTaken, step, epoch);
    this.trainedMs += clock.elapsed - before;
    this.epoch = { step, sums: sums.sums, trainedMs: clock.elapsed };
    return sums.images === 0 ? null : { sums, seconds: clock.elapsed / 1000 };
  }

  private get validationStream(): StreamSpec {
    const { split, settings: { size, batch } } = this.request;
    return { split, part: 'validation', size, batch, epoch: null, perturb: null };
  }

  private async validate(epoch: number, { sums, seconds }: { sums: Totals; seconds: number }, clock: Clock): Promise<void> {
    const { engine, source, counts, classes, settings, control, undecodable, onEpoch, onStage, checkpoint } = this.request;
    onStage?.('validating');
    const from = clock.elapsed;
    const coming = this.toValidate;
    this.toValidate = undefined;
    if (epoch < settings.epochs && !control.stopping) this.coming = trainingBatches(this.request, epoch + 1, 0);
    const validation = await evaluate({ engine, source, spec: this.validationStream, images: counts.validation, classes, labelSmoothing: settings.loss.labelSmoothing, control, undecodable, coming });
    if (validation === null) return;
    this.validationMs = clock.elapsed - from;
    const record: EpochRecord = {
      epoch,
      loss: sums.loss,
      accuracy: sums.accuracy,
      valLoss: validation.loss,
      valAccuracy: validation.accuracy,
      seconds: clock.elapsed / 1000,
      imagesPerSecond: sums.images / seconds,
      learningRate: this.learningRate,
    };
    this.history.push(record);
    this.schedule.observe(validation.loss);
    const { best, stop } = this.stopping.observe(epoch, validation.loss);
    const weights = best ? await engine.readWeights() : null;
    if (weights !== null) this.best = { epoch, weights, validation };
    this.ended = stop;
    this.epoch = betweenEpochs;
    await onEpoch?.(record, weights);
    if (checkpoint?.due('epoch')) await checkpoint.take(this.state);
  }

  private progress(epoch: number, step: number, steps: number, sums: Totals, rate: Rate, elapsedMs: number): FitProgress {
    const { counts, settings } = this.request;
    const perStep = elapsedMs / step;
    const validation = this.validationMs ?? (perStep / 3) * (counts.validation / settings.batch);
    const left = perStep * (steps - step) + validation + (settings.epochs - epoch) * (perStep * steps + validation);
    return { epoch, step, steps, loss: sums.loss, accuracy: sums.accuracy, imagesPerSecond: rate.perSecond, secondsLeft: left / 1000 };
  }
}
