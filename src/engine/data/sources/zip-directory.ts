import { crc32 } from '../crc32.js';

const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT = 0xffff;
const LOCATOR64 = 0x07064b50;
const LOCATOR64_BYTES = 20;
const END64 = 0x06064b50;
const END64_BYTES = 56;
const HEADER = 0x02014b50;
const HEADER_BYTES = 46;
const SATURATED16 = 0xffff;
const SATURATED32 = 0xffffffff;

const ZIP64_FIELD = 0x0001;
const UNICODE_PATH_FIELD = 0x7075;

/** Read at once, some 2,500 members; between two reads a thread hears that it is cancelled. The longest header has 192 kB. */
const PIECE_BYTES = 2 ** 18;

/** What the directory says of a member; nothing of it is to be trusted. */
export interface DirectoryEntry {
  readonly path: string;
  /** Of its local header, in the file. */
  readonly offset: number;
  /** Lengths in bytes, as stored and as it was. */
  readonly packed: number;
  readonly bytes: number;
  readonly method: number;
  readonly crc: number;
  readonly encrypted: boolean;
  readonly isLink: boolean;
  readonly isFolder: boolean;
}

interface Directory {
  readonly start: number;
  readonly end: number;
  /** Members, modulo 2^16 where the archive is no zip64. */
  readonly members: number;
  readonly isZip64: boolean;
  /** Bytes before the archive, which its offsets do not count: of a program that unpacks itself. */
  readonly prepended: number;
}

/**
 * The directory at the end of a zip, piece by piece (APPNOTE.TXT 6.3.10, 4.3.12 to 4.3.16; zip64; Info-ZIP's Unicode path). Names without a mark are
 * UTF-8 where they are valid UTF-8, else code page 437. Why not zip.js: docs/decisions/0009-zip-directory.md.
 * @throws Error where there is none, it is cut, or the archive is one of several parts
 */
export async function* readDirectory(file: Blob): AsyncGenerator<readonly DirectoryEntry[]> {
  const directory = await findDirectory(file);
  if (!directory) throw new Error('The archive has no directory.');
  let members = 0;
  for (let at = directory.start; at < directory.end; ) {
    const piece = await view(file, at, Math.min(at + PIECE_BYTES, directory.end));
    const entries: DirectoryEntry[] = [];
    let read = 0;
    for (let length = headerLength(piece, read); length !== null; length = headerLength(piece, read)) {
      if (read + length > piece.byteLength) break;
      entries.push(readEntry(piece, read, directory.prepended));
      read += length;
    }
    // No header, or none that ends where the directory does. What follows the last may be a signature.
    if (read === 0) break;
    at += read;
    members += entries.length;
    yield entries;
  }
  if (directory.isZip64 ? members !== directory.members : members % 2 ** 16 !== directory.members) throw new Error(`The archive’s directory has ${members} members for ${directory.members}.`);
}

async function view(file: Blob, start: number, end: number): Promise<DataView> {
  return new DataView(await file.slice(start, end).arrayBuffer());
}

async function findDirectory(file: Blob): Promise<Directory | null> {
  const tailStart = Math.max(0, file.size - END_BYTES - MAX_COMMENT);
  const tail = await view(file, tailStart, file.size);
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END || at + END_BYTES + tail.getUint16(at + 20, true) > tail.byteLength) continue;
    return readEnd(file, tailStart + at, new DataView(tail.buffer, at, END_BYTES));
  }
  return null;
}

async function readEnd(file: Blob, at: number, record: DataView): Promise<Directory | null> {
  let disk = record.getUint16(4, true);
  let members = record.getUint16(10, true);
  let length = record.getUint32(12, true);
  let start = record.getUint32(16, true);
  let endsAt = at;
  const saturated = members === SATURATED16 || length === SATURATED32 || start === SATURATED32;
  const end64 = saturated ? await findEnd64(file, at) : null;
  if (end64) {
    disk = end64.record.getUint32(16, true);
    members = Number(end64.record.getBigUint64(32, true));
    length = Number(end64.record.getBigUint64(40, true));
    start = Number(end64.record.getBigUint64(48, true));
    endsAt = end64.at;
  }
  const prepended = endsAt - length - start;
  if (disk !== 0 || prepended < 0) return null;
  return { start: start + prepended, end: endsAt, members, isZip64: end64 !== null, prepended };
}

/** Right before its locator, where nearly all write it, or where the locator says. */
async function findEnd64(file: Blob, endAt: number): Promise<{ at: number; record: DataView } | null> {
  const locatorAt = endAt - LOCATOR64_BYTES;
  if (locatorAt < END64_BYTES) return null;
  const locator = await view(file, locatorAt, endAt);
  if (locator.getUint32(0, true) !== LOCATOR64) return null;
  for (const at of [locatorAt - END64_BYTES, Number(locator.getBigUint64(8, true))]) {
    const record = await view(file, at, at + END64_BYTES);
    if (record.byteLength === END64_BYTES && record.getUint32(0, true) === END64) return { at, record };
  }
  return null;
}

/** @returns null where none begins */
function headerLength(piece: DataView, at: number): number | null {
  if (at + HEADER_BYTES > piece.byteLength || piece.getUint32(at, true) !== HEADER) return null;
  return HEADER_BYTES + piece.getUint16(at + 28, true) + piece.getUint16(at + 30, true) + piece.getUint16(at + 32, true);
}

function readEntry(piece: DataView, at: number, prepended: number): DirectoryEntry {
  const flags = piece.getUint16(at + 8, true);
  const nameLength = piece.getUint16(at + 28, true);
  const attributes = piece.getUint32(at + 38, true);
  const name = new Uint8Array(piece.buffer, at + HEADER_BYTES, nameLength);
  const fields = at + HEADER_BYTES + nameLength;
  const entry = {
    path: decodeName(name, (flags & 0x800) !== 0),
    packed: piece.getUint32(at + 20, true),
    bytes: piece.getUint32(at + 24, true),
    offset: piece.getUint32(at + 42, true),
  };
  readFields(piece, fields, fields + piece.getUint16(at + 30, true), name, entry);
  const unixKind = (attributes >>> 16) & 0xf000;
  return {
    ...entry,
    offset: entry.offset + prepended,
    method: piece.getUint16(at + 10, true),
    crc: piece.getUint32(at + 16, true),
    encrypted: (flags & 1) !== 0,
    isLink: unixKind === 0xa000,
    isFolder: entry.path.endsWith('/') || unixKind === 0x4000 || (piece.getUint8(at + 5) === 0 && (attributes & 0x10) !== 0),
  };
}

/** Lengths and places beyond 4 GiB, and the name in UTF-8. A field that is cut is passed over. */
function readFields(piece: DataView, from: number, end: number, name: Uint8Array, entry: { path: string; packed: number; bytes: number; offset: number }): void {
  for (let at = from; at + 4 <= end; ) {
    const kind = piece.getUint16(at, true);
    const start = at + 4;
    at = start + piece.getUint16(at + 2, true);
    if (at > end) return;
    if (kind === ZIP64_FIELD) {
      let place = start;
      for (const key of ['bytes', 'packed', 'offset'] as const) {
        if (entry[key] !== SATURATED32 || place + 8 > at) continue;
        entry[key] = Number(piece.getBigUint64(place, true));
        place += 8;
      }
    }
    // It is of the name that stands in the header, unless another program has changed that since.
    if (kind === UNICODE_PATH_FIELD && at - start > 5 && piece.getUint8(start) === 1 && piece.getUint32(start + 1, true) === crc32(name)) {
      entry.path = decodeName(new Uint8Array(piece.buffer, start + 5, at - start - 5), true);
    }
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const codePage437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

function decodeName(name: Uint8Array, marked: boolean): string {
  if (marked) return utf8.decode(name);
  try {
    return strictUtf8.decode(name);
  } catch {
    return String.fromCharCode(...Array.from(name, (byte) => (byte < 128 ? byte : codePage437.charCodeAt(byte - 128))));
  }
}
