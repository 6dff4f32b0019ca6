import { WinnowError } from '../../support/errors.js';
import { inProportion } from '../layout.js';
import { encodePng } from '../png.js';
import { readAhead } from './read-ahead.js';
import type { PhotoSource, SourceFile } from './source.js';
import { BlobWindows } from './windows.js';

const UINT8 = 0x08;
/** The most that a gzipped file may inflate to. */
const MAX_INFLATED = 8 * 2 ** 30;

/** An IDX file (LeCun's MNIST format): big-endian dimensions, then uint8 values. */
interface Idx {
  readonly blob: Blob;
  readonly dimensions: readonly number[];
  readonly dataOffset: number;
}

/**
 * A pair of IDX files, gzipped or not: images [n, height, width] or [n, height, width, 3], labels [n]. Each image is
 * stored as a PNG; its class is its label, written with as many digits as the largest has, so that names sort as numbers do.
 * @throws 'idx-broken'
 */
export async function openIdx(images: File, labels: File): Promise<PhotoSource> {
  const [pixels, classes] = await Promise.all([openFile(images), openFile(labels)]);
  const [count, height, width, channels = 1] = pixels.dimensions;
  if (pixels.dimensions.length < 3 || pixels.dimensions.length > 4) throw broken(images, `it has ${pixels.dimensions.length} dimensions, images have 3`);
  if (channels !== 1 && channels !== 3) throw broken(images, `it has ${channels} channels, not 1 or 3`);
  if (height === 0 || width === 0) throw broken(images, 'its images have no pixels');
  if (classes.dimensions.length !== 1) throw broken(labels, `it has ${classes.dimensions.length} dimensions, labels have 1`);
  if (classes.dimensions[0] !== count) throw broken(labels, `it holds ${classes.dimensions[0]} labels for ${count} images`);

  const values = new Uint8Array(await classes.blob.slice(classes.dataOffset).arrayBuffer());
  const present = [...new Set(values)].sort((a, b) => a - b);
  const digits = String(present.at(-1) ?? 0).length;
  const names = present.map((value) => String(value).padStart(digits, '0'));
  const members: number[][] = present.map(() => []);
  const labelOf = new Map(present.map((value, label) => [value, label]));
  values.forEach((value, i) => members[labelOf.get(value)!].push(i));
  const imageBytes = height * width * channels;
  return {
    kind: 'idx',
    name: images.name.replace(/\.gz$/i, '').replace(/[-.]?idx\d?([-.]ubyte)?$/i, '').replace(/[-_.]?images$/i, '') || images.name,
    classes: names,
    counts: members.map((indices) => indices.length),
    fingerprint: `idx ${[images, labels].map((file) => `${file.name} ${file.size} ${file.lastModified}`).join(' ')}`,
    // Photos as PNG are smaller; noise is not.
    bytes: count * imageBytes,
    refused: [],
    files(from) {
      const windows = new BlobWindows(pixels.blob, names.length);
      return readAhead(inProportion(members).slice(from), () => imageBytes, async ({ item, group }): Promise<SourceFile> => {
        const raw = await windows.read(pixels.dataOffset + item * imageBytes, imageBytes);
        return { label: group, name: `${names[group]}/${item}.png`, bytes: await encodePng(raw, width, height, channels) };
      });
    },
  };
}

async function openFile(file: File): Promise<Idx> {
  const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const blob = magic[0] === 0x1f && magic[1] === 0x8b ? await gunzip(file) : file;
  const head = new DataView(await blob.slice(0, 4 + 4 * 4).arrayBuffer());
  if (head.byteLength < 4 || head.getUint16(0) !== 0) throw broken(file, 'it does not begin as one');
  if (head.getUint8(2) !== UINT8) throw broken(file, 'its values are not unsigned bytes');
  const rank = head.getUint8(3);
  if (rank < 1 || rank > 4 || head.byteLength < 4 + 4 * rank) throw broken(file, 'its header is damaged');
  const dimensions = Array.from({ length: rank }, (_, i) => head.getUint32(4 + 4 * i));
  const dataOffset = 4 + 4 * rank;
  const expected = dataOffset + dimensions.reduce((product, side) => product * side, 1);
  if (blob.size !== expected) throw broken(file, `it has ${blob.size} bytes and should have ${expected}`);
  return { blob, dimensions, dataOffset };
}

/** Into a Blob, which the browser keeps on disk when it is large, so that classes can be taken in proportion. */
async function gunzip(file: File): Promise<Blob> {
  let bytes = 0;
  const cap = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(part, controller) {
      bytes += part.length;
      if (bytes > MAX_INFLATED) controller.error(new RangeError('too large'));
      else controller.enqueue(part);
    },
  });
  try {
    return await new Response(file.stream().pipeThrough(new DecompressionStream('gzip')).pipeThrough(cap)).blob();
  } catch (error) {
    throw new WinnowError('idx-broken', { source: file.name, why: bytes > MAX_INFLATED ? 'it inflates to more than 8 GiB' : 'its gzip data is damaged or cut off' }, { cause: error });
  }
}

function broken(file: File, why: string): WinnowError {
  return new WinnowError('idx-broken', { source: file.name, why });
}
