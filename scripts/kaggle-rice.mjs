/**
 * The Rice Image Dataset's size and layout without its photos: a zip as Kaggle gives it (`Rice_Image_Dataset/Arborio/Arborio (1).jpg`, class
 * by class, 250 x 250 JPEGs, a text file beside the folders), drawn by Winnow's generator. The same arguments give the same photos.
 *
 *     node scripts/kaggle-rice.mjs [--images 75000] [--drawn 2000] [--seed 1] [--folder] --out rice.zip
 *
 * `--drawn` grains are drawn; the files beyond carry the pixels of one of them with a comment of their own, so that no two files
 * have the same bytes. `--folder` writes the folder instead of the zip.
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { crc32, deflateRawSync } from 'node:zlib';
import { install } from './project.mjs';
import { directoryHeader, localMember } from './zip.mjs';

const ROOT = 'Rice_Image_Dataset';
const NOTE = `${ROOT}/Rice_Citation_Request.txt`;
const VARIETIES = ['Arborio', 'Basmati', 'Ipsala', 'Jasmine', 'Karacadag'];
/** Grains a call of the page: their bytes come as one text. */
const PER_CALL = 250;

/**
 * Paths and bytes, in the order of Kaggle's archive.
 * @param {{ images: number, drawn: number, seed: number }} options
 * @returns {AsyncGenerator<{ path: string, bytes: Buffer }>}
 */
export async function* kaggleRice({ images, drawn, seed }) {
  const grains = await drawGrains(Math.min(drawn, images), seed);
  for (const [label, variety] of VARIETIES.entries()) {
    const own = grains.filter((_, index) => index % VARIETIES.length === label);
    const count = Math.floor(images / VARIETIES.length) + (label < images % VARIETIES.length ? 1 : 0);
    for (let i = 0; i < count; i++) {
      const name = `${variety} (${i + 1}).jpg`;
      yield { path: `${ROOT}/${variety}/${name}`, bytes: i < own.length ? own[i] : commented(own[i % own.length], name) };
    }
  }
  yield { path: NOTE, bytes: Buffer.from('Drawn by Winnow, not photographed. The layout is that of the Rice Image Dataset (Koklu, Cinar, Taspinar, 2021).\n') };
}

/**
 * JPEGs, the varieties in turn, from a page of the bench.
 * @param {number} count @param {number} seed
 * @returns {Promise<Buffer[]>}
 */
async function drawGrains(count, seed) {
  install();
  const { withBenchPage } = await import('../bench/browser.mjs');
  return withBenchPage(async (page) => {
    await page.evaluate(async (images, from) => {
      const { syntheticRice } = await import(/* @vite-ignore */ `${location.origin}/src/engine/data/rice/synthetic.ts`);
      Object.assign(globalThis, { grains: syntheticRice({ images, seed: from }).items[Symbol.asyncIterator]() });
    }, count, seed);
    /** @type {Buffer[]} */
    const grains = [];
    while (grains.length < count) {
      const texts = await page.evaluate(async (most) => {
        const some = [];
        while (some.length < most) {
          const { done, value } = await /** @type {any} */ (globalThis).grains.next();
          if (done) break;
          some.push(btoa(String.fromCharCode(...value.bytes)));
        }
        return some;
      }, PER_CALL);
      grains.push(...texts.map((/** @type {string} */ text) => Buffer.from(text, 'base64')));
    }
    return grains;
  });
}

/** With a COM segment after the SOI marker. @param {Buffer} jpeg @param {string} text */
function commented(jpeg, text) {
  const comment = Buffer.from(text, 'latin1');
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([head, comment, jpeg.subarray(2)]);
}

/** A zip written as it comes: deflated, and of the 64-bit kind, which more than 65,535 files need. */
class Zip {
  /** @type {Buffer[]} */
  directory = [];
  at = 0;
  files = 0;

  /** @param {string} path */
  constructor(path) {
    this.file = openSync(path, 'w');
  }

  /** @param {string} path @param {Buffer} bytes */
  add(path, bytes) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(bytes, { level: 1 });
    const header = directoryHeader({ name, packed: packed.length, bytes: bytes.length, crc: crc32(bytes), offset: this.at });
    this.directory.push(header, name);
    const local = localMember(header, name, packed);
    writeSync(this.file, local);
    this.at += local.length;
    this.files++;
  }

  close() {
    const directory = Buffer.concat(this.directory);
    const end = Buffer.alloc(56 + 20 + 22);
    end.writeUInt32LE(0x06064b50, 0);
    end.writeBigUInt64LE(44n, 4);
    end.writeUInt16LE(45, 12);
    end.writeUInt16LE(45, 14);
    end.writeBigUInt64LE(BigInt(this.files), 24);
    end.writeBigUInt64LE(BigInt(this.files), 32);
    end.writeBigUInt64LE(BigInt(directory.length), 40);
    end.writeBigUInt64LE(BigInt(this.at), 48);
    end.writeUInt32LE(0x07064b50, 56);
    end.writeBigUInt64LE(BigInt(this.at + directory.length), 64);
    end.writeUInt32LE(1, 72);
    end.writeUInt32LE(0x06054b50, 76);
    end.fill(0xff, 84, 92);
    writeSync(this.file, directory);
    writeSync(this.file, end);
    closeSync(this.file);
  }
}

/** @param {string} out @param {{ images: number, drawn: number, seed: number }} options */
export async function writeKaggleZip(out, options) {
  const zip = new Zip(out);
  for await (const { path, bytes } of kaggleRice(options)) zip.add(path, bytes);
  zip.close();
}

/** @param {string} out @param {{ images: number, drawn: number, seed: number }} options */
export async function writeKaggleFolder(out, options) {
  const made = new Set();
  for await (const { path, bytes } of kaggleRice(options)) {
    const file = join(out, path);
    if (!made.has(dirname(file))) mkdirSync(dirname(file), { recursive: true });
    made.add(dirname(file));
    writeFileSync(file, bytes);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      images: { type: 'string', default: '75000' },
      drawn: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      folder: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
  const [images, drawn, seed] = [values.images, values.drawn, values.seed].map(Number);
  if (!values.out || ![images, drawn, seed].every(Number.isInteger) || images < 10 || drawn < 5) {
    process.stderr.write('call-invalid: --out FILE is needed; --images from 10, --drawn from 5, --seed a whole number.\n');
    process.exit(2);
  }
  await (values.folder ? writeKaggleFolder : writeKaggleZip)(values.out, { images, drawn, seed });
  process.stdout.write(`Wrote ${images} photos of ${VARIETIES.length} classes to ${values.out}.\n`);
}
