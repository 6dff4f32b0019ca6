import { WinnowError } from '../engine/support/errors.js';
import { defaultSettings, type LossChoice, type PerturbationStrengths } from '../engine/support/settings.js';
import type { Flags } from './command.js';

/** What `--options` says: of the architecture, and what no flag says of the training. */
export interface Options {
  readonly architecture: Readonly<Record<string, number>>;
  readonly loss: LossChoice;
  readonly perturbation: PerturbationStrengths;
  /** AdamW's and SGD's; Keras's defaults where absent. */
  readonly weightDecay: number;
  readonly momentum: number;
  readonly splitSeed: number | null;
}

const TRAINING = 'labelSmoothing, classWeights ("balanced" or a list), weightDecay, momentum, perturbation ({"rotation": 0.2}), splitSeed';

/**
 * `--options '{"width": 0.5, "labelSmoothing": 0.1, "classWeights": "balanced", "perturbation": {"rotation": 0.2}}'`. Whatever is not of the
 * training is an option of the architecture, and a number. @throws WinnowError 'settings-invalid'.
 */
export function readOptions(flags: Flags): Options {
  const text = flags.text('options') ?? '{}';
  const invalid = (allowed: string) => new WinnowError('settings-invalid', { setting: '--options', value: text, allowed });
  const { labelSmoothing, classWeights, weightDecay, momentum, perturbation, splitSeed, ...architecture } = parseObject(text, invalid('a JSON object, {"width": 0.5}'));
  const number = (value: unknown, fallback: number, name: string): number => {
    if (value === undefined) return fallback;
    if (typeof value !== 'number') throw invalid(`a number for ${name}; of the training there are ${TRAINING}`);
    return value;
  };
  const numbers = (values: object): Record<string, number> => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, number(value, 0, name)]));
  const { loss, perturbation: strengths } = defaultSettings;
  return {
    architecture: numbers(architecture),
    loss: { labelSmoothing: number(labelSmoothing, loss.labelSmoothing, 'labelSmoothing'), classWeights: weightsOf(classWeights, invalid('"balanced" or a list of numbers for classWeights')) },
    perturbation: strengthsOf(perturbation, strengths, numbers, invalid(`an object of ${Object.keys(strengths).join(', ')} for perturbation`)),
    weightDecay: number(weightDecay, 0.004, 'weightDecay'),
    momentum: number(momentum, 0, 'momentum'),
    splitSeed: splitSeed === undefined ? null : number(splitSeed, 0, 'splitSeed'),
  };
}

function parseObject(text: string, invalid: WinnowError): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid;
  }
  if (!isObject(value)) throw invalid;
  return value;
}

function weightsOf(value: unknown, invalid: WinnowError): LossChoice['classWeights'] {
  if (value === undefined || value === null) return null;
  if (value === 'balanced') return value;
  if (!Array.isArray(value) || !value.every((weight): weight is number => typeof weight === 'number')) throw invalid;
  return value;
}

function strengthsOf(value: unknown, usual: PerturbationStrengths, numbers: (values: object) => Record<string, number>, invalid: WinnowError): PerturbationStrengths {
  if (value === undefined) return usual;
  if (!isObject(value) || !Object.keys(value).every((name) => Object.hasOwn(usual, name))) throw invalid;
  return { ...usual, ...numbers(value) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
