import { augments } from '../data/augment.js';
import type { BatchSource, SplitSpec, StreamSpec } from '../data/types.js';
import type { TrainingEngine } from '../gpu/engine.js';
import type { Weight } from '../graph/types.js';
import type { EpochRecord } from '../storage/records.js';
import type { RunSettings } from '../support/settings.js';
import { Clock, median } from './clock.js';
import type { RunControl } from './control.js';
import { EarlyStopping } from './early-stopping.js';
import { evaluate, type Evaluation } from './evaluate.js';
import { createSchedule, type Schedule } from './schedule.js';
import { batches } from './stream.js';
import { Rate, Totals } from './totals.js';

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
  /** At most ten a second, and at each epoch's end. */
  readonly onProgress?: (progress: FitProgress) => void;
  readonly onStage?: (stage: 'training' | 'validating') => void;
  /** After each epoch; `best` are its weights where it is the best so far. Awaited. */
  readonly onEpoch?: (record: EpochRecord, best: readonly Weight[] | null) => Promise<void> | void;
  /** Of a run that is continued: what came before. The engine holds its latest weights and optimiser state. */
  readonly before?: FitBefore;
}

export interface FitBefore {
  readonly history: readonly EpochRecord[];
  readonly best: Best;
  /** Steps that the engine's optimiser has taken. */
  readonly step: number;
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
  /** The latest weights, which belong to the optimiser's state; null where they are the best. */
  readonly last: readonly Weight[] | null;
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

/**
 * Trains epoch by epoch as Keras's fit does with EarlyStopping that restores the best epoch, whose weights the engine
 * holds at the end. Stopped by its control it ends at the next step; a part of an epoch counts only where it is all there is.
 * @throws 'not-finite' where a loss or gradient was not finite; the engine's weights are then those of before.
 */
export async function fit(request: FitRequest): Promise<FitResult> {
  const run = new Fit(request);
  return run.run();
}

class Fit {
  private readonly history: EpochRecord[];
  private readonly stepTimes: number[] = [];
  private readonly stopping: EarlyStopping;
  private readonly schedule: Schedule;
  private best: FitResult['best'];
  private compileMs = 0;
  private firstStepMs = 0;
  /** Over the life of the engine's optimiser. */
  private stepsTaken: number;
  private learningRate = 0;
  /** The latest weights are of a part of an epoch. */
  private partial = false;
  private waitedMs = 0;
  private trainedMs = 0;
  /** Until an epoch has been validated, a guess: a forward pass is a third of a step. */
  private validationMs: number | null = null;

  constructor(private readonly request: FitRequest) {
    const { settings, counts, before } = request;
    this.history = [...(before?.history ?? [])];
    this.best = before?.best ?? null;
    this.stepsTaken = before?.step ?? 0;
    this.stopping = new EarlyStopping(settings.patience, before && { epoch: before.best.epoch, loss: before.best.validation.loss });
    this.schedule = createSchedule(settings.schedule, settings.optimizer.learningRate, Math.ceil(counts.train / settings.batch), settings.epochs);
    for (const { valLoss } of this.history) this.schedule.observe(valLoss);
  }

  async run(): Promise<FitResult> {
    const { settings, control, engine } = this.request;
    let stoppedEarly = false;
    for (let epoch = this.history.length + 1; epoch <= settings.epochs && !stoppedEarly && !control.stopping; epoch++) {
      const clock = new Clock(this.request.control);
      const trained = await this.train(epoch);
      this.partial = control.stopping;
      if (trained === null || (control.stopping && this.history.length > 0)) break;
      stoppedEarly = await this.validate(epoch, trained, clock);
    }
    const { best } = this;
    const { peakBytes: peakGpuBytes } = engine.memory();
    const last = best === null || (best.epoch === this.history.length && !this.partial) ? null : await engine.readWeights();
    if (best !== null) engine.writeWeights(best.weights);
    return {
      history: this.history,
      best,
      last,
      peakGpuBytes,
      stoppedEarly: stoppedEarly && this.history.length < settings.epochs,
      stepMs: this.stepTimes.length > 0 ? median(this.stepTimes) : this.firstStepMs,
      compileMs: this.compileMs,
      dataWaitShare: this.trainedMs === 0 ? 0 : this.waitedMs / this.trainedMs,
    };
  }

  /** One epoch's steps. @returns their sums, null of none. */
  private async train(epoch: number): Promise<{ sums: Totals; seconds: number } | null> {
    const { engine, source, counts, settings, control, undecodable, onProgress, onStage } = this.request;
    onStage?.('training');
    const stream = batches(source, this.trainingStream(epoch), counts.train);
    const steps = Math.ceil(counts.train / settings.batch);
    const clock = new Clock(control);
    const sums = new Totals();
    const rate = new Rate();
    let step = 0;
    let told = 0;
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
        for (const name of batch.undecodable) undecodable.add(name);
        if (batch.size > 0) {
          const stepping = new Clock(control);
          this.learningRate = this.schedule.rate(this.stepsTaken);
          engine.setLearningRate(this.learningRate);
          await engine.step(batch);
          this.stepsTaken++;
          const due = step === steps || clock.elapsed - told >= PROGRESS_MS;
          if (due || idle) {
            sums.add(await engine.takeSums(), this.stepsTaken, step, epoch);
            if (this.compileMs === 0) {
              this.compileMs = performance.now() - this.request.asked;
              this.firstStepMs = stepping.elapsed;
            } else if (idle && batch.size === Math.min(settings.batch, counts.train)) this.stepTimes.push(stepping.elapsed);
            idle = due;
          }
          if (due && sums.images > 0) {
            told = clock.elapsed;
            rate.note(sums.images, told);
            onProgress?.(this.progress(epoch, step, steps, sums, rate, told));
          }
        }
      }
    } finally {
      await stream.return();
    }
    sums.add(await engine.takeSums(), this.stepsTaken, step, epoch);
    this.trainedMs += clock.elapsed;
    return sums.images === 0 ? null : { sums, seconds: clock.elapsed / 1000 };
  }

  private trainingStream(epoch: number): StreamSpec {
    const { split, settings: { size, batch, seed, augment } } = this.request;
    return { split, part: 'train', size, batch, epoch, perturb: null, ...(augments(augment) && { augment: { seed, settings: augment } }) };
  }

  /** @returns whether patience has run out. */
  private async validate(epoch: number, { sums, seconds }: { sums: Totals; seconds: number }, clock: Clock): Promise<boolean> {
    const { engine, source, split, counts, classes, settings, control, undecodable, onEpoch, onStage } = this.request;
    onStage?.('validating');
    const from = clock.elapsed;
    const spec = { split, part: 'validation', size: settings.size, batch: settings.batch, epoch: null, perturb: null } as const;
    const validation = await evaluate({ engine, source, spec, images: counts.validation, classes, labelSmoothing: settings.loss.labelSmoothing, control, undecodable });
    if (validation === null) return false;
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
    await onEpoch?.(record, weights);
    return stop;
  }

  private progress(epoch: number, step: number, steps: number, sums: Totals, rate: Rate, elapsedMs: number): FitProgress {
    const { counts, settings } = this.request;
    const perStep = elapsedMs / step;
    const validation = this.validationMs ?? (perStep / 3) * (counts.validation / settings.batch);
    const left = perStep * (steps - step) + validation + (settings.epochs - epoch) * (perStep * steps + validation);
    return { epoch, step, steps, loss: sums.loss, accuracy: sums.accuracy, imagesPerSecond: rate.perSecond, secondsLeft: left / 1000 };
  }
}
