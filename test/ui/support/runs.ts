import { defaultSettings, type AdapterInfo } from '../../../src/engine/support/settings.js';
import type { DatasetRecord, EpochRecord, Interval, PerturbedMetrics, RunRecord, RunResult } from '../../../src/engine/storage/records.js';

/** Records for element tests: numbers that a run could have, none that one had. */

export const gpu: AdapterInfo = { backend: 'webgpu', vendor: 'acme', architecture: 'one', description: 'Acme One', fallback: false, maxBufferBytes: 4e9 };
export const software: AdapterInfo = { backend: 'webgpu', vendor: 'google', architecture: 'swiftshader', description: 'SwiftShader', fallback: true, maxBufferBytes: 1e9 };
export const classes = ['ant', 'bee', 'cat'];

export const photos: DatasetRecord = {
  id: 'photos', name: 'Photos', created: '2026-11-01T08:00:00Z', source: 'zip', classes, counts: [400, 400, 400], images: 1200, bytes: 4e6, shards: 2, refused: [], refusedCount: 0,
};

export function epochs(count: number, bestLoss = 0.1): EpochRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const loss = bestLoss + 1 / (index + 1) ** 2;
    return { epoch: index + 1, loss, accuracy: 1 - loss / 2, valLoss: loss + 0.02, valAccuracy: 0.99 - loss / 2, seconds: 12, imagesPerSecond: 80 };
  });
}

export function result(accuracy: number, perturbed: number, rest: Partial<RunResult> = {}): RunResult {
  const interval: Interval = [perturbed - 0.02, perturbed + 0.02];
  const kind = { accuracy: perturbed, interval };
  const metrics: PerturbedMetrics = { accuracy: perturbed, interval, byKind: { flip: kind, rotation: kind, zoom: kind, shift: kind, contrast: kind }, of: 'validation' };
  return {
    bestEpoch: 4, stoppedEarly: true, restoredBest: true, train: { loss: 0.01, accuracy: 0.998 }, validation: { loss: 0.05, accuracy },
    test: { loss: null, accuracy: null, perturbed: metrics }, confusion: [[78, 1, 1], [0, 80, 0], [4, 0, 76]],
    latencyMs: 2.5, stepMs: 40, compileMs: 500, dataWaitShare: 0.02, peakGpuBytes: 3e8, predictedGpuBytes: 3.1e8, weightsSha256: 'ab'.repeat(32), undecodable: [], ...rest,
  };
}

export function run(id: string, rest: Partial<RunRecord> = {}): RunRecord {
  return {
    id, dataset: 'photos', datasetName: 'Photos', synthetic: false, classes, created: '2026-11-02T08:00:00Z', settings: { ...defaultSettings, size: 64, epochs: 20 }, adapter: gpu, path: 'reference',
    split: { train: [320, 320, 320], validation: [80, 80, 80], test: [0, 0, 0] }, history: epochs(5), state: { kind: 'running' }, parent: null, ...rest,
  };
}
