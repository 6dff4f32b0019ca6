import { BlobReader, ZipReader, type Entry } from '@zip.js/zip.js';
import { WinnowError } from '../../support/errors.js';
import type { Refusal } from '../../storage/records.js';
import { crc32 } from '../crc32.js';
import { MAX_BYTES, refusal, tooManyBytes, type Reason } from '../header.js';
import { inProportion, isIgnored, looksLikeImage, readLayout } from '../layout.js';
import { readAhead } from './read-ahead.js';
import type { PhotoSource, SourceFile } from './source.js';
import { BlobWindows } from './windows.js';

const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_MAGIC = 0x04034b50;

/** Photos hardly shrink in a zip; what grows so much is made to fill a disk. */
const MAX_RATIO = 100;
/** What all members together may inflate to beyond that: one odd photo, of the most bytes that one may have, is no bomb. */
const MAX_EXCESS = MAX_BYTES;
const MAX_FILES = 500_000;
/** A piece inflates to 8 MB at most, and at once: DecompressionStream knows no back-pressure within one. */
const PIECE_BYTES = 8 * 2 ** 10;

/** A directory of 75,000 entries takes seconds, in which a thread would hear nothing, not even that it is cancelled. */
const PAUSE_EVERY_MS = 200;

/** What is kept of a directory entry: an archive may hold a hundred thousand. */
interface Member {
  readonly path: string;
  readonly offset: number;
  readonly packed: number;
  readonly bytes: number;
  readonly method: number;
  readonly crc: number | undefined;
}

/**
 * A zip of class folders, read by random access. zip.js reads the directory; the members are inflated here, since its
 * readers cost a stream pipeline each (1,000 to 1,800 small files a second where this does 10,000).
 * Unsafe paths, links, encrypted members and duplicates are refused one by one.
 * @throws 'zip-broken', 'zip-unsafe'
 */
export async function openZip(file: File, signal?: AbortSignal): Promise<PhotoSource> {
  const { members, refused } = await readDirectory(file, signal);
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

async function readDirectory(file: File, signal: AbortSignal | undefined): Promise<{ members: Member[]; refused: Refusal[] }> {
  const members: Member[] = [];
  const refused: Refusal[] = [];
  const seen = new Set<string>();
  const reader = new ZipReader(new BlobReader(file));
  let paused = performance.now();
  try {
    // The names are judged here, one by one: an odd one is no reason to refuse the rest.
    for await (const entry of reader.getEntriesGenerator({ filenameValidation: 'tolerant' })) {
      if (performance.now() - paused > PAUSE_EVERY_MS) {
        await new Promise((resolve) => setTimeout(resolve));
        paused = performance.now();
      }
      if (signal?.aborted) throw new WinnowError('cancelled');
      const path = entry.filename;
      if (entry.directory || isIgnored(path.replaceAll('\\', '/'))) continue;
      const reason = refuseEntry(entry, seen);
      seen.add(path);
      if (seen.size > MAX_FILES) throw new WinnowError('zip-unsafe', { source: file.name, why: `it holds more than ${MAX_FILES} files` });
      if (reason) refused.push({ name: path, ...reason });
      else members.push({ path, offset: entry.offset, packed: entry.compressedSize, bytes: entry.uncompressedSize, method: entry.compressionMethod, crc: entry.crc32 });
    }
  } catch (error) {
    if (error instanceof WinnowError) throw error;
    throw new WinnowError('zip-broken', { source: file.name }, { cause: error });
  } finally {
    await reader.close();
  }
  return { members, refused };
}

function refuseEntry(entry: Entry, seen: ReadonlySet<string>): Reason | null {
  const path = entry.filename;
  if (/^\/|^[a-z]:|\\|\0|(^|\/)\.\.(\/|$)/i.test(path)) return refusal('unsafe-path', 'Its path leads out of the archive or is ambiguous.');
  if (entry.symlink) return refusal('unsafe-path', 'It is a link.');
  if (seen.has(path)) return refusal('duplicate', 'A file of the same path came before it.');
  if (entry.encrypted) return refusal('unreadable', 'It is encrypted.');
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) return refusal('unreadable', 'It is packed by a method that browsers do not know; pack it with deflate.');
  if (entry.uncompressedSize > MAX_BYTES) return looksLikeImage(path) ? tooManyBytes(entry.uncompressedSize) : refusal('not-an-image', 'It is no photo.');
  return null;
}

async function* readMembers(file: File, order: readonly { item: Member; group: number }[], classes: number): AsyncGenerator<SourceFile> {
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
  add({ packed }: Member, before: number, piece: number): void {
    const allowed = MAX_RATIO * packed;
    this.bytes += Math.max(0, before + piece - allowed) - Math.max(0, before - allowed);
    this.check();
  }

  /** @throws 'zip-unsafe' */
  check(): void {
    if (this.bytes > MAX_EXCESS) throw new WinnowError('zip-unsafe', { source: this.source, why: `it inflates to more than ${MAX_RATIO} times its size` });
  }
}

async function readMember(source: string, windows: BlobWindows, member: Member, excess: Excess): Promise<Uint8Array<ArrayBuffer> | Reason> {
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
  if (content?.length !== member.bytes || (member.crc !== undefined && crc32(content) !== member.crc)) return damaged();
  return content;
}

const damaged = () => refusal('unreadable', 'It is damaged in the archive.');

/**
 * Counts what really comes out, piece by piece.
 * @returns null where the data is broken, or more comes out of it than the member says.
 * @throws 'zip-unsafe'
 */
async function inflate(packed: Uint8Array<ArrayBuffer>, member: Member, excess: Excess): Promise<Uint8Array<ArrayBuffer> | null> {
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
