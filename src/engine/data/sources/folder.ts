import { hashTexts } from '../hash.js';
import { MAX_BYTES, refusal, tooManyBytes } from '../header.js';
import { inProportion, looksLikeImage, readLayout } from '../layout.js';
import type { ImportSource } from '../types.js';
import { readAhead } from './read-ahead.js';
import type { PhotoSource, SourceFile } from './source.js';

/** A dropped or picked folder of class folders. Sorted by path: browsers list a folder in no fixed order. */
export function openFolder({ name, files }: Extract<ImportSource, { kind: 'folder' }>): PhotoSource {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const layout = readLayout(sorted);
  return {
    kind: 'folder',
    name,
    classes: layout.classes,
    counts: layout.files.map((members) => members.length),
    fingerprint: `folder ${name} ${hashTexts(sorted, ({ path, file }) => `${path} ${file.size} ${file.lastModified}`)}`,
    bytes: files.reduce((sum, { file }) => sum + file.size, 0),
    refused: layout.refused,
    files: (from) =>
      readAhead(inProportion(layout.files).slice(from), ({ item }) => Math.min(item.file.size, MAX_BYTES), ({ item, group }) => readFile(item.path, item.file, group)),
  };
}

async function readFile(path: string, file: File, label: number): Promise<SourceFile> {
  if (file.size > MAX_BYTES) return { label, name: path, refused: looksLikeImage(path) ? tooManyBytes(file.size) : refusal('not-an-image', 'It is no photo.') };
  try {
    return { label, name: path, bytes: new Uint8Array(await file.arrayBuffer()) };
  } catch {
    return { label, name: path, refused: refusal('unreadable', 'The browser could not read it.') };
  }
}
