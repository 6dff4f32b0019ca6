import type { EpochRecord, RunRecord, RunResult } from '../../engine/storage/records.js';

/** Null while it trains, where it failed, and where it was stopped before its first epoch had ended. */
export function resultOf({ state }: Pick<RunRecord, 'state'>): RunResult | null {
  return 'result' in state ? state.result : null;
}

/** Early stopping watches the validation loss: the epoch where it was lowest, the first of equals. */
export function bestOf(history: readonly EpochRecord[]): EpochRecord | null {
  return history.reduce<EpochRecord | null>((best, record) => (best && !(record.valLoss < best.valLoss) ? best : record), null);
}

/** The epoch whose weights count: the result's, or so far the best; null before the first epoch has ended. */
export function bestEpochOf(run: Pick<RunRecord, 'state' | 'history'>): number | null {
  return resultOf(run)?.bestEpoch ?? bestOf(run.history)?.epoch ?? null;
}
