import type { RunRecord, RunResult } from '../storage/records.js';
import type { RunSettings } from '../support/settings.js';
import { entries, flag, list, nullable, object, oneOf, pair, real, record, refuse, text, variant, whole, type Parse } from './schema.js';

/**
 * How a photo becomes the input: what another program must do to get the same answer. The EXIF orientation is applied,
 * colours become sRGB, alpha is blended on black, the whole photo is stretched to a square (bilinear, half-pixel
 * centres, no antialiasing), rounded to uint8, and divided by 255.
 */
export const preprocessing = {
  orientation: 'exif',
  colour: 'srgb',
  channels: 'rgb',
  alpha: 'black',
  fit: 'stretch',
  resize: 'bilinear',
  centres: 'half-pixel',
  antialias: false,
  round: 'uint8',
  divideBy: 255,
} as const;

/** `card.json`: what a model is, what it was trained on and how well it did. */
export interface ModelCard {
  readonly schema: 1;
  /** Version of Winnow that wrote it. */
  readonly winnow: string;
  /** ISO 8601: when the run was made. */
  readonly created: string;
  readonly arch: string;
  readonly options: Readonly<Record<string, number>>;
  /** In the order of the outputs. */
  readonly classes: readonly string[];
  readonly preprocessing: typeof preprocessing;
  /** Seed, shares and limit here give the split again. */
  readonly settings: Omit<RunSettings, 'arch' | 'archOptions'>;
  readonly dataset: { readonly name: string; readonly synthetic: boolean };
  readonly metrics: Pick<RunResult, 'bestEpoch' | 'train' | 'validation' | 'test'>;
}

/** The card of a run that has a result. */
export function modelCard(run: RunRecord, { bestEpoch, train, validation, test }: RunResult, version: string): ModelCard {
  const { arch, archOptions, ...settings } = run.settings;
  return {
    schema: 1,
    winnow: version,
    created: run.created,
    arch,
    options: archOptions,
    classes: run.classes,
    preprocessing,
    settings,
    dataset: { name: run.datasetName, synthetic: run.synthetic },
    metrics: { bestEpoch, train, validation, test },
  };
}

const share = real(0, 1);
const count = whole(1, 1e9);
const loss = real(0);
const splitMetrics = object({ loss, accuracy: share });
const kind = object({ accuracy: share, interval: pair(share) });

const date: Parse<string> = (value, at) => (Number.isNaN(Date.parse(text(40)(value, at))) ? refuse(`${at} is no date`) : (value as string));

/** A model that wants its photos prepared in another way would answer wrongly here. */
const onlyOurs: Parse<typeof preprocessing> = (value, at) => {
  const fields = entries(value, at);
  for (const [key, ours] of Object.entries(preprocessing)) if (fields.get(key) !== ours) refuse(`${at}.${key} is not ${ours}`);
  return preprocessing;
};

export const parseCard: Parse<ModelCard> = object({
  schema: oneOf(1),
  winnow: text(40),
  created: date,
  arch: text(100),
  options: record(real(), 20),
  classes: list(text(500), 2, 1000),
  preprocessing: onlyOurs,
  settings: object({
    size: count,
    batch: count,
    epochs: count,
    patience: whole(0, 1e9),
    validationShare: share,
    testShare: share,
    limit: nullable(count),
    seed: whole(0, 2 ** 32 - 1),
    optimizer: variant('kind', {
      adam: object({ learningRate: real(0) }),
      adamw: object({ learningRate: real(0), weightDecay: real(0) }),
      sgd: object({ learningRate: real(0), momentum: share }),
    }),
    loss: object({ labelSmoothing: share, classWeights: nullable(list(real(0), 2, 1000)) }),
    backend: oneOf('auto', 'webgpu', 'webgl', 'cpu'),
    engine: oneOf('auto', 'compiled', 'reference'),
  }),
  dataset: object({ name: text(500), synthetic: flag }),
  metrics: object({
    bestEpoch: whole(0, 1e9),
    train: splitMetrics,
    validation: splitMetrics,
    test: object({
      loss: nullable(loss),
      accuracy: nullable(share),
      perturbed: object({
        accuracy: share,
        interval: pair(share),
        byKind: object({ flip: kind, rotation: kind, zoom: kind, shift: kind, contrast: kind }),
        of: oneOf('test', 'validation'),
      }),
    }),
  }),
});
