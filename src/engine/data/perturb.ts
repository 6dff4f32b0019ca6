import { Purpose, Random } from '../support/random.js';
import { studyStrengths, type PerturbationStrengths } from '../support/settings.js';
import { resample } from './affine.js';

/** The five changes of the generalisation test. */
export type PerturbationKind = 'flip' | 'rotation' | 'zoom' | 'shift' | 'contrast';

/**
 * A photo as the generalisation test shows it: Keras's RandomFlip, RandomRotation, RandomZoom, RandomTranslation and
 * RandomContrast, one after the other, with uniform draws. The geometry is one affine map sampled once, bilinear
 * (Keras resamples for each layer, and blurs more). What it uncovers is filled by Keras's default, 'reflect'
 * (d c b a | a b c d | d c b a). Contrast is scaled around each channel's mean.
 *
 * The draws depend on (seed, index) only: 'rotation' alone turns a photo by the angle that 'all' turns it.
 *
 * @param pixels one photo, uint8 RGB, size x size x 3; not changed.
 * @param kind one kind alone, or all five.
 * @param index of the photo in its dataset.
 * @returns a new photo of the same shape.
 */
export function perturb(
  pixels: Uint8Array, size: number, kind: 'all' | PerturbationKind, seed: number, index: number, strengths: PerturbationStrengths = studyStrengths,
): Uint8Array<ArrayBuffer> {
  const random = new Random(seed, Purpose.perturb, index);
  const within = (most: number) => random.between(-most, most);
  // Every draw is made whatever the kind: each kind keeps its place in the stream.
  const mirrorX = random.uniform() < strengths.flip;
  const mirrorY = random.uniform() < strengths.flip;
  const angle = within(strengths.rotation) * 2 * Math.PI;
  const scale = 1 + within(strengths.zoom);
  const shiftX = within(strengths.shift) * size;
  const shiftY = within(strengths.shift) * size;
  const contrast = 1 + within(strengths.contrast);

  const use = (one: PerturbationKind) => kind === 'all' || kind === one;
  const moved = resample(pixels, size, {
    flipX: use('flip') && mirrorX,
    flipY: use('flip') && mirrorY,
    angle: use('rotation') ? angle : 0,
    scale: use('zoom') ? scale : 1,
    shiftX: use('shift') ? shiftX : 0,
    shiftY: use('shift') ? shiftY : 0,
  });
  if (use('contrast')) scaleContrast(moved, contrast);
  return moved;
}

function scaleContrast(pixels: Uint8Array, factor: number): void {
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0;
    for (let i = channel; i < pixels.length; i += 3) sum += pixels[i];
    const mean = sum / (pixels.length / 3);
    for (let i = channel; i < pixels.length; i += 3) {
      pixels[i] = Math.min(255, Math.max(0, Math.round((pixels[i] - mean) * factor + mean)));
    }
  }
}
