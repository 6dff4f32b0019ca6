import { WinnowError } from '../support/errors.js';
import { database } from './database.js';
import { checkRoom } from './usage.js';

/**
 * Decoded photos on the disk, in the browser's private file system: one file for a dataset and a size, an uint8 state a photo, then the
 * photos' RGB. A state is written only after its pixels are on the disk, so that what a killed tab leaves is whole.
 */
export class PixelFile {
  private readonly states: Uint8Array<ArrayBuffer>;
  private pending: number[] = [];
  private closed = false;

  private constructor(
    private readonly handle: FileSystemSyncAccessHandle,
    private readonly photoBytes: number,
    images: number,
  ) {
    this.states = new Uint8Array(images);
    handle.read(this.states, { at: 0 });
  }

  /** @returns null where none is kept, or another tab has it. */
  static async open(dataset: string, size: number, images: number): Promise<PixelFile | null> {
    try {
      const folder = await folderOf(dataset, false);
      const file = await folder.getFileHandle(String(size));
      return new PixelFile(await file.createSyncAccessHandle(), photoBytes(size), images);
    } catch {
      return null;
    }
  }

  /** null for a photo that does not decode, undefined for one that is not there yet. */
  read(index: number): Uint8Array<ArrayBuffer> | null | undefined {
    switch (this.closed ? State.none : this.states[index]) {
      case State.there: {
        const pixels = new Uint8Array(this.photoBytes);
        return this.handle.read(pixels, { at: this.place(index) }) === pixels.length ? pixels : undefined;
      }
      case State.undecodable:
        return null;
      default:
        return undefined;
    }
  }

  /** Where the disk is full, or the file was closed, it takes no more. */
  write(index: number, pixels: Uint8Array<ArrayBuffer> | null): void {
    if (this.closed || this.states[index] !== State.none) return;
    try {
      if (pixels) this.handle.write(pixels, { at: this.place(index) });
      this.states[index] = pixels ? State.there : State.undecodable;
      this.pending.push(index);
      if (this.pending.length === COMMIT_EVERY) this.commit();
    } catch {
      this.states[index] = State.none;
    }
  }

  /** Photos that need no decoding any more. */
  get held(): number {
    return this.states.reduce((sum, state) => sum + Number(state !== State.none), 0);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      this.commit();
    } finally {
      this.handle.close();
    }
  }

  private commit(): void {
    this.handle.flush();
    for (const index of this.pending) this.handle.write(this.states.subarray(index, index + 1), { at: index });
    this.handle.flush();
    this.pending = [];
  }

  private place(index: number): number {
    return this.states.length + index * this.photoBytes;
  }
}

const State = { none: 0, there: 1, undecodable: 2 } as const;
/** A commit waits for the disk; more photos than these are decoded again after a crash. */
const COMMIT_EVERY = 64;
const ROOT = 'winnow-pixels';

const photoBytes = (size: number): number => size * size * 3;

/** What keeping the decoded photos of a dataset takes of the disk. */
export const pixelBytes = (images: number, size: number): number => images * (photoBytes(size) + 1);

/**
 * Sets the room aside for the decoded photos of a dataset at a size; they come as they are decoded.
 * @throws 'disk-short' where there is none, 'storage-failed' where the browser has no private file system.
 */
export async function keepPixels(dataset: string, name: string, size: number, images: number): Promise<void> {
  const bytes = pixelBytes(images, size);
  await checkRoom(name, bytes);
  try {
    const file = await (await folderOf(dataset, true)).getFileHandle(String(size), { create: true });
    const handle = await file.createSyncAccessHandle();
    handle.truncate(bytes);
    handle.close();
  } catch (error) {
    throw new WinnowError('storage-failed', { why: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
}

/** Sizes at which decoded photos of a dataset are kept. */
export async function keptSizes(dataset: string): Promise<number[]> {
  try {
    const sizes: number[] = [];
    for await (const name of (await folderOf(dataset, false)).keys()) sizes.push(Number(name));
    return sizes.sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** Lets go of a dataset's decoded photos, of one size or of all. Does nothing where none are kept, or another tab reads them. */
export async function dropPixels(dataset: string, size?: number): Promise<void> {
  try {
    if (size === undefined) await (await root(false)).removeEntry(dataset, { recursive: true });
    else await (await folderOf(dataset, false)).removeEntry(String(size));
  } catch {
    // The sweep of a later start removes what belongs to no dataset.
  }
}

/** Removes what belongs to no dataset. */
export async function sweepPixels(): Promise<void> {
  const datasets = await (await database()).getAllKeys('datasets');
  try {
    for await (const name of (await root(false)).keys()) if (!datasets.includes(name)) await dropPixels(name);
  } catch {
    // There are none.
  }
}

async function root(create: boolean): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create });
}

async function folderOf(dataset: string, create: boolean): Promise<FileSystemDirectoryHandle> {
  return (await root(create)).getDirectoryHandle(dataset, { create });
}
