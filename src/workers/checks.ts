/**
 * What may come over a line: the arguments of each method of contract.ts, by their types. Ranges are the engine's to check, which says
 * more about them than that they are wrong.
 */
import type { BatchSource, SplitSpec, StreamSpec } from '../engine/data/types.js';
import { WinnowError } from '../engine/support/errors.js';
import { defaultSettings } from '../engine/support/settings.js';
import type { ClassifierWorker, DataWorker, SentSource, TrainerWorker } from './contract.js';

/** Whether a value has the form that is wanted. */
export type Check = (value: unknown) => boolean;
/** Of a method's arguments. */
export type ArgumentsCheck = (values: readonly unknown[]) => boolean;
/** Every method of the contract, and nothing else: what has no check is not served. */
export type Checks<T> = { readonly [Name in keyof T]-?: ArgumentsCheck };

/* ---- forms ---- */

const MAX_TEXT = 10_000;
const MAX_NODES = 10_000;
const MAX_DEPTH = 8;

export const text: Check = (value) => typeof value === 'string' && value.length <= MAX_TEXT;
const number: Check = (value) => typeof value === 'number';
const flag: Check = (value) => typeof value === 'boolean';
/** A whole number from 0 to `most`. */
export const count = (most: number): Check => (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
export const bytes: Check = (value) => value instanceof Uint8Array;
const port: Check = (value) => value instanceof MessagePort;
const blob: Check = (value) => value instanceof Blob;
const file: Check = (value) => value instanceof File;
const oneOf = (...allowed: readonly unknown[]): Check => (value) => allowed.includes(value);
const either = (...checks: readonly Check[]): Check => (value) => checks.some((check) => check(value));
const nullable = (check: Check): Check => either(oneOf(null), check);
const optional = (check: Check): Check => either(oneOf(undefined), check);
const list = (item: Check, most: number): Check => (value) => Array.isArray(value) && value.length <= most && value.every(item);

/** An object with these fields; others must be plain. */
const object = (fields: Readonly<Record<string, Check>>): Check => (value) => {
  const own = ownFields(value);
  return own !== null && Object.entries(fields).every(([name, check]) => check(own.get(name))) && [...own].every(([name, each]) => name in fields || plain(each));
};

/** Own fields of a plain object: a message may bring a field called `__proto__`. */
function ownFields(value: unknown): Map<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype && !Object.hasOwn(value, '__proto__')
    ? new Map(Object.entries(value))
    : null;
}

/** Data as JSON has it, of a bounded size. */
export const plain: Check = (value) => {
  let nodes = 0;
  const within = (each: unknown, depth: number): boolean => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) return false;
    if (each === undefined || each === null || flag(each) || number(each) || text(each)) return true;
    if (Array.isArray(each)) return each.every((item) => within(item, depth + 1));
    const fields = ownFields(each);
    return fields !== null && [...fields.values()].every((field) => within(field, depth + 1));
  };
  return within(value, 0);
};

/** As many arguments as there are checks, none more. */
export const argumentsOf = (...checks: readonly Check[]): ArgumentsCheck => (values) => values.length <= checks.length && checks.every((check, i) => check(values[i]));
const none = argumentsOf();

/** @throws 'call-invalid' */
export function checkArguments(method: string, check: ArgumentsCheck, values: readonly unknown[]): void {
  if (!check(values)) throw new WinnowError('call-invalid', { why: `${method} was called with arguments that it does not take` });
}

/* ---- the contract ---- */

const INDEX = 2 ** 32;
const SIDE = 16_384;
const id = text;
const index = count(INDEX);
const backend = oneOf('auto', 'webgpu', 'webgl', 'cpu');
const engine = oneOf('auto', 'compiled', 'reference');

/** The settings' fields by the types of the defaults; those that may be of another type by name. */
const settings = object({
  ...Object.fromEntries(Object.entries(defaultSettings).map(([name, value]) => [name, typeof value === 'number' ? number : plain])),
  arch: text,
  archOptions: object({}),
  limit: nullable(number),
  splitSeed: nullable(number),
  freeze: either(number, oneOf('base')),
  optimizer: object({ kind: oneOf('adam', 'adamw', 'sgd'), learningRate: number }),
  schedule: object({ kind: text }),
  loss: object({ labelSmoothing: number, classWeights: either(oneOf(null, 'balanced'), list(number, 1000)) }),
  augment: object({ flipX: number, flipY: number, rotation: number, shift: number, zoom: number, brightness: number }),
  perturbation: object({ flip: number, rotation: number, zoom: number, shift: number, contrast: number }),
  backend,
  engine,
});

const source: Check = (value) => {
  const kind = ownFields(value)?.get('kind');
  return typeof kind === 'string' && Object.hasOwn(sources, kind) && sources[kind as SentSource['kind']](value);
};
const sources: Readonly<Record<SentSource['kind'], Check>> = {
  zip: object({ file }),
  folder: object({ name: text, paths: list(text, 2_000_000) }),
  idx: object({ images: file, labels: file }),
  synthetic: object({ images: count(1_000_000), seed: index }),
};

const split = object({ dataset: id, seed: number, validationShare: number, testShare: number, limit: nullable(number) } satisfies Record<keyof SplitSpec, Check>);
const stream = object({
  split,
  part: oneOf('train', 'validation', 'test'),
  size: count(SIDE),
  batch: count(65_536),
  epoch: nullable(number),
  perturb: oneOf(null, 'all', 'flip', 'rotation', 'zoom', 'shift', 'contrast'),
  strengths: optional(object({})),
  perturbSeed: optional(number),
  augment: optional(object({ seed: number, settings: object({}) })),
} satisfies Record<keyof StreamSpec, Check>);

export const dataChecks: Checks<DataWorker> = {
  subscribe: argumentsOf(port),
  serveBatches: argumentsOf(port),
  importDataset: argumentsOf(id, source, optional(port)),
  cancelImport: argumentsOf(id),
  listDatasets: none,
  deleteDataset: argumentsOf(id),
  cutImports: none,
  discardImport: argumentsOf(id),
  pixels: argumentsOf(id, count(SIDE)),
  keepPixels: argumentsOf(id, count(SIDE), flag),
  storage: none,
  samples: argumentsOf(id, count(10_000), count(SIDE)),
  photo: argumentsOf(id, index, count(SIDE)),
  photos: argumentsOf(id, list(index, 100_000), count(SIDE)),
  labels: argumentsOf(id),
  parts: argumentsOf(split),
  augmented: argumentsOf(id, index, count(SIDE), object({ seed: number, settings: object({}) }), list(number, 1000)),
  findDuplicates: argumentsOf(id, id),
};

export const batchChecks: Checks<BatchSource> = {
  split: argumentsOf(split),
  batch: argumentsOf(stream, index),
  names: argumentsOf(id, list(index, 1_000_000)),
  pixels: argumentsOf(id, index, count(SIDE)),
};

const map = { run: id, photo: index, layer: text };
const start: Check = either(object({ kind: oneOf('continue'), run: id }), object({ kind: oneOf('transfer'), model: blob }));

export const trainerChecks: Checks<TrainerWorker> = {
  subscribe: argumentsOf(port),
  connectData: argumentsOf(port),
  probe: argumentsOf(backend),
  predictMemory: argumentsOf(list(settings, 1000), count(1000)),
  measureSpeed: argumentsOf(settings, count(1000)),
  train: argumentsOf(id, settings, optional(start)),
  resumeRun: argumentsOf(id),
  evaluate: argumentsOf(blob, id, object({ backend, engine })),
  adopt: argumentsOf(blob, id, object({ backend, engine })),
  lighten: argumentsOf(id, object({ criterion: text, margin: number, judge: oneOf('both', 'validation'), augment: oneOf('auto', 'perturbation', 'as-trained'), byHand: oneOf(true, false), baselines: count(21), backend, engine })),
  measureLayers: argumentsOf(id),
  pause: none,
  resume: none,
  stop: none,
  listRuns: none,
  deleteRun: argumentsOf(id),
  featureMaps: argumentsOf(object(map)),
  filterWeights: argumentsOf(object({ run: id, layer: text, channel: nullable(index) })),
  gradCam: argumentsOf(object({ ...map, label: index })),
  silence: argumentsOf(id, index),
  epochs: argumentsOf(id),
  watch: argumentsOf(nullable(object(map))),
  exportModel: argumentsOf(id),
};

export const classifierChecks: Checks<ClassifierWorker> = {
  load: argumentsOf(blob, backend),
  classify: argumentsOf(blob),
  classifyAll: argumentsOf(list(blob, 1000)),
  explain: argumentsOf(blob, index),
  measure: none,
  exportAs: argumentsOf(text),
};
