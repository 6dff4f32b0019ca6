import { BlobReader, configure, ZipReader, type FileEntry } from '@zip.js/zip.js';
import { parseJson, refuse } from './schema.js';

const MAX_JSON_BYTES = 8 * 2 ** 20;
// What a piece inflates to comes at once, up to a thousand times as much: DecompressionStream knows no back-pressure within one.
configure({ chunkSize: 2 ** 14 });

/** Trained weights hardly shrink. */
const MAX_RATIO = 100;

/** A zip read as hostile input: of the files wanted each at most once, and only as much is inflated as was declared. */
export class Archive {
  private constructor(private readonly files: ReadonlyMap<string, FileEntry>) {}

  /** @throws SchemaError, or zip.js's own error. */
  static async read<T>(file: Blob, wanted: readonly string[], use: (archive: Archive) => Promise<T>): Promise<T> {
    const zip = new ZipReader(new BlobReader(file), { useWebWorkers: false, checkSignature: true });
    try {
      return await use(new Archive(await members(zip, wanted)));
    } finally {
      await zip.close();
    }
  }

  has(name: string): boolean {
    return this.files.has(name);
  }

  async json(name: string): Promise<unknown> {
    const packed = this.member(name);
    if (packed.uncompressedSize > MAX_JSON_BYTES) refuse(`${name} is larger than ${MAX_JSON_BYTES} bytes`);
    const bytes = new Uint8Array(packed.uncompressedSize);
    await inflate(packed, [bytes]);
    return parseJson(bytes, name);
  }

  /** Declared bytes of a file of weights. */
  size(name: string): number {
    return this.member(name).uncompressedSize;
  }

  /** Fills the targets, one after the other; together they have the file's {@link size}. */
  async fill(name: string, targets: readonly Uint8Array[]): Promise<void> {
    const packed = this.member(name);
    if (packed.compressedSize * MAX_RATIO < packed.uncompressedSize) refuse(`${name} is packed too tightly to be weights`);
    await inflate(packed, targets);
  }

  private member(name: string): FileEntry {
    return this.files.get(name) ?? refuse(`it holds no ${name}`);
  }
}

/** The files wanted; what the system's packers add is passed over. */
async function members(zip: ZipReader<unknown>, wanted: readonly string[]): Promise<Map<string, FileEntry>> {
  const files = new Map<string, FileEntry>();
  let count = 0;
  for await (const entry of zip.getEntriesGenerator()) {
    if (++count > 100) refuse('it holds too many files');
    if (entry.directory || !wanted.includes(entry.filename)) continue;
    if (files.has(entry.filename)) refuse(`${entry.filename} comes twice`);
    if (entry.encrypted) refuse(`${entry.filename} is encrypted`);
    files.set(entry.filename, entry);
  }
  return files;
}

/** Stops where a member inflates to more than the targets hold. */
async function inflate(packed: FileEntry, targets: readonly Uint8Array[]): Promise<void> {
  let target = 0;
  let filled = 0;
  await packed.getData(
    new WritableStream<Uint8Array>({
      write(chunk) {
        for (let taken = 0; taken < chunk.length; ) {
          if (target === targets.length) refuse(`${packed.filename} holds more than it declares`);
          const part = chunk.subarray(taken, taken + targets[target].length - filled);
          targets[target].set(part, filled);
          taken += part.length;
          filled += part.length;
          if (filled === targets[target].length) [target, filled] = [target + 1, 0];
        }
      },
    }),
  );
  if (target < targets.length) refuse(`${packed.filename} holds less than it declares`);
}
