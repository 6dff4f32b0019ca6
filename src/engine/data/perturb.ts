import { Purpose, Random } from '../support/random.js';

/** The five changes of the generalisation test. */
export type PerturbationKind = 'flip' | 'rotation' | 'zoom' | 'shift' | 'contrast';

/** How far each change may go; 0 leaves it out. */
export interface PerturbationStrengths {
  /** Probability of a mirror image, drawn for left-right and for top-bottom alone; 0 to 1. */
  readonly flip: number;
  /** Largest turn either way, as a share of a full one. */
  readonly rotation: number;
  /** Largest change of scale either way, about the centre; 0 to below 1. */
  readonly zoom: number;
  /** Largest shift in each direction, as a share of the side. */
  readonly shift: number;
  /** Largest change of contrast either way, as a share. */
  readonly contrast: number;
}

/** The study's: photos flipped, and rotated, zoomed, shifted and changed in contrast by up to a tenth. */
export const studyStrengths: PerturbationStrengths = { flip: 0.5, rotation: 0.1, zoom: 0.1, shift: 0.1, contrast: 0.1 };

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
  const turn = use('rotation') ? angle : 0;
  const zoom = use('zoom') ? scale : 1;
  const [dx, dy] = use('shift') ? [shiftX, shiftY] : [0, 0];
  const flipX = use('flip') && mirrorX ? -1 : 1;
  const flipY = use('flip') && mirrorY ? -1 : 1;
  const cos = Math.cos(turn) * zoom;
  const sin = Math.sin(turn) * zoom;
  // From a place in the result back to its source, both from the centre: undo the shift, the zoom, the turn, then the flip.
  const moved = resample(pixels, size, [flipX * cos, -flipX * sin, flipY * sin, flipY * cos], dx, dy);
  if (use('contrast')) scaleContrast(moved, contrast);
  return moved;
}

function resample(pixels: Uint8Array, size: number, [a, b, c, d]: readonly number[], dx: number, dy: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(pixels.length);
  const centre = (size - 1) / 2;
  let out = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const fromX = x - centre - dx;
      const fromY = y - centre - dy;
      const sourceX = a * fromX + b * fromY + centre;
      const sourceY = c * fromX + d * fromY + centre;
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      const wx = sourceX - left;
      const wy = sourceY - top;
      const x0 = reflect(left, size);
      const x1 = reflect(left + 1, size);
      const y0 = reflect(top, size) * size;
      const y1 = reflect(top + 1, size) * size;
      for (let channel = 0; channel < 3; channel++) {
        const upper = pixels[(y0 + x0) * 3 + channel] * (1 - wx) + pixels[(y0 + x1) * 3 + channel] * wx;
        const lower = pixels[(y1 + x0) * 3 + channel] * (1 - wx) + pixels[(y1 + x1) * 3 + channel] * wx;
        result[out++] = upper * (1 - wy) + lower * wy + 0.5;
      }
    }
  }
  return result;
}

/** Mirrors at the outer edge of the border pixel, so that it appears twice. */
function reflect(position: number, size: number): number {
  const period = 2 * size;
  const place = ((position % period) + period) % period;
  return place < size ? place : period - 1 - place;
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
