import { WinnowError } from '../support/errors.js';
import type { RunSettings } from '../support/settings.js';

/** Sides, shares and limit are the architecture's and the split's to check. @throws 'settings-invalid' */
export function checkSettings({ batch, epochs, patience, seed, optimizer, loss }: RunSettings, classes: number): void {
  whole('the batch', batch, 1, 65536);
  whole('epochs', epochs, 1, 1_000_000);
  whole('patience', patience, 0, 1_000_000);
  whole('the seed', seed, 0, 2 ** 32 - 1);
  real('the learning rate', optimizer.learningRate, 0, Infinity);
  if (optimizer.kind === 'adamw') real('weight decay', optimizer.weightDecay, 0, Infinity);
  if (optimizer.kind === 'sgd') real('momentum', optimizer.momentum, 0, 1);
  real('label smoothing', loss.labelSmoothing, 0, 1);
  const { classWeights } = loss;
  if (classWeights === null) return;
  if (classWeights.length !== classes) throw new WinnowError('settings-invalid', { setting: 'class weights', value: classWeights.join(', '), allowed: `one for each of the ${classes} classes` });
  for (const weight of classWeights) real('a class weight', weight, 0, Infinity);
}

function whole(setting: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) throw new WinnowError('settings-invalid', { setting, value, allowed: `a whole number from ${least} to ${most}` });
}

/** From `least` to below `limit`. */
function real(setting: string, value: number, least: number, limit: number): void {
  if (!(value >= least && value < limit)) throw new WinnowError('settings-invalid', { setting, value, allowed: limit === Infinity ? `a number from ${least}` : `a number from ${least} to below ${limit}` });
}
