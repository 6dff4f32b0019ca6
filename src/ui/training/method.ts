import type { LossChoice, OptimizerSettings, RunSettings, ScheduleSettings } from '../../engine/support/settings.js';

/** How a run learns, as chosen from lists: what a list cannot say stays as the settings had it. */
export const choices = {
  optimizer: ['adam', 'adamw', 'sgd'],
  schedule: ['constant', 'plateau', 'cosine', 'step'],
  classWeights: ['equal', 'balanced'],
  flips: ['none', 'leftRight', 'topBottom', 'both'],
  freeze: ['none', 'base'],
} as const;
export type ChoiceName = keyof typeof choices;

/** The numbers beside them. Shown in per cent, but a turn in degrees. */
export const strengthNames = ['labelSmoothing', 'rotation', 'shift', 'zoom', 'brightness', 'testFlip', 'testRotation', 'testShift', 'testZoom', 'testContrast'] as const;
export type StrengthName = (typeof strengthNames)[number];

/** How a strength is shown: so many units are 1. */
export const unitsOf = (name: StrengthName): number => (name === 'rotation' || name === 'testRotation' ? 360 : 100);

export function strengthsOf({ loss, augment, perturbation }: RunSettings): Readonly<Record<StrengthName, number>> {
  const { rotation, shift, zoom, brightness } = augment;
  return {
    labelSmoothing: loss.labelSmoothing,
    rotation, shift, zoom, brightness,
    testFlip: perturbation.flip, testRotation: perturbation.rotation, testShift: perturbation.shift, testZoom: perturbation.zoom, testContrast: perturbation.contrast,
  };
}

export function choicesOf({ optimizer, schedule, loss, augment, freeze }: RunSettings): Readonly<Record<ChoiceName, string>> {
  const [x, y] = [augment.flipX > 0, augment.flipY > 0];
  return {
    optimizer: optimizer.kind,
    schedule: schedule.kind,
    classWeights: loss.classWeights === null ? 'equal' : typeof loss.classWeights === 'string' ? 'balanced' : 'given',
    flips: x && y ? 'both' : x ? 'leftRight' : y ? 'topBottom' : 'none',
    freeze: freeze === 0 ? 'none' : freeze === 'base' ? 'base' : 'given',
  };
}

/** What is chosen, over `base`; a choice that is base's own changes nothing of it. */
export function methodOf(chosen: Readonly<Record<ChoiceName, string>>, strengths: Readonly<Record<StrengthName, number>>, learningRate: number, base: RunSettings): Pick<RunSettings, 'optimizer' | 'schedule' | 'loss' | 'augment' | 'perturbation' | 'freeze'> {
  const before = choicesOf(base);
  const kept = <T>(name: ChoiceName, value: T, make: () => T): T => (chosen[name] === before[name] ? value : make());
  const flips = kept('flips', { flipX: base.augment.flipX, flipY: base.augment.flipY }, () => ({
    flipX: chosen.flips === 'leftRight' || chosen.flips === 'both' ? 0.5 : 0,
    flipY: chosen.flips === 'topBottom' || chosen.flips === 'both' ? 0.5 : 0,
  }));
  return {
    optimizer: { ...kept('optimizer', base.optimizer, () => optimizerOf(chosen.optimizer)), learningRate },
    schedule: kept('schedule', base.schedule, () => scheduleOf(chosen.schedule)),
    loss: {
      labelSmoothing: strengths.labelSmoothing,
      classWeights: kept<LossChoice['classWeights']>('classWeights', base.loss.classWeights, () => (chosen.classWeights === 'balanced' ? 'balanced' : null)),
    },
    augment: { ...flips, rotation: strengths.rotation, shift: strengths.shift, zoom: strengths.zoom, brightness: strengths.brightness },
    perturbation: { flip: strengths.testFlip, rotation: strengths.testRotation, zoom: strengths.testZoom, shift: strengths.testShift, contrast: strengths.testContrast },
    freeze: kept<RunSettings['freeze']>('freeze', base.freeze, () => (chosen.freeze === 'base' ? 'base' : 0)),
  };
}

/** Keras's AdamW; SGD with the momentum that CNNs are trained with. */
function optimizerOf(kind: string): OptimizerSettings {
  const learningRate = 0;
  if (kind === 'adamw') return { kind, learningRate, weightDecay: 0.004 };
  if (kind === 'sgd') return { kind, learningRate, momentum: 0.9 };
  return { kind: 'adam', learningRate };
}

/** On a plateau, sooner than early stopping's usual patience of three. */
function scheduleOf(kind: string): ScheduleSettings {
  if (kind === 'plateau') return { kind, factor: 0.5, patience: 2, least: 1e-6 };
  if (kind === 'cosine') return { kind, alpha: 0 };
  if (kind === 'step') return { kind, every: 5, factor: 0.5 };
  return { kind: 'constant' };
}
