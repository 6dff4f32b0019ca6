import type { RunRecord } from '../../engine/storage/records.js';
import { resultOf } from '../support/runs.js';

/** A run's log in the words of Keras's `fit(verbose=2)` and of its EarlyStopping(restore_best_weights=True, verbose=1). */
export function kerasLog(run: RunRecord): string[] {
  const { history, settings, split } = run;
  const steps = Math.ceil(split.train.reduce((sum, count) => sum + count, 0) / settings.batch);
  const lines = history.flatMap(({ epoch, seconds, loss, accuracy, valLoss, valAccuracy }) => [
    `Epoch ${epoch}/${settings.epochs}`,
    [
      `${steps}/${steps}`, `${Math.round(seconds)}s`, `${Math.round((seconds * 1000) / steps)}ms/step`,
      `accuracy: ${keras(accuracy)}`, `loss: ${keras(loss)}`, `val_accuracy: ${keras(valAccuracy)}`, `val_loss: ${keras(valLoss)}`,
    ].join(' - '),
  ]);
  const last = history.at(-1);
  const result = resultOf(run);
  if (result?.stoppedEarly && last) lines.push(`Epoch ${last.epoch}: early stopping`);
  if (result?.restoredBest) lines.push(`Restoring model weights from the end of the best epoch: ${result.bestEpoch}.`);
  return lines;
}

/** Four decimals, and an exponent where those would hide the number, as Keras's progress bar writes a metric. */
function keras(value: number): string {
  return Math.abs(value) > 1e-3 ? value.toFixed(4) : value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2');
}
