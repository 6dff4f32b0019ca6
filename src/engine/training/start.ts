import { photosKey } from '../comparison/paired.js';
import type { OptimizerState } from '../gpu/engine.js';
import type { LayerGraph, Weight } from '../graph/types.js';
import { initialWeights } from '../graph/weights.js';
import { loadCheckpoint } from '../storage/checkpoints.js';
import type { EpochRecord, RunRecord } from '../storage/records.js';
import { getRun, resultOf } from '../storage/runs.js';
import { loadBest } from '../storage/weights.js';
import { hasCode, WinnowError } from '../support/errors.js';
import type { RunSettings } from '../support/settings.js';
import { transfer } from './transfer.js';

/** What a run begins with, where that is not Keras's initial values. */
export type TrainingStart =
  /** Goes on with a stored run that has ended: the settings' epochs count its own. */
  | { readonly kind: 'continue'; readonly run: string }
  /** The base's weights are those of a model in any form that is read, or of Keras's weights in HDF5; the head is drawn anew. */
  | { readonly kind: 'transfer'; readonly model: Blob };

export interface Beginning {
  readonly weights: readonly Weight[];
  readonly parent: string | null;
  /** Of a run that is continued. */
  readonly continued: {
    readonly history: readonly EpochRecord[];
    readonly bestEpoch: number;
    readonly bestWeights: readonly Weight[];
    /** Null where none is stored, or it is of another kind: the optimiser begins anew. */
    readonly optimizer: OptimizerState | null;
  } | null;
}

/**
 * @throws 'run-missing', 'weights-missing', 'weights-broken' or 'settings-invalid' of a run that cannot be continued so;
 * 'model-broken' or 'weights-unfit' of a model.
 */
export async function begin(start: TrainingStart | null, dataset: string, settings: RunSettings, graph: LayerGraph): Promise<Beginning> {
  switch (start?.kind) {
    case undefined:
      return { weights: initialWeights(graph, settings.seed), parent: null, continued: null };
    case 'continue':
      return continueRun(await getRun(start.run), dataset, settings);
    case 'transfer':
      return { ...(await transfer(start.model, graph, settings)), continued: null };
  }
}

async function continueRun(run: RunRecord, dataset: string, settings: RunSettings): Promise<Beginning> {
  const { bestEpoch } = resultOf(run);
  const fixed = ({ arch, archOptions, size, freeze }: RunSettings) => JSON.stringify([arch, archOptions, size, freeze]);
  if (fixed(settings) !== fixed(run.settings) || photosKey({ ...run, dataset, settings }) !== photosKey(run)) {
    throw new WinnowError('settings-invalid', { setting: 'the architecture, size or split', value: 'changed when a run is continued', allowed: 'those that it began with' });
  }
  const done = run.history.length;
  if (settings.epochs <= done) throw new WinnowError('settings-invalid', { setting: 'epochs', value: settings.epochs, allowed: `more than the ${done} that are trained` });
  const bestWeights = await loadBest(run.id);
  const last = await loadCheckpoint(run.id).catch(noneStored);
  return {
    weights: last?.weights ?? bestWeights,
    parent: run.id,
    continued: { history: run.history, bestEpoch, bestWeights, optimizer: settings.optimizer.kind === run.settings.optimizer.kind ? (last?.optimizer ?? null) : null },
  };
}

/** No failure: a full disk takes no checkpoint. Any other error is thrown on. */
export function noneStored(error: unknown): null {
  if (hasCode(error, 'weights-missing')) return null;
  throw error;
}
