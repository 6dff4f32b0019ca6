import { hashTexts } from '../hash.js';
import { refusal, tooManyBytes } from '../header.js';
import { inProportion, looksLikeImage, readLayout } from '../layout.js';
import { FILES_AT_ONCE, type FileRead, type FolderFiles } from './picked.js';
import type { PhotoSource, SourceFile } from './source.js';

/** Files whose size and date tell a folder from an earlier one of the same names, and from whose sizes that of all is guessed. */
const LOOKED_AT = 64;

interface Listed {
  readonly path: string;
  readonly place: number;
}

/** A dropped or picked folder of class folders. Sorted by path: browsers list a folder in no fixed order. */
export async function openFolder(files: FolderFiles): Promise<PhotoSource> {
  const { name, paths } = files;
  const sorted = paths.map((path, place): Listed => ({ path, place })).sort((a, b) => (a.path < b.path ? -1 : 1));
  const layout = readLayout(sorted);
  const step = Math.max(1, Math.ceil(sorted.length / LOOKED_AT));
  const looked = await files.stat(sorted.filter((_, i) => i % step === 0).map(({ place }) => place));
  const bytes = looked.reduce((sum, { size }) => sum + size, 0);
  return {
    kind: 'folder',
    name,
    classes: layout.classes,
    counts: layout.files.map((members) => members.length),
    fingerprint: `folder ${name} ${hashTexts(sorted, ({ path }) => path)} ${hashTexts(looked, ({ size, lastModified }) => `${size} ${lastModified}`)}`,
    bytes: looked.length === 0 ? 0 : Math.round((bytes / looked.length) * sorted.length),
    refused: layout.refused,
    files: (from) => readInTurn(files, inProportion(layout.files).slice(from)),
  };
}

/** The next files are read while the last are looked at. */
async function* readInTurn(files: FolderFiles, items: readonly { readonly item: Listed; readonly group: number }[]): AsyncGenerator<SourceFile> {
  const read = (from: number): Promise<FileRead[]> => {
    const reading = files.read(items.slice(from, from + FILES_AT_ONCE).map(({ item }) => item.place));
    // Its failure is met when its turn comes; until then it is not unhandled.
    reading.catch(() => {});
    return reading;
  };
  let coming = items.length > 0 ? read(0) : null;
  for (let at = 0; coming; ) {
    const found: FileRead[] = await coming;
    const from = at;
    at += found.length;
    coming = at < items.length ? read(at) : null;
    for (const [i, each] of found.entries()) yield sourceFile(items[from + i], each);
  }
}

function sourceFile({ item: { path }, group: label }: { readonly item: Listed; readonly group: number }, read: FileRead): SourceFile {
  if (read instanceof Uint8Array) return { label, name: path, bytes: read };
  if (read === null) return { label, name: path, refused: refusal('unreadable', 'The browser could not read it.') };
  return { label, name: path, refused: looksLikeImage(path) ? tooManyBytes(read) : refusal('not-an-image', 'It is no photo.') };
}
