/**
 * Real photographs for a try: turns Debian's dataset-fashion-mnist (Xiao, Rasul and Vollgraf, 2017; 28 x 28, ten
 * classes) into a zip of class folders of PNG, to be dropped on the page or given to `winnow train`.
 *
 *     node scripts/fashion-mnist.mjs [--images 3000] [--seed 1] [--from /usr/share/datasets/fashion-mnist] [--out fashion.zip]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { crc32, deflateSync, gunzipSync } from 'node:zlib';
import { install } from './project.mjs';

const CLASSES = ['T-shirt_top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'];
const HINT = 'apt-get install dataset-fashion-mnist (Debian, Ubuntu), or --from DIR with the four IDX files';

/** @param {string} path */
function readIdx(path) {
  const bytes = gunzipSync(readFileSync(path));
  const shape = Array.from({ length: bytes[3] }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  return { shape, data: bytes.subarray(4 + 4 * shape.length) };
}

/** mulberry32: the engine's own generator is TypeScript, and this script runs without a build. @param {number} seed */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** 8-bit greyscale PNG, unfiltered rows. @param {Uint8Array} pixels @param {number} width @param {number} height */
export function encodePng(pixels, width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/**
 * Chooses `images` of the 60,000 training images, equally many a class, and zips them.
 * @param {{ from: string, images: number, seed: number }} options
 * @returns {Promise<Uint8Array>}
 */
export async function fashionZip({ from, images, seed }) {
  const { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } = await import('@zip.js/zip.js');
  const photos = readIdx(join(from, 'train-images-idx3-ubyte.gz'));
  const labels = readIdx(join(from, 'train-labels-idx1-ubyte.gz')).data;
  const [total, height, width] = photos.shape;
  const random = uniform(seed);
  const order = Array.from({ length: total }, (_, i) => i);
  for (let i = total - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const quota = CLASSES.map((_, label) => Math.floor(images / CLASSES.length) + (label < images % CLASSES.length ? 1 : 0));
  const zip = new ZipWriter(new Uint8ArrayWriter(), { level: 0, useWebWorkers: false, lastModDate: new Date(2017, 7, 25) });
  for (const index of order) {
    const label = labels[index];
    if (quota[label] === 0) continue;
    quota[label]--;
    const png = encodePng(photos.data.subarray(index * width * height, (index + 1) * width * height), width, height);
    await zip.add(`${CLASSES[label]}/${String(index).padStart(5, '0')}.png`, new Uint8ArrayReader(png));
  }
  return zip.close();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      images: { type: 'string', default: '3000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '/usr/share/datasets/fashion-mnist' },
      out: { type: 'string', default: 'fashion.zip' },
    },
  });
  const images = Number(values.images);
  if (!Number.isInteger(images) || images < CLASSES.length || images > 60_000) {
    process.stderr.write(`--images must be a whole number from ${CLASSES.length} to 60000.\n`);
    process.exit(2);
  }
  if (!existsSync(join(values.from, 'train-images-idx3-ubyte.gz'))) {
    process.stderr.write(`Fashion-MNIST is not in ${values.from}. Get it: ${HINT}.\n`);
    process.exit(2);
  }
  install();
  writeFileSync(values.out, await fashionZip({ from: values.from, images, seed: Number(values.seed) }));
  process.stdout.write(`Wrote ${images} images of ${CLASSES.length} classes to ${values.out}.\n`);
}
