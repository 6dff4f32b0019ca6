import { findArchitecture } from '../../engine/architectures/index.js';
import { WinnowError } from '../../engine/support/errors.js';
import type { RunSettings } from '../../engine/support/settings.js';

/** Attribute of `<winnow-training>` to the setting that it begins with. Ranges are the form's own business. */
const numbers = {
  size: 'size', epochs: 'epochs', batch: 'batch', patience: 'patience', seed: 'seed', limit: 'limit', 'validation-share': 'validationShare', 'test-share': 'testShare',
} as const satisfies Record<string, keyof RunSettings>;

/**
 * The runs that an element's attributes speak of, one for each architecture that `arch` names (several with commas between).
 * @throws WinnowError 'arch-unknown', or 'settings-invalid' of what is no number.
 */
export function settingsOf(element: Element, usual: RunSettings): RunSettings[] {
  const given: { -readonly [Name in (typeof numbers)[keyof typeof numbers]]?: number } = {};
  for (const attribute of Object.keys(numbers) as (keyof typeof numbers)[]) {
    const value = numberOf(element, attribute);
    if (value !== null) given[numbers[attribute]] = value;
  }
  const rate = numberOf(element, 'learning-rate');
  const settings: RunSettings = { ...usual, ...given, ...(rate !== null && { optimizer: { ...usual.optimizer, learningRate: rate } }) };
  const archs = (element.getAttribute('arch') ?? usual.arch).split(',').map((id) => findArchitecture(id.trim()).id);
  return archs.map((arch) => ({ ...settings, arch }));
}

function numberOf(element: Element, attribute: string): number | null {
  const text = element.getAttribute(attribute);
  if (text === null) return null;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new WinnowError('settings-invalid', { setting: attribute, value: text, allowed: 'a number' });
  return value;
}
