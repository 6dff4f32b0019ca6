import type { PixelFile } from '../storage/pixels.js';

/** 2,000 photos at 128 pixels, or 850 at 224. */
const MAX_BYTES = 128 * 2 ** 20;

/**
 * Decoded photos of one dataset at one size, so that a set that fits in memory is decoded once, not once an epoch.
 * Full, it takes no more and drops none: every epoch visits every photo once in a new order, so no photo is worth more than another.
 */
export class PixelCache {
  private bytes = 0;
  private readonly held = new Map<number, Uint8Array<ArrayBuffer> | null>();

  /** null for a photo that does not decode, undefined for one that is not held. Do not change it. */
  get(index: number): Uint8Array<ArrayBuffer> | null | undefined {
    return this.held.get(index);
  }

  close(): void {
    this.held.clear();
  }

  set(index: number, pixels: Uint8Array<ArrayBuffer> | null): void {
    const bytes = pixels?.byteLength ?? 0;
    if (this.held.has(index) || this.bytes + bytes > MAX_BYTES) return;
    this.held.set(index, pixels);
    this.bytes += bytes;
  }
}

/** In memory as far as they fit, and all of them on the disk, where the person has set room aside. */
export class KeptPixels {
  private readonly memory = new PixelCache();

  constructor(readonly file: PixelFile) {}

  get(index: number): Uint8Array<ArrayBuffer> | null | undefined {
    const held = this.memory.get(index);
    if (held !== undefined) return held;
    const read = this.file.read(index);
    if (read !== undefined) this.memory.set(index, read);
    return read;
  }

  set(index: number, pixels: Uint8Array<ArrayBuffer> | null): void {
    this.memory.set(index, pixels);
    this.file.write(index, pixels);
  }

  close(): void {
    this.file.close();
  }
}
