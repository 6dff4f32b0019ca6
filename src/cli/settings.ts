import { buildRunGraph } from '../engine/architectures/index.js';
import { WinnowError } from '../engine/support/errors.js';
import { defaultSettings, type OptimizerSettings, type RunSettings } from '../engine/support/settings.js';
import { checkSettings } from '../engine/training/settings.js';
import type { Flags } from './command.js';
import { readOptions, type Options } from './options.js';
import { augmentation, freezing, schedule } from './spec.js';

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
  freeze: { type: 'string' },
  augment: { type: 'string' },
  schedule: { type: 'string' },
} as const;

export const engines = ['auto', 'compiled', 'reference'] as const;
export const backends = ['auto', 'webgpu', 'webgl', 'cpu'] as const;

/**
 * One setting for each architecture of `--arch`, alike in everything else.
 * @throws WinnowError 'call-invalid', 'settings-invalid', 'arch-unknown', 'size-invalid': before anything is imported.
 */
export function readSettings(flags: Flags): RunSettings[] {
  const options = readOptions(flags);
  const defaults = defaultSettings;
  const share = { least: 0, most: 0.9 };
  const shared = {
    archOptions: options.architecture,
    size: flags.number('size', defaults.size, { least: 1, most: 65536, whole: true }),
    batch: flags.number('batch', defaults.batch, { least: 1, most: 4096, whole: true }),
    epochs: flags.number('epochs', defaults.epochs, { least: 1, most: 100_000, whole: true }),
    patience: flags.number('patience', defaults.patience, { least: 0, most: 100_000, whole: true }),
    validationShare: flags.number('val', defaults.validationShare, { ...share, least: 0.001 }),
    testShare: flags.number('test', defaults.testShare, share),
    limit: flags.number('limit', defaults.limit, { least: 1, most: 100_000_000, whole: true }),
    seed: flags.number('seed', defaults.seed, { least: 0, most: 2 ** 32 - 1, whole: true }),
    splitSeed: options.splitSeed,
    optimizer: optimizer(flags, options),
    schedule: schedule(flags),
    loss: options.loss,
    augment: augmentation(flags),
    perturbation: options.perturbation,
    freeze: freezing(flags),
    backend: flags.choice('backend', backends, defaults.backend),
    engine: flags.choice('engine', engines, defaults.engine),
  };
  if (shared.validationShare + shared.testShare > 0.95) {
    throw new WinnowError('settings-invalid', { setting: '--val with --test', value: shared.validationShare + shared.testShare, allowed: 'shares that leave at least 0.05 to train on' });
  }
  const archs = flags.required('arch').split(',').map((arch) => arch.trim());
  if (new Set(archs).size < archs.length) throw new WinnowError('call-invalid', { why: '--arch names an architecture twice' });
  return archs.map((arch) => {
    const settings = { arch, ...shared };
    checkSettings(settings);
    buildRunGraph(settings, 2);
    return settings;
  });
}

function optimizer(flags: Flags, { weightDecay, momentum }: Options): OptimizerSettings {
  const learningRate = flags.number('lr', defaultSettings.optimizer.learningRate, { least: 1e-9, most: 100 });
  const kind = flags.choice('optimizer', ['adam', 'adamw', 'sgd'] as const, 'adam');
  switch (kind) {
    case 'adam':
      return { kind, learningRate };
    case 'adamw':
      return { kind, learningRate, weightDecay };
    case 'sgd':
      return { kind, learningRate, momentum };
  }
}
