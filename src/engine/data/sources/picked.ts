import { MAX_BYTES } from '../header.js';
import type { ImportSource } from '../types.js';

/** A file's bytes; how many there are, where they are too many for a photo; or null, where it cannot be read. */
export type FileRead = Uint8Array<ArrayBuffer> | number | null;

export interface FileState {
  readonly size: number;
  readonly lastModified: number;
}

/** The files of a folder, by their places in the listing, wherever the thread is that can read them. */
export interface FolderFiles {
  readonly name: string;
  readonly paths: readonly string[];
  /** Costs a look at the disk for each: ask for few. */
  stat(places: readonly number[]): Promise<FileState[]>;
  /** Of the first of the places, at least one: as many as come to {@link BYTES_AT_ONCE}. */
  read(places: readonly number[]): Promise<FileRead[]>;
}

export const FILES_AT_ONCE = 256;
export const BYTES_AT_ONCE = 4 * 2 ** 20;
const LANES = { least: 2, most: 32 };

/**
 * Files that a person picked, read in the thread that has them. To send a picked file to a worker, or to ask for its size, Chromium looks
 * it up on the disk, one after the other, and the page stands still meanwhile: 26 s for 75,000. Reading it does not.
 */
export class PickedFiles implements FolderFiles {
  readonly name: string;
  readonly paths: readonly string[];
  private readonly files: readonly File[];
  /** So many are read at a time that they are not much more than is asked for at once. */
  private lanes = LANES.least;

  constructor({ name, files }: Extract<ImportSource, { kind: 'folder' }>) {
    this.name = name;
    this.paths = files.map(({ path }) => path);
    this.files = files.map(({ file }) => file);
  }

  async stat(places: readonly number[]): Promise<FileState[]> {
    return places.map((place) => {
      const { size, lastModified } = this.files[place];
      return { size, lastModified };
    });
  }

  async read(places: readonly number[]): Promise<FileRead[]> {
    const found: FileRead[] = [];
    let [next, bytes] = [0, 0];
    const lane = async (): Promise<void> => {
      while (next < places.length && bytes < BYTES_AT_ONCE) {
        const turn = next++;
        const read = (found[turn] = await readFile(this.files[places[turn]]));
        bytes += read instanceof Uint8Array ? read.length : 0;
      }
    };
    await Promise.all(Array.from({ length: this.lanes }, lane));
    this.lanes = Math.min(LANES.most, Math.max(LANES.least, Math.floor((BYTES_AT_ONCE * found.length) / Math.max(bytes, 1))));
    return found;
  }
}

function readFile(file: File): Promise<FileRead> {
  const reader = new FileReader();
  return new Promise((resolve) => {
    reader.onload = () => {
      const bytes = new Uint8Array(reader.result as ArrayBuffer);
      resolve(bytes.length > MAX_BYTES ? bytes.length : bytes);
    };
    // Its size is not asked beforehand, so what is too large is let go on the way.
    reader.onprogress = ({ loaded }) => {
      if (loaded > MAX_BYTES) reader.abort();
    };
    reader.onabort = () => resolve(file.size);
    reader.onerror = () => resolve(null);
    reader.readAsArrayBuffer(file);
  });
}
