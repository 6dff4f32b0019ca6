import type { Precision, RunRecord, RunResult } from '../storage/records.js';
import { defaultSettings, type Backend, type RunSettings } from '../support/settings.js';
import { either, entries, flag, list, nullable, object, oneOf, optional, pair, real, record, refuse, text, variant, whole, type Parse } from './schema.js';

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
  /** What the weights were rounded to: safetensors stores them so. */
  readonly precision: Precision;
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
  /** `images` of it were split; null in a card from before that was noted. */
  readonly dataset: { readonly name: string; readonly synthetic: boolean; readonly images: number | null };
  /** Of the best epoch; a report has the details. */
  readonly metrics: {
    readonly bestEpoch: number;
    readonly train: Figures;
    readonly validation: Figures;
    readonly test: { readonly [Name in keyof Figures]: number | null } & Pick<RunResult['test'], 'perturbed'>;
  };
  /** How fast it classifies where it was trained; null in a card from before that was noted. */
  readonly speed: Speed | null;
  /** By what it was trained on outside of Winnow (a Keras project): its numbers are that program's, but for those on perturbed photos. */
  readonly continued: { readonly with: string; readonly epochs: number; readonly replicas: number } | null;
}

export interface Speed {
  readonly adapter: string;
  readonly backend: Backend;
  /** Median milliseconds of one photo, from its pixels to the probabilities. */
  readonly latencyMs: number;
  /** In batches; null where only single photos were timed. */
  readonly imagesPerSecond: number | null;
}

interface Figures {
  readonly loss: number;
  readonly accuracy: number;
}

/** The card of a run that has a result. */
export function modelCard(run: RunRecord, { bestEpoch, train, validation, test, latencyMs, imagesPerSecond }: RunResult, version: string): ModelCard {
  const { arch, archOptions, ...settings } = run.settings;
  return {
    schema: 1,
    precision: run.lightened?.precision ?? 'float32',
    winnow: version,
    created: run.created,
    arch,
    options: archOptions,
    classes: run.classes,
    preprocessing,
    settings,
    dataset: { name: run.datasetName, synthetic: run.synthetic, images: Object.values(run.split).flat().reduce((sum, count) => sum + count, 0) },
    metrics: {
      bestEpoch,
      train: figures(train),
      validation: figures(validation),
      test: { loss: test.loss, accuracy: test.accuracy, perturbed: test.perturbed },
    },
    speed: { adapter: run.adapter.description, backend: run.adapter.backend, latencyMs, imagesPerSecond: imagesPerSecond ?? null },
    continued: null,
  };
}

function figures({ loss, accuracy }: Figures): Figures {
  return { loss, accuracy };
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
  precision: optional(oneOf('float32', 'float16', 'int8'), 'float32'),
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
    splitSeed: optional(nullable(whole(0, 2 ** 32 - 1)), defaultSettings.splitSeed),
    optimizer: variant('kind', {
      adam: object({ learningRate: real(0) }),
      adamw: object({ learningRate: real(0), weightDecay: real(0) }),
      sgd: object({ learningRate: real(0), momentum: share }),
    }),
    schedule: optional(
      variant('kind', {
        constant: object({}),
        plateau: object({ factor: share, patience: count, least: real(0) }),
        cosine: object({ alpha: share }),
        step: object({ every: count, factor: real(0) }),
      }),
      defaultSettings.schedule,
    ),
    loss: object({ labelSmoothing: share, classWeights: either(oneOf('balanced', null), list(real(0), 2, 1000)) }),
    augment: optional(object({ flipX: share, flipY: share, rotation: share, shift: share, zoom: share, brightness: share }), defaultSettings.augment),
    perturbation: optional(object({ flip: share, rotation: share, zoom: share, shift: share, contrast: share }), defaultSettings.perturbation),
    freeze: optional(either(oneOf('base'), whole(0, 1e6)), defaultSettings.freeze),
    backend: oneOf('auto', 'webgpu', 'webgl', 'cpu'),
    engine: oneOf('auto', 'compiled', 'reference'),
  }),
  dataset: object({ name: text(500), synthetic: flag, images: optional(nullable(count), null) }),
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
  speed: optional(nullable(object({ adapter: text(500), backend: oneOf('webgpu', 'webgl', 'cpu'), latencyMs: real(0), imagesPerSecond: nullable(real(0)) })), null),
  continued: optional(nullable(object({ with: text(200), epochs: count, replicas: count })), null),
});
