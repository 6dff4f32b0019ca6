import { pcg4d, Purpose } from '../support/random.js';
import type { AugmentSettings } from '../support/settings.js';
import { resample } from './affine.js';

/** Whether there is anything to do. */
export function augments(settings: AugmentSettings): boolean {
  return Object.values(settings).some((strength) => strength > 0);
}

/**
 * A training photo as one epoch shows it: Keras's RandomFlip, RandomRotation, RandomZoom, RandomTranslation and
 * RandomBrightness with uniform draws, the geometry sampled once (see affine.ts). The draws depend on (seed, epoch, index) only.
 *
 * @param pixels one photo, uint8 RGB, size x size x 3; not changed.
 * @param epoch from 1, below 2^24.
 * @param index of the photo in its dataset.
 * @returns a new photo of the same shape.
 */
export function augment(pixels: Uint8Array, size: number, settings: AugmentSettings, seed: number, epoch: number, index: number): Uint8Array<ArrayBuffer> {
  const [flipX, flipY, turn, zoom, shiftX, shiftY, brightness] = draws(seed, epoch, index);
  const within = (draw: number, most: number) => (2 * draw - 1) * most;
  const changed = resample(pixels, size, {
    flipX: flipX < settings.flipX,
    flipY: flipY < settings.flipY,
    angle: within(turn, settings.rotation) * 2 * Math.PI,
    scale: 1 + within(zoom, settings.zoom),
    shiftX: within(shiftX, settings.shift) * size,
    shiftY: within(shiftY, settings.shift) * size,
  });
  if (settings.brightness > 0) addBrightness(changed, Math.round(within(brightness, settings.brightness) * 255));
  return changed;
}

/** Eight uniforms in [0, 1), always the same number, so that a change of one strength moves no other draw. */
function draws(seed: number, epoch: number, index: number): number[] {
  const lane = Purpose.augment | (epoch << 8);
  return [0, 1].flatMap((counter) => pcg4d(seed, lane, index, counter)).map((bits) => (bits >>> 8) / 0x1000000);
}

function addBrightness(pixels: Uint8Array, added: number): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(255, Math.max(0, pixels[i] + added));
}
