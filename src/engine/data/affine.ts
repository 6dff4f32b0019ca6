/** One change of a photo's geometry, about its centre: flipped, then turned, then scaled, then shifted. */
export interface Geometry {
  readonly flipX: boolean;
  readonly flipY: boolean;
  /** Radians. */
  readonly angle: number;
  /** Of what is seen: above 1 the photo shows smaller. */
  readonly scale: number;
  /** Pixels. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/**
 * Samples a photo once, bilinear. What is uncovered is filled by Keras's default 'reflect' (d c b a | a b c d | d c b a).
 * @param pixels uint8 RGB, size x size x 3; not changed.
 * @returns a new photo of the same shape, rounded to uint8.
 */
export function resample(pixels: Uint8Array, size: number, { flipX, flipY, angle, scale, shiftX, shiftY }: Geometry): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(pixels.length);
  const centre = (size - 1) / 2;
  const cos = Math.cos(angle) * scale;
  const sin = Math.sin(angle) * scale;
  // From a place in the result back to its source, both from the centre: undo the shift, the scale, the turn, then the flip.
  const [a, b] = flipX ? [-cos, sin] : [cos, -sin];
  const [c, d] = flipY ? [-sin, -cos] : [sin, cos];
  let out = 0;
  for (let y = 0; y < size; y++) {
    const fromY = y - centre - shiftY;
    const rowX = b * fromY + centre;
    const rowY = d * fromY + centre;
    for (let x = 0; x < size; x++) {
      const fromX = x - centre - shiftX;
      const sourceX = a * fromX + rowX;
      const sourceY = c * fromX + rowY;
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      const wx = sourceX - left;
      const wy = sourceY - top;
      const inside = left >= 0 && top >= 0 && left < size - 1 && top < size - 1;
      const x0 = inside ? left : reflect(left, size);
      const x1 = inside ? left + 1 : reflect(left + 1, size);
      const y0 = (inside ? top : reflect(top, size)) * size;
      const y1 = inside ? y0 + size : reflect(top + 1, size) * size;
      const topLeft = (y0 + x0) * 3;
      const topRight = (y0 + x1) * 3;
      const bottomLeft = (y1 + x0) * 3;
      const bottomRight = (y1 + x1) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const upper = pixels[topLeft + channel] * (1 - wx) + pixels[topRight + channel] * wx;
        const lower = pixels[bottomLeft + channel] * (1 - wx) + pixels[bottomRight + channel] * wx;
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
