import type { BatchSource } from '../engine/data/types.js';
import { readModel } from '../engine/exchange/formats.js';
import type { Device } from '../engine/gpu/index.js';
import type { RunRecord } from '../engine/storage/records.js';
import { saveRun } from '../engine/storage/runs.js';
import { saveBest } from '../engine/storage/weights.js';
import type { Backend, RunSettings } from '../engine/support/settings.js';
import type { RunControl } from '../engine/training/control.js';
import { evaluateModel } from '../engine/training/evaluate-model.js';

/**
 * A model from a file as a stored run: evaluated anew on the dataset, in its card's split, with no history.
 * @throws as evaluateModel does.
 */
export async function adoptModel(
  file: Blob, dataset: string, source: BatchSource, openDevice: (backend: 'auto' | Backend) => Promise<Device>, on: Pick<RunSettings, 'backend' | 'engine'>, control: RunControl,
): Promise<RunRecord> {
  const { graph, weights, card } = await readModel(file);
  const { adapter, path, split, train, validation, test, confusion, predictions, mistakes, hits, latencyMs, imagesPerSecond, peakGpuBytes, weightsSha256, undecodable } = await evaluateModel(file, dataset, source, openDevice, on, control);
  const run: RunRecord = {
    id: crypto.randomUUID(), dataset, datasetName: card.dataset.name, synthetic: card.dataset.synthetic, classes: card.classes, created: new Date().toISOString(),
    settings: { ...card.settings, arch: card.arch, archOptions: card.options, ...on }, adapter, path, split, graph, history: [], parent: weightsSha256,
    state: {
      kind: 'done',
      result: {
        bestEpoch: card.metrics.bestEpoch, stoppedEarly: false, restoredBest: false, train, validation, test, confusion, predictions, mistakes, hits,
        latencyMs, imagesPerSecond, stepMs: 0, compileMs: 0, dataWaitShare: 0, peakGpuBytes, predictedGpuBytes: peakGpuBytes, weightsSha256, undecodable,
      },
    },
  };
  await saveBest(run.id, weights);
  await saveRun(run);
  return run;
}
