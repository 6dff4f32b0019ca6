import { WinnowError } from '../engine/support/errors.js';
import { defaultSettings, noAugmentation, type AugmentSettings, type RunSettings, type ScheduleSettings } from '../engine/support/settings.js';
import type { Flags } from './command.js';

/** `--schedule plateau:factor=0.5,patience=2`, `cosine`, `step:every=5,factor=0.5`. Numbers that are left out are Keras's, or halve every ten epochs. */
export function schedule(flags: Flags): ScheduleSettings {
  const text = flags.text('schedule');
  if (text === undefined) return defaultSettings.schedule;
  const [kind, rest] = divide(text, ':');
  const given = (defaults: Record<string, number>) => numbers('--schedule', rest, defaults);
  switch (kind) {
    case 'constant':
      given({});
      return { kind };
    case 'plateau': {
      const { factor, patience, least } = given({ factor: 0.1, patience: 10, least: 0 });
      return { kind, factor, patience, least };
    }
    case 'cosine':
      return { kind, alpha: given({ alpha: 0 }).alpha };
    case 'step': {
      const { every, factor } = given({ every: 10, factor: 0.5 });
      return { kind, every, factor };
    }
    default:
      throw invalid('--schedule', text, 'constant, plateau[:factor=,patience=,least=], cosine[:alpha=] or step[:every=,factor=]');
  }
}

/** What `--augment usual` and a name without a number mean. */
export const usualAugmentation: AugmentSettings = { flipX: 0.5, flipY: 0.5, rotation: 0.1, shift: 0.1, zoom: 0.1, brightness: 0.1 };

/** `--augment usual`, `--augment flipX,rotation=0.05`. */
export function augmentation(flags: Flags): AugmentSettings {
  const text = flags.text('augment');
  if (text === undefined || text === 'none') return noAugmentation;
  if (text === 'usual') return usualAugmentation;
  return { ...noAugmentation, ...named('--augment', text, { ...usualAugmentation }) };
}

/** `--freeze base`, `--freeze 8`. */
export function freezing(flags: Flags): RunSettings['freeze'] {
  return flags.text('freeze') === 'base' ? 'base' : flags.number('freeze', 0, { least: 0, most: 10_000, whole: true });
}

/** `name=1,other=2` over the defaults. */
function numbers(flag: string, text: string, defaults: Readonly<Record<string, number>>): Record<string, number> {
  const values: Record<string, number> = { ...defaults };
  for (const part of text === '' ? [] : text.split(',')) {
    const [name, value] = divide(part, '=');
    if (!Object.hasOwn(defaults, name) || value.trim() === '' || !Number.isFinite(Number(value))) throw invalid(flag, part, allowed(defaults));
    values[name] = Number(value);
  }
  return values;
}

/** Those that are named; one without a number has the usual one. */
function named(flag: string, text: string, usual: Readonly<Record<string, number>>): Record<string, number> {
  const given = text.split(',').map((part) => (Object.hasOwn(usual, part) ? `${part}=${usual[part]}` : part));
  const values = numbers(flag, given.join(','), usual);
  return Object.fromEntries(given.map((part) => divide(part, '=')[0]).map((name) => [name, values[name]]));
}

function divide(text: string, at: string): [string, string] {
  const place = text.indexOf(at);
  return place < 0 ? [text, ''] : [text.slice(0, place), text.slice(place + 1)];
}

function allowed(names: object): string {
  return Object.keys(names).map((name) => `${name}=NUMBER`).join(', ') || 'nothing after it';
}

function invalid(setting: string, value: string, allowed: string): WinnowError {
  return new WinnowError('settings-invalid', { setting, value, allowed });
}
