import type { DatasetRecord, EpochRecord, RunRecord, RunResult } from '../../../src/engine/storage/records.js';
import { wilson } from '../../../src/engine/comparison/statistics.js';
import { defaultSettings } from '../../../src/engine/support/settings.js';

/** The study's table: best epoch, train, validation, accuracy on 7,500 perturbed photos. */
const table = {
  cnn: [9, 0.9986, 0.004, 0.9963, 0.0132, 0.7092],
  'cnn-light': [19, 0.9986, 0.0044, 0.997, 0.0108, 0.7456],
  googlenet: [24, 0.9988, 0.0039, 0.9975, 0.0111, 0.8675],
  'googlenet-light': [16, 0.9983, 0.0071, 0.9981, 0.007, 0.9319],
  'vgg16-gap': [11, 0.9994, 0.0024, 0.9979, 0.0099, 0.9649],
  'vgg-light': [28, 0.9982, 0.0061, 0.9977, 0.0077, 0.9227],
  'vgg-custom': [41, 0.9986, 0.0051, 0.9988, 0.0042, 0.9909],
  'cnn-final': [34, 0.9899, 0.031, 0.9897, 0.0305, 0.9533],
} as const;
export type StudyArch = keyof typeof table;
export const studyArchs = Object.keys(table) as StudyArch[];

const classes = ['Arborio', 'Basmati', 'Ipsala', 'Jasmine', 'Karacadag'];

export const riceDataset: DatasetRecord = {
  id: 'rice',
  name: 'Rice',
  created: '2026-11-01T00:00:00Z',
  source: 'zip',
  classes,
  counts: classes.map(() => 15_000),
  images: 75_000,
  bytes: 230_000_000,
  shards: 80,
  refused: [{ name: 'Rice_Image_Dataset/Rice_Citation_Request.txt', code: 'not-an-image', reason: 'It is no image.' }],
  refusedCount: 1,
};

/** A run with the study's results; its curves approach them. */
export function studyRun(arch: StudyArch, over: Partial<RunRecord> = {}): RunRecord {
  const [bestEpoch, accuracy, loss, valAccuracy, valLoss, perturbed] = table[arch];
  const history = Array.from({ length: bestEpoch + 3 }, (_, index): EpochRecord => {
    const left = Math.exp(-index / 3) + 0.15 * Math.abs(Math.sin(index * 2.3)) * Math.exp(-index / 9);
    const off = index + 1 > bestEpoch ? 0.3 * (index + 1 - bestEpoch) : 0;
    return {
      epoch: index + 1,
      loss: loss + 0.7 * left,
      accuracy: Math.max(0, accuracy - 0.3 * left),
      valLoss: valLoss * (1 + off) + 0.6 * left,
      valAccuracy: valAccuracy - 0.28 * left,
      seconds: 30,
      imagesPerSecond: 2000,
      learningRate: 0.001,
    };
  });
  const part = { accuracy: perturbed, interval: wilson(Math.round(perturbed * 7500), 7500) };
  const result: RunResult = {
    bestEpoch,
    stoppedEarly: true,
    restoredBest: true,
    train: { loss, accuracy },
    validation: { loss: valLoss, accuracy: valAccuracy },
    test: { loss: valLoss, accuracy: valAccuracy, perturbed: { ...part, byKind: { flip: part, rotation: part, zoom: part, shift: part, contrast: part }, of: 'test' } },
    confusion: classes.map((_, truth) => classes.map((__, predicted) => (truth === predicted ? 1490 : (truth + predicted) % 3 === 0 ? 5 : 0))),
    latencyMs: 4.2,
    stepMs: 61,
    compileMs: 900,
    dataWaitShare: 0.02,
    peakGpuBytes: 1.1 * 2 ** 30,
    predictedGpuBytes: 2 ** 30,
    weightsSha256: 'a'.repeat(64),
    undecodable: [],
  };
  return {
    id: arch,
    dataset: 'rice',
    datasetName: 'Rice',
    synthetic: false,
    classes,
    created: '2026-11-02T00:00:00Z',
    settings: { ...defaultSettings, arch, testShare: 0.1 },
    adapter: { backend: 'webgpu', vendor: 'apple', architecture: 'm3', description: 'Apple M3', fallback: false, maxBufferBytes: Infinity },
    path: 'compiled',
    split: { train: classes.map(() => 12_000), validation: classes.map(() => 1_500), test: classes.map(() => 1_500) },
    history,
    state: { kind: 'done', result },
    parent: null,
    ...over,
  };
}
