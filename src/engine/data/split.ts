import { WinnowError } from '../support/errors.js';
import { Purpose, Random } from '../support/random.js';
import type { RunSettings } from '../support/settings.js';
import type { SplitName, SplitSpec } from './types.js';

/** One image to train on and one to validate with. */
export const MIN_PER_CLASS = 2;

/** Indices in the dataset, ascending; no index is in two parts. */
export type Split = Readonly<Record<SplitName, Uint32Array<ArrayBuffer>>>;

/** The split that a run's settings give on a dataset. */
export function splitOf(dataset: string, settings: Pick<RunSettings, 'seed' | 'splitSeed' | 'validationShare' | 'testShare' | 'limit'>): SplitSpec {
  const { seed, splitSeed, validationShare, testShare, limit } = settings;
  return { dataset, seed: splitSeed ?? seed, validationShare, testShare, limit };
}

/**
 * Stratified: each class is shuffled by the seed and shared out on its own, so every part holds the classes in the proportions of
 * the whole (to within one image a class), and every class has at least one image to train on and one to validate with.
 * @param labels class of each image of the dataset.
 * @param classes names, for the errors.
 * @throws 'class-too-small', 'settings-invalid' (shares that leave nothing to train on; a limit below two images a class)
 */
export function splitLabels(labels: Uint16Array, classes: readonly string[], spec: Omit<SplitSpec, 'dataset'>): Split {
  const { seed, validationShare, testShare, limit } = spec;
  checkShare('the validation share', validationShare, 1);
  checkShare('the test share', testShare, 1 - validationShare);
  const members: number[][] = classes.map(() => []);
  labels.forEach((label, index) => members[label].push(index));
  members.forEach(({ length }, label) => {
    if (length < MIN_PER_CLASS) throw new WinnowError('class-too-small', { class: classes[label], count: length, least: MIN_PER_CLASS });
  });

  const parts: Record<SplitName, number[][]> = { train: [], validation: [], test: [] };
  const quotas = limitInProportion(members.map(({ length }) => length), limit);
  members.forEach((indices, label) => {
    const taken = new Random(seed, Purpose.split, label).shuffle(indices).slice(0, quotas[label]);
    const validation = clamp(Math.round(taken.length * validationShare), 1, taken.length - 1);
    const test = testShare === 0 ? 0 : clamp(Math.round(taken.length * testShare), 1, taken.length - validation - 1);
    parts.validation.push(taken.slice(0, validation));
    parts.test.push(taken.slice(validation, validation + test));
    parts.train.push(taken.slice(validation + test));
  });
  const ascending = (classes: number[][]) => Uint32Array.from(classes.flat()).sort();
  return { train: ascending(parts.train), validation: ascending(parts.validation), test: ascending(parts.test) };
}

/** Images of each class in a part. */
export function countByClass(part: Uint32Array, labels: Uint16Array, classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const index of part) counts[labels[index]]++;
  return counts;
}

/** By largest remainders, so that the sum is the limit exactly; a class that would get less than {@link MIN_PER_CLASS} gets those at the expense of the largest. */
function limitInProportion(counts: readonly number[], limit: number | null): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (limit === null || limit >= total) return [...counts];
  const least = MIN_PER_CLASS * counts.length;
  if (!Number.isInteger(limit) || limit < least) throw new WinnowError('settings-invalid', { setting: 'the limit', value: limit, allowed: `a whole number of at least ${least}, ${MIN_PER_CLASS} images a class` });
  const exact = counts.map((count) => (count * limit) / total);
  const quotas = exact.map((share) => Math.max(MIN_PER_CLASS, Math.floor(share)));
  let missing = limit - quotas.reduce((sum, quota) => sum + quota, 0);
  const byRemainder = exact.map((share, label) => ({ label, remainder: share - quotas[label] })).sort((a, b) => b.remainder - a.remainder || a.label - b.label);
  for (const { label } of byRemainder.slice(0, Math.max(missing, 0))) quotas[label]++;
  for (; missing < 0; missing++) quotas[quotas.indexOf(Math.max(...quotas))]--;
  return quotas;
}

function checkShare(setting: string, value: number, below: number): void {
  if (!(value >= 0 && value < below)) throw new WinnowError('settings-invalid', { setting, value, allowed: 'shares from 0 whose sum is below 1' });
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
