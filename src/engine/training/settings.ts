import { WinnowError } from '../support/errors.js';
import type { RunSettings } from '../support/settings.js';

/** Sides, shares and limit are the architecture's and the split's to check, the number of class weights the loss's. @throws 'settings-invalid' */
export function checkSettings({ batch, epochs, patience, seed, splitSeed, optimizer, schedule, loss, augment, perturbation }: RunSettings): void {
  whole('the batch', batch, 1, 65536);
  whole('epochs', epochs, 1, 1_000_000);
  whole('patience', patience, 0, 1_000_000);
  whole('the seed', seed, 0, 2 ** 32 - 1);
  if (splitSeed !== null) whole('the split seed', splitSeed, 0, 2 ** 32 - 1);
  real('the learning rate', optimizer.learningRate, 0, Infinity);
  if (optimizer.kind === 'adamw') real('weight decay', optimizer.weightDecay, 0, Infinity);
  if (optimizer.kind === 'sgd') real('momentum', optimizer.momentum, 0, 1);
  checkSchedule(schedule);
  real('label smoothing', loss.labelSmoothing, 0, 1);
  if (loss.classWeights !== 'balanced') for (const weight of loss.classWeights ?? []) real('a class weight', weight, 0, Infinity);

  share('the share of left-right flips', augment.flipX);
  share('the share of top-bottom flips', augment.flipY);
  share('the turn of augmentation', augment.rotation);
  share('the shift of augmentation', augment.shift);
  real('the zoom of augmentation', augment.zoom, 0, 1);
  share('the brightness of augmentation', augment.brightness);
  share('the share of perturbing flips', perturbation.flip);
  share('the turn of the perturbation', perturbation.rotation);
  share('the shift of the perturbation', perturbation.shift);
  real('the zoom of the perturbation', perturbation.zoom, 0, 1);
  share('the contrast of the perturbation', perturbation.contrast);
}

function checkSchedule(schedule: RunSettings['schedule']): void {
  switch (schedule.kind) {
    case 'constant':
      return;
    case 'plateau':
      real('the factor of the schedule', schedule.factor, 0, 1);
      whole('the patience of the schedule', schedule.patience, 1, 1_000_000);
      return real('the least learning rate', schedule.least, 0, Infinity);
    case 'cosine':
      return share('alpha of the schedule', schedule.alpha);
    case 'step':
      whole('the epochs of a step of the schedule', schedule.every, 1, 1_000_000);
      return real('the factor of the schedule', schedule.factor, 0, Infinity);
  }
}

function share(setting: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new WinnowError('settings-invalid', { setting, value, allowed: 'a number from 0 to 1' });
}

function whole(setting: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) throw new WinnowError('settings-invalid', { setting, value, allowed: `a whole number from ${least} to ${most}` });
}

/** From `least` to below `limit`. */
function real(setting: string, value: number, least: number, limit: number): void {
  if (!(value >= least && value < limit)) throw new WinnowError('settings-invalid', { setting, value, allowed: limit === Infinity ? `a number from ${least}` : `a number from ${least} to below ${limit}` });
}
