import { WinnowError } from '../support/errors.js';
import type { LossChoice, LossSettings } from '../support/settings.js';

/**
 * The loss as an engine computes it. 'balanced' weights each class by images / (classes x images of the class), as scikit-learn does.
 * @param counts images of each class that train.
 * @throws 'settings-invalid' where there are not as many weights as classes.
 */
export function resolveLoss({ labelSmoothing, classWeights }: LossChoice, counts: readonly number[]): LossSettings {
  if (classWeights === 'balanced') {
    const images = counts.reduce((sum, count) => sum + count, 0);
    return { labelSmoothing, classWeights: counts.map((count) => images / (counts.length * count)) };
  }
  if (classWeights !== null && classWeights.length !== counts.length) {
    throw new WinnowError('settings-invalid', { setting: 'class weights', value: classWeights.join(', '), allowed: `one for each of the ${counts.length} classes` });
  }
  return { labelSmoothing, classWeights };
}

/**
 * The least loss that an answer which does not look at the photo can have: ln(classes) for equal counts, the entropy of the
 * classes' shares otherwise. A network that has not begun to learn hovers there.
 */
export function constantLoss({ labelSmoothing, classWeights }: LossSettings, counts: readonly number[]): number {
  const images = counts.reduce((sum, count) => sum + count, 0);
  const weights = counts.map((count, label) => (count / images) * (classWeights?.[label] ?? 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // Smoothing gives every class the same small part of every image's weight.
  const targets = weights.map((weight) => (1 - labelSmoothing) * weight + (labelSmoothing * total) / counts.length);
  return targets.reduce((sum, target) => (target === 0 ? sum : sum - target * Math.log(target / total)), 0);
}
