import { WinnowError } from '../../support/errors.js';
import type { Refusal } from '../../storage/records.js';
import { crc32 } from '../crc32.js';
import { MAX_BYTES, refusal, tooManyBytes, type Reason } from '../header.js';
import { inProportion, isIgnored, looksLikeImage, readLayout } from '../layout.js';
import { readAhead } from './read-ahead.js';
import type { PhotoSource, SourceFile } from './source.js';
import { BlobWindows } from './windows.js';
import { readDirectory, type DirectoryEntry } from './zip-directory.js';

const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_MAGIC = 0x04034b50;

/** Photos are packed themselves and hardly shrink in a zip; what grows so much is made to fill a disk. */
const MAX_RATIO = 100;
/** What all members together may inflate to beyond that, in bytes: some odd files are no bomb. */
const MAX_EXCESS = 8e6;
const MAX_FILES = 500_000;
/** Characters of all their paths. */
const MAX_PATHS = 2 ** 26;
/** A piece inflates to 8 MB at most, and at once: DecompressionStream knows no back-pressure within one. */
const PIECE_BYTES = 8 * 2 ** 10;

/**
 * A zip of class folders, read by random access. Not by zip.js, which reads and writes models: it makes some kilobytes of objects of each member's
 * entry, and a pipeline of streams of its content (1,000 to 1,800 small files a second where this does 10,000).
 * Unsafe paths, links, encrypted members and duplicates are refused one by one.
 * @throws 'zip-broken', 'zip-unsafe'
 */
export async function openZip(file: File, signal?: AbortSignal): Promise<PhotoSource> {
  const { members, refused } = await listMembers(file, signal);
  const layout = readLayout(members);
  return {
    kind: 'zip',
    name: file.name.replace(/\.zip$/i, ''),
    classes: layout.classes,
    counts: layout.files.map((files) => files.length),
    fingerprint: `zip ${file.name} ${file.size} ${file.lastModified}`,
    // A bomb declares more than it will be let.
    bytes: Math.min(members.reduce((sum, { bytes }) => sum + bytes, 0), MAX_RATIO * file.size + MAX_EXCESS),
    refused: [...refused, ...layout.refused],
    files: (from) => readMembers(file, inProportion(layout.files).slice(from), layout.classes.length),
  };
}

async function listMembers(file: File, signal: AbortSignal | undefined): Promise<{ members: DirectoryEntry[]; refused: Refusal[] }> {
  const members: DirectoryEntry[] = [];
  const refused: Refusal[] = [];
  const seen = new Set<string>();
  let paths = 0;
  try {
    for await (const entries of readDirectory(file)) {
      if (signal?.aborted) throw new WinnowError('cancelled');
      for (const entry of entries) {
        const { path } = entry;
        if (entry.isFolder || isIgnored(path.replaceAll('\\', '/'))) continue;
        const reason = refuseEntry(entry, seen);
        seen.add(path);
        paths += path.length;
        if (members.length + refused.length === MAX_FILES) throw new WinnowError('zip-unsafe', { source: file.name, why: `it holds more than ${MAX_FILES} files` });
        if (paths > MAX_PATHS) throw new WinnowError('zip-unsafe', { source: file.name, why: 'the names of its files take more room than photos have names' });
        if (reason) refused.push({ name: path, ...reason });
        else members.push(entry);
      }
    }
  } catch (error) {
    if (error instanceof WinnowError) throw error;
    throw new WinnowError('zip-broken', { source: file.name }, { cause: error });
  }
  return { members, refused };
}

function refuseEntry({ path, isLink, encrypted, method, bytes }: DirectoryEntry, seen: ReadonlySet<string>): Reason | null {
  if (/^\/|^[a-z]:|\\|\0|(^|\/)\.\.(\/|$)/i.test(path)) return refusal('unsafe-path', 'Its path leads out of the archive or is ambiguous.');
  if (isLink) return refusal('unsafe-path', 'It is a link.');
  if (seen.has(path)) return refusal('duplicate', 'A file of the same path came before it.');
  if (encrypted) return refusal('unreadable', 'It is encrypted.');
  if (method !== STORED && method !== DEFLATED) return refusal('unreadable', 'It is packed by a method that browsers do not know; pack it with deflate.');
  if (bytes > MAX_BYTES) return looksLikeImage(path) ? tooManyBytes(bytes) : refusal('not-an-image', 'It is no photo.');
  return null;
}

async function* readMembers(file: File, order: readonly { item: DirectoryEntry; group: number }[], classes: number): AsyncGenerator<SourceFile> {
  const windows = new BlobWindows(file, classes);
  const excess = new Excess(file.name);
  const files = readAhead(
    order,
    ({ item }) => item.packed + item.bytes,
    async ({ item, group }): Promise<SourceFile> => {
      excess.check();
      const content = await readMember(file.name, windows, item, excess);
      return content instanceof Uint8Array ? { label: group, name: item.path, bytes: content } : { label: group, name: item.path, refused: content };
    },
  );
  for await (const next of files) {
    excess.check();
    yield next;
  }
}

/** What has come out of an archive's members beyond the ratio that each may have. */
class Excess {
  private bytes = 0;

  constructor(private readonly source: string) {}

  /** Counts a piece of a member, of which `before` bytes had come out already. @throws 'zip-unsafe' */
  add({ packed }: DirectoryEntry, before: number, piece: number): void {
    const allowed = MAX_RATIO * packed;
    this.bytes += Math.max(0, before + piece - allowed) - Math.max(0, before - allowed);
    this.check();
  }

  /** @throws 'zip-unsafe' */
  check(): void {
    if (this.bytes > MAX_EXCESS) throw new WinnowError('zip-unsafe', { source: this.source, why: `it inflates to more than ${MAX_RATIO} times its size` });
  }
}

async function readMember(source: string, windows: BlobWindows, member: DirectoryEntry, excess: Excess): Promise<Uint8Array<ArrayBuffer> | Reason> {
  let packed: Uint8Array<ArrayBuffer>;
  try {
    const header = await windows.read(member.offset, LOCAL_HEADER_BYTES);
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== LOCAL_HEADER_MAGIC) return damaged();
    const start = member.offset + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
    packed = await windows.read(start, member.packed);
  } catch (error) {
    // The file itself has gone or changed since it was chosen.
    throw new WinnowError('zip-broken', { source }, { cause: error });
  }
  if (packed.length < member.packed) return damaged();
  const content = member.method === STORED ? packed.slice() : await inflate(packed, member, excess);
  if (content?.length !== member.bytes || crc32(content) !== member.crc) return damaged();
  return content;
}

const damaged = () => refusal('unreadable', 'It is damaged in the archive.');

/**
 * Counts what really comes out, piece by piece.
 * @returns null where the data is broken, or more comes out of it than the member says.
 * @throws 'zip-unsafe'
 */
async function inflate(packed: Uint8Array<ArrayBuffer>, member: DirectoryEntry, excess: Excess): Promise<Uint8Array<ArrayBuffer> | null> {
  const stream = new DecompressionStream('deflate-raw');
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const content = new Uint8Array(member.bytes);
  let filled = 0;
  const feed = async (): Promise<void> => {
    for (let at = 0; at < packed.length; at += PIECE_BYTES) await writer.write(packed.subarray(at, at + PIECE_BYTES));
    await writer.close();
  };
  // What goes wrong shows on the reading side.
  feed().catch(() => {});
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return filled === member.bytes ? content : null;
      excess.add(member, filled, value.length);
      if (filled + value.length > member.bytes) {
        await reader.cancel();
        return null;
      }
      content.set(value, filled);
      filled += value.length;
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    if (error instanceof WinnowError) throw error;
    return null;
  }
}
