import { Purpose, Random } from '../../support/random.js';
import type { Variety } from './varieties.js';

/** Side of a photo, pixels: as the Rice Image Dataset's. */
export const PHOTO_SIDE = 250;

/** The set-up that all photos share, and how much it varies from one to the next: one camera, one lamp, grains laid much the same way. */
const SETUP = {
  /** Long axis against the horizontal, radians. */
  angle: [0.2, 0.28],
  /** Grain's centre against the photo's, pixels. */
  offset: 6,
  /** Exposure, as a factor. */
  exposure: 0.035,
  /** Tint of red against blue, as a factor. */
  tint: 0.012,
  /** Fall of the light from one edge of the photo to the other, as a share; its direction, radians. */
  fall: [0.12, 0.04],
  lamp: [-2.2, 0.25],
  /** Sensor noise, standard deviation of 0 to 255. */
  noise: [2, 4.5],
  /** Width of the edge's ramp, pixels: focus. */
  focus: [1, 2.4],
} as const;

const STEPS = 512;
const TILE = 128;

/** Precomputed randomness shared by all photos, read at an offset of each photo's own. */
const sensorNoise = gaussianTile();
const starch = smooth(gaussianTile());

/**
 * Draws photo `index` of a synthetic set. The same (variety, seed, index) gives the same pixels.
 *
 * The outline is a superellipse, bowed and tapered; each pixel's share of it comes from its distance to the outline,
 * so edges are smooth. Nothing is drawn by the platform's canvas, whose pixels differ between machines.
 *
 * @param pixels where to draw, RGBA, {@link PHOTO_SIDE} squared x 4; overwritten.
 */
export function drawGrain(pixels: Uint8ClampedArray, variety: Variety, seed: number, index: number): void {
  const random = new Random(seed, Purpose.synthesis, index);
  const about = (mean: number, deviation: number) => mean + deviation * Math.max(-2.5, Math.min(2.5, random.normal()));

  const halfLength = Math.min(118, about(...variety.length) / 2);
  const halfWidth = halfLength / Math.max(1.15, about(...variety.aspect));
  const bow = about(0, variety.bow) * halfWidth * 2;
  const taper = about(0, variety.taper);
  const bluntness = about(variety.bluntness, 0.08);
  const angle = about(...SETUP.angle);
  const centreX = PHOTO_SIDE / 2 + about(0, SETUP.offset);
  const centreY = PHOTO_SIDE / 2 + about(0, SETUP.offset);

  const exposure = about(1, SETUP.exposure);
  const tint = about(0, SETUP.tint);
  const red = variety.colour[0] * exposure * (1 + tint);
  const green = variety.colour[1] * exposure;
  const blue = variety.colour[2] * exposure * (1 - tint);
  const lamp = about(...SETUP.lamp);
  const lampX = Math.cos(lamp);
  const lampY = Math.sin(lamp);
  const fall = about(...SETUP.fall) / PHOTO_SIDE;
  const glass = Math.max(0, Math.min(1, about(variety.translucency, 0.1)));
  const chalk = variety.chalk * random.between(0, 2);
  const chalkAt = about(0, 0.15);
  const chalkSpread = random.between(4, 9);
  const grainy = random.between(0.02, 0.05);
  const noise = random.between(...SETUP.noise);
  const focus = random.between(...SETUP.focus);
  const noiseAt = random.below(TILE * TILE);
  const starchAt = random.below(TILE * TILE);

  // Half widths of the outline and its slope, along the long axis from end to end.
  const widths = new Float64Array(STEPS + 1);
  for (let i = 0; i <= STEPS; i++) {
    const u = (2 * i) / STEPS - 1;
    widths[i] = halfWidth * (1 + taper * u) * Math.pow(1 - Math.pow(Math.abs(u), bluntness), 1 / bluntness);
  }

  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const reach = halfLength + focus;
  const acrossReach = halfWidth * (1 + Math.abs(taper)) + Math.abs(bow) + focus;
  const reachX = Math.abs(cos) * reach + Math.abs(sin) * acrossReach;
  const reachY = Math.abs(sin) * reach + Math.abs(cos) * acrossReach;
  const left = Math.max(0, Math.floor(centreX - reachX));
  const right = Math.min(PHOTO_SIDE - 1, Math.ceil(centreX + reachX));
  const top = Math.max(0, Math.floor(centreY - reachY));
  const bottom = Math.min(PHOTO_SIDE - 1, Math.ceil(centreY + reachY));

  new Uint32Array(pixels.buffer, pixels.byteOffset, PHOTO_SIDE * PHOTO_SIDE).fill(0xff000000);
  for (let y = top; y <= bottom; y++) {
    const dy = y + 0.5 - centreY;
    for (let x = left; x <= right; x++) {
      const dx = x + 0.5 - centreX;
      const along = dx * cos + dy * sin;
      if (along <= -reach || along >= reach) continue;
      const u = Math.max(-1, Math.min(1, along / halfLength));
      const across = dy * cos - dx * sin - bow * (u * u - 0.4);
      if (across <= -acrossReach || across >= acrossReach) continue;

      const place = (u + 1) * (STEPS / 2);
      const step = Math.min(STEPS - 1, Math.floor(place));
      const slope = ((widths[step + 1] - widths[step]) * STEPS) / (2 * halfLength);
      const width = widths[step] + (widths[step + 1] - widths[step]) * (place - step);
      const beyond = Math.abs(along) - halfLength;
      const outside = beyond > 0 ? Math.hypot(beyond, across) : (Math.abs(across) - width) / Math.sqrt(1 + slope * slope);
      const cover = 0.5 - outside / focus;
      if (cover <= 0) continue;

      const v = width > 0 ? Math.min(1, Math.abs(across) / width) : 1;
      const height = Math.sqrt(Math.max(0, (1 - v * v) * (1 - u * u * u * u)));
      const tilt = ((lampX * -sin + lampY * cos) * Math.sign(across) * v) * 0.1;
      const opaque = 0.62 + 0.38 * height;
      const glassy = 0.84 + 0.1 * height + 0.14 * v * v * v * v;
      const core = (u - chalkAt) * (u - chalkAt) * chalkSpread + v * v * 3;
      const body = opaque + (glassy - opaque) * glass + tilt + chalk / (1 + core * core);
      const texture = starch[(((along * 0.5 + 512) & (TILE - 1)) + (((across * 2 + 512) & (TILE - 1)) << 7) + starchAt) & (TILE * TILE - 1)];
      const light = body * (1 + grainy * texture) * (1 + fall * (lampX * (x - PHOTO_SIDE / 2) + lampY * (y - PHOTO_SIDE / 2))) * Math.min(1, cover);

      const at = y * PHOTO_SIDE + x;
      const grain = noise * Math.min(1, cover) * sensorNoise[(at + noiseAt) & (TILE * TILE - 1)];
      pixels[at * 4] = red * light + grain;
      pixels[at * 4 + 1] = green * light + grain;
      pixels[at * 4 + 2] = blue * light + grain;
    }
  }
}

function gaussianTile(): Float32Array {
  const random = new Random(0, Purpose.synthesis);
  return Float32Array.from({ length: TILE * TILE }, () => random.normal());
}

/** A 5 x 5 box mean of a tile, wrapped around, scaled back to unit spread. */
function smooth(tile: Float32Array): Float32Array {
  return tile.map((_, at) => {
    const x = at % TILE;
    const y = Math.floor(at / TILE);
    let sum = 0;
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) sum += tile[((y + dy) & (TILE - 1)) * TILE + ((x + dx) & (TILE - 1))];
    return sum / 5;
  });
}
