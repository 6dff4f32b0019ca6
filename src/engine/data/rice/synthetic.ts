import { drawGrain, PHOTO_SIDE } from './grain.js';
import { varieties } from './varieties.js';

/** A photo as an archive or a folder would hold it. */
export interface SyntheticPhoto {
  /** 'Arborio/Arborio (1).jpg', as in Kaggle's Rice Image Dataset. */
  readonly path: string;
  /** JPEG. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What the set is called wherever it is shown: it is never passed off as the real one. */
export const SYNTHETIC_NAME = 'Rice, synthetic';

const JPEG_QUALITY = 0.9;
/** Photos drawn while earlier ones are encoded on the browser's own threads. */
const IN_FLIGHT = 4;

/**
 * Draws `images` photos of single rice grains, the five varieties in turn, so that any first n are in proportion.
 * The same (seed, index) is always the same grain, whatever the number of images. Needs OffscreenCanvas.
 * @param of whose `from` is the first index that is drawn, 0 where absent.
 */
export function syntheticRice({ images, seed, from = 0 }: { images: number; seed: number; from?: number }): { classes: string[]; total: number; items: AsyncIterable<SyntheticPhoto> } {
  return { classes: varieties.map((variety) => variety.name), total: images, items: photos(images, seed, from) };
}

async function* photos(images: number, seed: number, from: number): AsyncGenerator<SyntheticPhoto> {
  const canvases = Array.from({ length: Math.min(IN_FLIGHT, images) }, () => {
    const canvas = new OffscreenCanvas(PHOTO_SIDE, PHOTO_SIDE);
    const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })!;
    return { canvas, context, image: context.createImageData(PHOTO_SIDE, PHOTO_SIDE) };
  });

  const draw = async (index: number): Promise<SyntheticPhoto> => {
    const { canvas, context, image } = canvases[index % canvases.length];
    const variety = varieties[index % varieties.length];
    drawGrain(image.data, variety, seed, index);
    context.putImageData(image, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY });
    const number = Math.floor(index / varieties.length) + 1;
    return { path: `${variety.name}/${variety.name} (${number}).jpg`, bytes: new Uint8Array(await blob.arrayBuffer()) };
  };

  const pending: Promise<SyntheticPhoto>[] = [];
  try {
    for (let index = from; index < images; index++) {
      if (pending.length === canvases.length) yield await pending.shift()!;
      pending.push(draw(index));
    }
    while (pending.length > 0) yield await pending.shift()!;
  } finally {
    // Whoever stops early, or the first that fails, leaves none behind to reject unheard.
    await Promise.allSettled(pending);
  }
}
