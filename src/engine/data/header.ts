import type { RefusalCode } from '../storage/records.js';

export const MAX_PIXELS = 40e6;
export const MAX_BYTES = 20e6;

/** Why a file is left out: a code, and one English sentence. */
export interface Reason {
  readonly code: RefusalCode;
  readonly reason: string;
}
export interface ImageHeader {
  readonly format: 'jpeg' | 'png' | 'webp';
  readonly mime: 'image/jpeg' | 'image/png' | 'image/webp';
  /** As stored: an EXIF orientation may yet swap them. */
  readonly width: number;
  readonly height: number;
}

export const refusal = (code: RefusalCode, reason: string): Reason => ({ code, reason });

export const tooManyBytes = (bytes: number): Reason =>
  refusal('too-many-bytes', `It has ${(bytes / 1e6).toFixed(1)} MB; the most is ${MAX_BYTES / 1e6} MB.`);

/**
 * What a file is, by its header alone: type by magic bytes whatever its name says, dimensions, and whether its end is
 * there. Nothing is decoded, so a file that passes may yet prove undecodable.
 */
export function inspectImage(bytes: Uint8Array): ImageHeader | Reason {
  if (bytes.length === 0) return refusal('empty', 'The file is empty.');
  if (bytes.length > MAX_BYTES) return tooManyBytes(bytes.length);
  const read = startsWith(bytes, 0xff, 0xd8, 0xff) ? readJpeg : startsWith(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) ? readPng : isWebp(bytes) ? readWebp : null;
  if (!read) return unknown(bytes);
  let header: ImageHeader | Reason;
  try {
    header = read(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return truncated();
  }
  if ('code' in header) return header;
  if (header.width === 0 || header.height === 0) return refusal('unreadable', 'Its header states a side of 0 pixels.');
  if (header.width * header.height > MAX_PIXELS) {
    return refusal('too-many-pixels', `It has ${header.width} x ${header.height} pixels; the most is ${MAX_PIXELS / 1e6} megapixels.`);
  }
  return header;
}

const truncated = () => refusal('truncated', 'The end of the file is missing.');

function startsWith(bytes: Uint8Array, ...magic: number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

function ascii(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

/** ITU T.81: segments up to the frame header (SOF); after the scan header only an unstuffed FF D9 ends the image. */
function readJpeg(bytes: Uint8Array, view: DataView): ImageHeader | Reason {
  let size: { width: number; height: number } | null = null;
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return refusal('unreadable', 'Its JPEG segments are damaged.');
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xd9) return truncated();
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      // Browsers decode baseline, extended and progressive Huffman frames of 8 bits.
      if (marker > 0xc2 || view.getUint8(at + 4) !== 8) return refusal('unsupported-format', 'It is a lossless, arithmetic-coded or 12-bit JPEG, which browsers do not decode.');
      if (size) return refusal('unreadable', 'It has more than one JPEG frame header.');
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    const next = at + 2 + view.getUint16(at + 2);
    if (marker === 0xda) {
      if (!size) return refusal('unreadable', 'Its JPEG frame header is missing.');
      return endsInside(bytes, next) ? { format: 'jpeg', mime: 'image/jpeg', ...size } : truncated();
    }
    at = next;
  }
}

/** Whether FF D9 comes after `from`; searched from the end, where it nearly always is. */
function endsInside(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.lastIndexOf(0xd9); at > from; at = bytes.lastIndexOf(0xd9, at - 1)) if (bytes[at - 1] === 0xff) return true;
  return false;
}

/** The chunks are stepped over up to IEND; their checksums are the decoder's affair. */
function readPng(bytes: Uint8Array, view: DataView): ImageHeader | Reason {
  if (ascii(bytes, 12, 4) !== 'IHDR') return bytes.length < 24 ? truncated() : refusal('unreadable', 'Its PNG header is damaged.');
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  for (let at = 8; ; at += 12 + view.getUint32(at)) {
    if (at + 12 > bytes.length) return truncated();
    if (ascii(bytes, at + 4, 4) === 'IEND') return { format: 'png', mime: 'image/png', width, height };
  }
}

function isWebp(bytes: Uint8Array): boolean {
  return ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP';
}

/** RFC 9649. */
function readWebp(bytes: Uint8Array, view: DataView): ImageHeader | Reason {
  if (bytes.length < view.getUint32(4, true) + 8) return truncated();
  const header = (width: number, height: number): ImageHeader => ({ format: 'webp', mime: 'image/webp', width, height });
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  switch (ascii(bytes, 12, 4)) {
    case 'VP8 ':
      if (uint24(23) !== 0x2a019d) return refusal('unreadable', 'Its WebP frame header is damaged.');
      return header(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
    case 'VP8L': {
      if (view.getUint8(20) !== 0x2f) return refusal('unreadable', 'Its WebP header is damaged.');
      const sides = view.getUint32(21, true);
      return header((sides & 0x3fff) + 1, ((sides >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return header(uint24(24) + 1, uint24(27) + 1);
    default:
      return refusal('unreadable', 'Its WebP header is damaged.');
  }
}

/** Formats that a person might expect to work are named. */
function unknown(bytes: Uint8Array): Reason {
  const brand = ascii(bytes, 4, 4) === 'ftyp' ? ascii(bytes, 8, 4) : '';
  const name = ascii(bytes, 0, 4) === 'GIF8' ? 'a GIF'
    : startsWith(bytes, 0x42, 0x4d) && bytes.length > 26 ? 'a BMP'
    : startsWith(bytes, 0x49, 0x49, 0x2a, 0) || startsWith(bytes, 0x4d, 0x4d, 0, 0x2a) ? 'a TIFF'
    : brand.startsWith('avi') ? 'an AVIF'
    : /^(hei|hev|mif1|msf1)/.test(brand) ? 'a HEIC'
    : null;
  if (name) return refusal('unsupported-format', `It is ${name} image; JPEG, PNG and WebP are read.`);
  if (startsWith(bytes, 0x50, 0x4b, 3, 4)) return refusal('not-an-image', 'It is an archive, which is not opened inside another.');
  return refusal('not-an-image', 'It is no JPEG, PNG or WebP image.');
}
