import type { Advice, EpochRecord, SplitMetrics } from '../storage/records.js';
import { toErrorData, WinnowError, type ErrorCode, type ErrorDetails } from '../support/errors.js';

export interface SentinelOptions {
  /** The loss of an answer that does not look; see constantLoss. */
  readonly constantLoss: number;
  /** Training steps an epoch. */
  readonly steps: number;
  /** Evaluates some of the training photos; null where there is no batch norm that learns. The answer is null where the run was aborted. */
  readonly evaluateTrain: (() => Promise<Pick<SplitMetrics, 'loss' | 'accuracy'> | null>) | null;
}

export interface SentinelState {
  readonly said: readonly ErrorCode[];
  /** Of accuracy between training and validation, in the last epoch. */
  readonly lastGap: number;
  /** Batch norm was apart in the last epoch. */
  readonly apart: boolean;
}

/** Before so many steps no network can be told from one that does not learn. */
const LEAST_STEPS = 20;
/** A loss above this share of the constant answer's is no start. */
const NOT_LEARNING = 0.98;
/** Accuracies so far apart, for two epochs together. */
const OVERFITTING_GAP = 0.15;
/** Batch norm is watched for so many epochs, until its averages (momentum 0.99) have had time to catch up, and for as long as it then stays apart. */
const BATCH_NORM_EPOCHS = 3;
const BATCH_NORM_STEPS = 500;
const BATCH_NORM_GAP = 0.2;

/**
 * Watches the first epochs of a run for what wastes hours: a loss that does not move, validation that falls behind training, and
 * batch norm whose moving statistics are not those of the batches. Each is said once.
 */
export class Sentinel {
  private readonly said: Set<ErrorCode>;
  private lastGap: number;
  private apart: boolean;

  /** @param state where the run stands that goes on. */
  constructor(private readonly options: SentinelOptions, state: SentinelState = { said: [], lastGap: 0, apart: false }) {
    this.said = new Set(state.said);
    this.lastGap = state.lastGap;
    this.apart = state.apart;
  }

  get state(): SentinelState {
    return { said: [...this.said], lastGap: this.lastGap, apart: this.apart };
  }

  /** After each epoch. */
  async observe(record: EpochRecord): Promise<Advice[]> {
    const { epoch } = record;
    const advice: Advice[] = [];
    const say = (code: ErrorCode, details: ErrorDetails): void => {
      if (this.said.has(code)) return;
      this.said.add(code);
      advice.push({ epoch, notice: toErrorData(new WinnowError(code, { epoch, ...details })) });
    };
    if (this.stuck(record)) say('not-learning', { loss: record.loss.toFixed(4), constant: this.options.constantLoss.toFixed(4) });
    const evaluated = await this.behind(record);
    this.apart = evaluated !== null;
    if (evaluated !== null) say('batch-norm-apart', { accuracy: record.accuracy.toFixed(4), evaluated: evaluated.toFixed(4) });
    // Where batch norm is apart, validation falls behind without any overfitting.
    else if (this.overfits(record)) say('overfitting', { accuracy: record.accuracy.toFixed(4), valAccuracy: record.valAccuracy.toFixed(4) });
    this.lastGap = record.accuracy - record.valAccuracy;
    return advice;
  }

  private stuck({ epoch, loss }: EpochRecord): boolean {
    const { steps, constantLoss } = this.options;
    return epoch > 1 && epoch * steps >= LEAST_STEPS && loss > NOT_LEARNING * constantLoss;
  }

  private overfits({ accuracy, valAccuracy, loss, valLoss }: EpochRecord): boolean {
    return this.lastGap >= OVERFITTING_GAP && accuracy - valAccuracy >= OVERFITTING_GAP && valLoss > loss;
  }

  /** @returns the evaluated accuracy on training photos where it is far below that of training itself. */
  private async behind({ epoch, accuracy, loss }: EpochRecord): Promise<number | null> {
    const { evaluateTrain, steps } = this.options;
    const settled = epoch > BATCH_NORM_EPOCHS && epoch * steps > BATCH_NORM_STEPS && !this.apart;
    if (evaluateTrain === null || settled) return null;
    const evaluated = await evaluateTrain();
    return evaluated !== null && accuracy - evaluated.accuracy >= BATCH_NORM_GAP && evaluated.loss > loss ? evaluated.accuracy : null;
  }
}
