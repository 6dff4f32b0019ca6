import { buildGraph } from '../engine/architectures/index.js';
import { WinnowError } from '../engine/support/errors.js';
import { defaultSettings, type OptimizerSettings, type RunSettings } from '../engine/support/settings.js';
import type { Flags } from './command.js';

/** The flags of `train` that decide a run. */
export const settingsOptions = {
  arch: { type: 'string' },
  size: { type: 'string' },
  epochs: { type: 'string' },
  batch: { type: 'string' },
  patience: { type: 'string' },
  val: { type: 'string' },
  test: { type: 'string' },
  lr: { type: 'string' },
  seed: { type: 'string' },
  limit: { type: 'string' },
  backend: { type: 'string' },
  engine: { type: 'string' },
  optimizer: { type: 'string' },
  options: { type: 'string' },
  // Named in the contract, so that they are told apart from a slip of the hand.
  weights: { type: 'string' },
  freeze: { type: 'string' },
  augment: { type: 'string' },
  schedule: { type: 'string' },
} as const;

const unbuilt = ['weights', 'freeze', 'augment', 'schedule'] as const;

export const backends = ['auto', 'webgpu', 'webgl', 'cpu'] as const;

/**
 * One setting for each architecture of `--arch`, alike in everything else.
 * @throws WinnowError 'call-invalid', 'settings-invalid', 'arch-unknown', 'size-invalid': before anything is imported.
 */
export function readSettings(flags: Flags): RunSettings[] {
  for (const name of unbuilt) {
    if (flags.text(name) !== undefined) throw new WinnowError('call-invalid', { why: `--${name} is not built yet` });
  }
  const defaults = defaultSettings;
  const share = { least: 0, most: 0.9 };
  const shared = {
    archOptions: archOptions(flags),
    size: flags.number('size', defaults.size, { least: 1, most: 65536, whole: true }),
    batch: flags.number('batch', defaults.batch, { least: 1, most: 4096, whole: true }),
    epochs: flags.number('epochs', defaults.epochs, { least: 1, most: 100_000, whole: true }),
    patience: flags.number('patience', defaults.patience, { least: 0, most: 100_000, whole: true }),
    validationShare: flags.number('val', defaults.validationShare, { ...share, least: 0.001 }),
    testShare: flags.number('test', defaults.testShare, share),
    limit: flags.number('limit', defaults.limit, { least: 1, most: 100_000_000, whole: true }),
    seed: flags.number('seed', defaults.seed, { least: 0, most: 2 ** 32 - 1, whole: true }),
    optimizer: optimizer(flags),
    loss: defaults.loss,
    backend: flags.choice('backend', backends, defaults.backend),
    engine: flags.choice('engine', ['auto', 'compiled', 'reference'] as const, defaults.engine),
  };
  if (shared.validationShare + shared.testShare > 0.95) {
    throw new WinnowError('settings-invalid', { setting: '--val with --test', value: shared.validationShare + shared.testShare, allowed: 'shares that leave at least 0.05 to train on' });
  }
  const archs = flags.required('arch').split(',').map((arch) => arch.trim());
  if (new Set(archs).size < archs.length) throw new WinnowError('call-invalid', { why: '--arch names an architecture twice' });
  return archs.map((arch) => {
    buildGraph(arch, { size: shared.size, classes: 2, options: shared.archOptions });
    return { arch, ...shared };
  });
}

/** `--options`: an object of numbers, `{"width": 0.5}`. */
export function archOptions(flags: Flags): Record<string, number> {
  const text = flags.text('options');
  if (text === undefined) return {};
  const invalid = () => new WinnowError('settings-invalid', { setting: '--options', value: text, allowed: 'a JSON object of numbers, {"width": 0.5}' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid();
  return Object.fromEntries(
    Object.entries(value).map(([name, number]: [string, unknown]) => {
      if (typeof number !== 'number') throw invalid();
      return [name, number];
    }),
  );
}

/** What `--lr` leaves open has Keras's defaults: AdamW's weight decay 0.004, SGD's momentum 0. */
function optimizer(flags: Flags): OptimizerSettings {
  const learningRate = flags.number('lr', defaultSettings.optimizer.learningRate, { least: 1e-9, most: 100 });
  const kind = flags.choice('optimizer', ['adam', 'adamw', 'sgd'] as const, 'adam');
  switch (kind) {
    case 'adam':
      return { kind, learningRate };
    case 'adamw':
      return { kind, learningRate, weightDecay: 0.004 };
    case 'sgd':
      return { kind, learningRate, momentum: 0 };
  }
}
