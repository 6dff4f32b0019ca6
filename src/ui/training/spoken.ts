import { msg, str } from '@lit/localize';
import type { RunRecord } from '../../engine/storage/records.js';
import { describeError } from '../locales/errors.js';
import { formatMetric } from '../locales/format.js';
import { stageText } from './progress-card.js';

/** What is spoken of a run that has changed: its epochs as they end, what was noticed, how it ended; nothing of its steps. Null where there is no news. */
export function newsOf(run: RunRecord, before: RunRecord | null, title: string): string | null {
  if (run.id !== before?.id) return null;
  const last = run.history.at(-1);
  const advice = run.advice ?? [];
  if (last && run.history.length > before.history.length) {
    return msg(str`Epoch ${last.epoch} of ${run.settings.epochs}: validation accuracy ${formatMetric(last.valAccuracy)}, loss ${formatMetric(last.valLoss)}`, { id: 'training.spoken-epoch' });
  }
  if (advice.length > (before.advice ?? []).length) return describeError(advice.at(-1)!.notice).what;
  return run.state.kind === before.state.kind ? null : stateText(run, title);
}

function stateText({ state }: RunRecord, title: string): string {
  switch (state.kind) {
    case 'running':
      return stageText('training');
    case 'paused':
      return msg('paused', { id: 'training.paused' });
    case 'done':
      return msg(str`${title} is trained`, { id: 'training.done' });
    case 'stopped':
      return msg(str`${title} was stopped`, { id: 'training.stopped' });
    case 'interrupted':
      return msg('Interrupted', { id: 'training.interrupted' });
    case 'failed':
      // The error is spoken where it stands.
      return '';
  }
}
