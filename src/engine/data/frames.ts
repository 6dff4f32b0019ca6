import { decodeToPixels } from './decode.js';
import { resizeBilinear } from './resize.js';

/** Above, decoding itself takes so long that the way through a Blob does not count. */
const MOST_PIXELS = 2e6;
/** A file whose inner lengths lie makes the decoder wait for bytes that do not come. */
const LATE_MS = 2000;

let proven: Promise<boolean> | null = null;

/**
 * As {@link decodeToPixels}, bit for bit, and for small plain JPEGs at two thirds of the cost: a Blob goes to the browser's process and back, which
 * takes longer than decoding 250 x 250 pixels. WebCodecs reads them from memory. Whatever it cannot do goes the other way, whose word is final.
 */
export async function decodeQuickly(photo: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const plain = isPlainJpeg(photo) && (await (proven ??= prove()));
  return (plain && (await decodeFrame(photo, size).catch(() => null))) || decodeToPixels(photo, size);
}

/** @returns null where the browser gives something else than its bitmaps hold. */
async function decodeFrame(photo: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer> | null> {
  // Of a file that has ended Chromium hands out Y, U and V, whose colours are another's affair; of one that may go on, what its bitmaps hold.
  const data = new ReadableStream({ type: 'bytes', start: (stream) => stream.enqueue(photo.slice()) });
  const decoder = new ImageDecoder({ data, type: 'image/jpeg' });
  const late = setTimeout(() => decoder.close(), LATE_MS);
  try {
    const { image, complete } = await decoder.decode({ completeFramesOnly: false });
    try {
      const { format, colorSpace, codedWidth: width, codedHeight: height } = image;
      // Another colour space would have to be converted as the browser converts its bitmaps.
      const usual = (format === 'BGRX' || format === 'RGBX') && colorSpace.primaries === 'bt709' && colorSpace.transfer === 'iec61966-2-1';
      if (!complete || !usual) return null;
      const pixels = new Uint8ClampedArray(width * height * 4);
      await image.copyTo(pixels, { format: 'RGBX' });
      return resizeBilinear(pixels, width, height, size);
    } finally {
      image.close();
    }
  } finally {
    clearTimeout(late);
    decoder.close();
  }
}

/** Once in each thread: a photo whose colours change from pixel to pixel has the same pixels both ways. */
async function prove(): Promise<boolean> {
  if (typeof ImageDecoder === 'undefined') return false;
  try {
    const [width, height] = [48, 32];
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    for (let i = 0; i < width * height; i++) {
      context.fillStyle = `rgb(${(i * 97) % 256} ${(i * 57) % 256} ${(i * 151) % 256})`;
      context.fillRect(i % width, Math.floor(i / width), 1, 1);
    }
    const photo = new Uint8Array(await (await context.canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer());
    const [quick, sure] = [await decodeFrame(photo, width), await decodeToPixels(photo, width)];
    return sure.every((value, i) => value === quick?.[i]);
  } catch {
    return false;
  }
}

/**
 * Whether nothing but its pixels matters: one frame of grey or of three channels, and no segment that turns it or says that its channels are
 * others than usual (EXIF, Adobe) before the first scan. A colour profile shows in the frame.
 */
function isPlainJpeg(photo: Uint8Array): boolean {
  if (photo[0] !== 0xff || photo[1] !== 0xd8) return false;
  let framed = false;
  for (let at = 2; at + 9 < photo.length && photo[at] === 0xff; at += 2 + uint16(photo, at + 2)) {
    const marker = photo[at + 1];
    if (marker === SOS) return framed;
    if (marker === SOF_BASELINE || marker === SOF_PROGRESSIVE) {
      framed = uint16(photo, at + 5) * uint16(photo, at + 7) <= MOST_PIXELS && (photo[at + 9] === 1 || photo[at + 9] === 3);
    } else if (!HARMLESS.has(marker)) return false;
  }
  return false;
}

const uint16 = (bytes: Uint8Array, at: number): number => bytes[at] * 256 + bytes[at + 1];

/** Markers of ITU T.81. */
const SOS = 0xda;
const SOF_BASELINE = 0xc0;
const SOF_PROGRESSIVE = 0xc2;
/** JFIF's own, a colour profile, tables, the restart interval, a comment. */
const HARMLESS: ReadonlySet<number> = new Set([0xe0, 0xe2, 0xdb, 0xc4, 0xdd, 0xfe]);
