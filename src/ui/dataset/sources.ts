import { WinnowError } from '../../engine/support/errors.js';
import type { ImportSource } from '../../workers/contract.js';

interface PathFile {
  readonly path: string;
  readonly file: File;
}

/** Picked files: a zip, or the two files of an IDX pair, of which the larger holds the images. @throws WinnowError 'no-images'. */
export function sourceOfFiles(files: readonly File[]): ImportSource {
  const zip = files.find(({ name, type }) => /\.zip$/i.test(name) || type === 'application/zip' || type === 'application/x-zip-compressed');
  if (zip && files.length === 1) return { kind: 'zip', file: zip };
  if (files.length === 2 && files.every(({ name }) => /ubyte|idx|\.gz$/i.test(name))) {
    const [labels, images] = [...files].sort((a, b) => a.size - b.size);
    return { kind: 'idx', images, labels };
  }
  throw new WinnowError('no-images', { source: files.map(({ name }) => name).join(', ') });
}

/** A folder from `<input webkitdirectory>`. @throws WinnowError 'no-images' where the folder holds no file. */
export function sourceOfFolder(files: readonly File[]): ImportSource {
  return folder(files.map((file) => ({ path: file.webkitRelativePath, file })));
}

/**
 * What was dropped: one or more folders, a zip, or an IDX pair.
 * @param found told the number of files read so far, while a folder is walked.
 * @throws WinnowError 'no-images'.
 */
export async function sourceOfDrop(transfer: DataTransfer, found: (files: number) => void): Promise<ImportSource> {
  // The transfer is emptied once the event has been handled: everything is taken from it before the first await.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const loose = [...transfer.files];
  if (!entries.some((entry) => entry.isDirectory)) return sourceOfFiles(loose);
  const files: PathFile[] = [];
  for (const entry of entries) await collect(entry, files, found);
  return folder(files);
}

function folder(files: readonly PathFile[]): ImportSource {
  const tops = [...new Set(files.map(({ path }) => path.split('/')[0]))];
  if (files.length === 0) throw new WinnowError('no-images', { source: 'the folder' });
  return { kind: 'folder', name: tops.join(', '), files };
}

async function collect(entry: FileSystemEntry, into: PathFile[], found: (files: number) => void): Promise<void> {
  if (isFile(entry)) {
    into.push({ path: entry.fullPath.replace(/^\//, ''), file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)) });
    if (into.length % 100 === 0) found(into.length);
    return;
  }
  if (!isDirectory(entry)) return;
  const reader = entry.createReader();
  for (;;) {
    // A reader hands over at most 100 entries at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const each of some) await collect(each, into, found);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
