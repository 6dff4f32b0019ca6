import { splitOf } from '../data/split.js';
import type { BatchSource } from '../data/types.js';
import { readModel } from '../exchange/formats.js';
import { choosePath, createEngine, noTraining, type Device } from '../gpu/index.js';
import type { DatasetRecord, RunRecord } from '../storage/records.js';
import { WinnowError } from '../support/errors.js';
import type { AdapterInfo, Backend, RunSettings } from '../support/settings.js';
import type { RunControl } from './control.js';
import { resolveLoss } from './loss.js';
import { imagesIn, measureLatency, measureRate, measureSplits, weightsSha256, type SplitResults } from './measure.js';

/** How good a model is on a dataset. */
export interface ModelEvaluation extends SplitResults {
  readonly arch: string;
  readonly options: RunSettings['archOptions'];
  readonly classes: readonly string[];
  readonly settings: Pick<RunSettings, 'size' | 'batch' | 'seed' | 'splitSeed' | 'validationShare' | 'testShare' | 'limit' | 'perturbation'>;
  readonly adapter: AdapterInfo;
  readonly path: RunRecord['path'];
  /** Images a split, by class. */
  readonly split: RunRecord['split'];
  /** Median milliseconds of one photo alone, warm, read-back included. */
  readonly latencyMs: number;
  /** Photos a second in batches of the card's size, warm, read-back included. */
  readonly imagesPerSecond: number;
  readonly peakGpuBytes: number;
  readonly weightsSha256: string;
  readonly undecodable: readonly string[];
}

/**
 * Evaluates a model, in any form that is read, on a stored dataset as its own run was evaluated: split, seed, size and perturbation are those of its card.
 * @param engine what runs it; the card's choice was its trainer's.
 * @throws 'model-broken', 'classes-differ', 'cancelled', what {@link BatchSource.split} throws.
 */
export async function evaluateModel(
  file: Blob, dataset: string, source: BatchSource, openDevice: (backend: 'auto' | Backend) => Promise<Device>, { backend, engine: wanted }: Pick<RunSettings, 'backend' | 'engine'>, control: RunControl,
): Promise<ModelEvaluation> {
  const { graph, weights, card } = await readModel(file);
  const { classes, arch, options } = card;
  const split = splitOf(dataset, card.settings);
  const { dataset: record, train, validation, test } = await source.split(split);
  checkClasses(record, classes);
  const { size, batch, seed, splitSeed, validationShare, testShare, limit, loss, perturbation } = card.settings;
  const device = await openDevice(backend);
  const path = choosePath(wanted, device, graph);
  const engine = await createEngine(path, device, { graph, weights, batch, optimizer: noTraining, loss: resolveLoss(loss, train), seed });
  const undecodable = new Set<string>();
  try {
    const counts = imagesIn({ train, validation, test });
    const results = await measureSplits({ engine, source, split, counts, classes, settings: { size, batch, loss, perturbation }, control, undecodable });
    if (results === null) throw new WinnowError('cancelled');
    return {
      arch, options, classes,
      settings: { size, batch, seed, splitSeed, validationShare, testShare, limit, perturbation },
      adapter: device.adapter, path, split: { train, validation, test },
      ...results,
      latencyMs: await measureLatency(engine, size),
      imagesPerSecond: await measureRate(engine, { size, batch }),
      peakGpuBytes: engine.memory().peakBytes,
      weightsSha256: await weightsSha256(weights),
      undecodable: [...undecodable].sort(),
    };
  } finally {
    engine.dispose();
  }
}

/** Both are sorted lists; an answer means the class of the same place. */
function checkClasses({ name, classes }: DatasetRecord, known: readonly string[]): void {
  const strange = classes.filter((one) => !known.includes(one));
  const missing = known.filter((one) => !classes.includes(one));
  const why = [strange.length > 0 && `${strange.join(', ')} is not the model's`, missing.length > 0 && `${missing.join(', ')} is missing`].filter(Boolean).join('; ');
  if (why !== '' || classes.some((one, index) => one !== known[index])) {
    throw new WinnowError('classes-differ', { source: name, why: why || 'their order is another', classes: known.join(', ') });
  }
}
