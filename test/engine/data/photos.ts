import { BlobWriter, Uint8ArrayReader, ZipWriter, type ZipWriterAddDataOptions } from '@zip.js/zip.js';
import { encodePng } from '../../../src/engine/data/png.js';
import { database } from '../../../src/engine/storage/database.js';
import { WinnowError, type ErrorCode } from '../../../src/engine/support/errors.js';
import { expect } from 'chai';

export type Files = readonly (readonly [path: string, bytes: Uint8Array<ArrayBuffer> | string])[];

const encoder = new TextEncoder();

/** A grey PNG of one shade. */
export function png(shade: number, width = 6, height = 4): Promise<Uint8Array<ArrayBuffer>> {
  return encodePng(new Uint8Array(width * height).fill(shade), width, height, 1);
}

/** A JPEG or WebP as the browser encodes it: the left half of `left`, the right half of `right`. */
export async function encoded(type: 'image/jpeg' | 'image/webp', left = '#f00', right = '#00f', width = 32, height = 16): Promise<Uint8Array<ArrayBuffer>> {
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.fillStyle = left;
  context.fillRect(0, 0, width / 2, height);
  context.fillStyle = right;
  context.fillRect(width / 2, 0, width / 2, height);
  return new Uint8Array(await (await context.canvas.convertToBlob({ type, quality: 0.95 })).arrayBuffer());
}

/** `count` photos each of `classes`, one class after the other, as archives are. */
export async function classFolders(classes: readonly string[], count: number, root = ''): Promise<Files> {
  const files: [string, Uint8Array<ArrayBuffer>][] = [];
  for (const [label, name] of classes.entries()) for (let i = 0; i < count; i++) files.push([`${root}${name}/${name} (${i + 1}).png`, await png((label * 40 + i) % 256)]);
  return files;
}

export async function zip(files: Files, name = 'photos.zip', options: ZipWriterAddDataOptions = {}): Promise<File> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  for (const [path, bytes] of files) await writer.add(path, new Uint8ArrayReader(typeof bytes === 'string' ? encoder.encode(bytes) : bytes), options);
  return new File([await writer.close()], name);
}

export function folder(files: Files, name = 'photos'): { kind: 'folder'; name: string; files: { path: string; file: File }[] } {
  return { kind: 'folder', name, files: files.map(([path, bytes]) => ({ path, file: new File([bytes], path.split('/').at(-1)!) })) };
}

/** What `work` rejects with, which must be a WinnowError of this code. */
export async function expectError(code: ErrorCode, work: Promise<unknown>): Promise<WinnowError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error, `nothing but ${code}`).to.be.instanceOf(WinnowError);
  expect((error as WinnowError).code).to.equal(code);
  return error as WinnowError;
}

/** Records in every store. */
export async function countRecords(): Promise<Record<string, number>> {
  const connection = await database();
  const counts: Record<string, number> = {};
  for (const store of connection.objectStoreNames) counts[store] = await connection.count(store);
  return counts;
}

/** The browser says that the disk is full at the `after`th put into `store`, once, while `work` runs. */
export async function withFullDisk<T>(store: string, after: number, work: () => Promise<T>): Promise<T> {
  const put = IDBObjectStore.prototype.put;
  let left = after;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
    if (this.name === store && --left === 0) throw new DOMException('no room', 'QuotaExceededError');
    return put.apply(this, args);
  };
  try {
    return await work();
  } finally {
    IDBObjectStore.prototype.put = put;
  }
}
