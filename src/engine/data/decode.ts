import { resizeBilinear } from './resize.js';

/** Where photos are decoded; see {@link decodeToPixels} and {@link drawPhoto}. */
export interface Decoder {
  /** More than so many at once only fill memory. */
  readonly inFlight: number;
  pixels(photo: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>>;
  draw(photo: Uint8Array<ArrayBuffer>, side: number): Promise<ImageBitmap>;
}

/** How a stored photo is opened, for training and for showing alike. */
const opening: ImageBitmapOptions = { imageOrientation: 'from-image', premultiplyAlpha: 'default', colorSpaceConversion: 'default' };

let canvas: OffscreenCanvasRenderingContext2D | null = null;

/** Rejects, as the browser does, where the photo cannot be decoded. Close the bitmap. */
export function openPhoto(photo: Blob | Uint8Array<ArrayBuffer>): Promise<ImageBitmap> {
  return createImageBitmap(photo instanceof Blob ? photo : new Blob([photo]), opening);
}

/**
 * The one preprocessing, the same for training, evaluation and every export: EXIF orientation applied, colours converted
 * to sRGB, alpha blended on black, the whole photo squeezed to a square by {@link resizeBilinear}, uint8. (Division by 255
 * is the engine's.)
 * @returns size x size x 3, RGB.
 * @throws a DOMException where the photo cannot be decoded.
 */
export async function decodeToPixels(photo: Blob | Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bitmap = await openPhoto(photo);
  const { width, height } = bitmap;
  try {
    // Opaque: what is drawn on it is blended on black. In memory: reading back from a GPU canvas costs a stall a photo.
    canvas ??= new OffscreenCanvas(width, height).getContext('2d', { alpha: false, colorSpace: 'srgb', willReadFrequently: true })!;
    if (canvas.canvas.width === width && canvas.canvas.height === height) canvas.clearRect(0, 0, width, height);
    else Object.assign(canvas.canvas, { width, height });
    canvas.drawImage(bitmap, 0, 0);
  } finally {
    bitmap.close();
  }
  return resizeBilinear(canvas.getImageData(0, 0, width, height).data, width, height, size);
}

/** The whole photo in the middle of a square, its sides in their own proportion, transparent around it: for showing. */
export async function drawPhoto(photo: Uint8Array<ArrayBuffer>, side: number): Promise<ImageBitmap> {
  const bitmap = await openPhoto(photo);
  try {
    const scale = side / Math.max(bitmap.width, bitmap.height);
    const width = bitmap.width * scale;
    const height = bitmap.height * scale;
    const context = new OffscreenCanvas(side, side).getContext('2d')!;
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, (side - width) / 2, (side - height) / 2, width, height);
    return context.canvas.transferToImageBitmap();
  } finally {
    bitmap.close();
  }
}

/** In the thread that asks. */
export const decodeHere: Decoder = { inFlight: Math.max(2, navigator.hardwareConcurrency), pixels: decodeToPixels, draw: drawPhoto };
