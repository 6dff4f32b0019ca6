import type { RunRecord } from '../../../src/engine/storage/records.js';
import { defaultSettings } from '../../../src/engine/support/settings.js';

export function run(id: string, dataset: string, created = '2026-01-01T00:00:00Z'): RunRecord {
  return {
    id, dataset, datasetName: dataset, synthetic: false, classes: ['a', 'b'], created, settings: defaultSettings,
    adapter: { backend: 'cpu', vendor: '', architecture: '', description: '', fallback: true, maxBufferBytes: Infinity },
    path: 'reference', split: { train: [1, 1], validation: [1, 1], test: [0, 0] }, history: [], state: { kind: 'running' }, parent: null,
  };
}
