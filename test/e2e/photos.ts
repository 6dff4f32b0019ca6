import { writeFile } from 'node:fs/promises';
import { TextReader, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { encodePng } from '../../src/engine/data/png.js';
import { Purpose, Random } from '../../src/engine/support/random.js';

/** A PNG of noisy stripes, `upright` or lying: two classes that a network can tell apart. */
export function stripes(upright: boolean, seed: number, side = 40): Promise<Uint8Array<ArrayBuffer>> {
  const random = new Random(seed, Purpose.sample);
  const phase = random.below(8);
  const pixels = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const bright = ((upright ? x : y) + phase) % 8 < 4 ? 190 : 60;
      for (let c = 0; c < 3; c++) pixels[(y * side + x) * 3 + c] = bright + random.below(40);
    }
  }
  return encodePng(pixels, side, side, 3);
}

/** Path in an archive to bytes, or to text. */
export type Entries = Readonly<Record<string, Uint8Array | string>>;

/** `count` photos a class, one folder deep as Kaggle packs them, beside a text file. */
export async function stripedClasses(count: number): Promise<Entries> {
  const entries: Record<string, Uint8Array | string> = { 'Stripes/read me.txt': 'Noisy stripes.' };
  for (let i = 0; i < count; i++) {
    entries[`Stripes/Lying/lying (${i + 1}).png`] = await stripes(false, 2 * i);
    entries[`Stripes/Upright/upright (${i + 1}).png`] = await stripes(true, 2 * i + 1);
  }
  return entries;
}

export async function zipOf(entries: Entries): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [path, content] of Object.entries(entries)) {
    await writer.add(path, typeof content === 'string' ? new TextReader(content) : new Uint8ArrayReader(content));
  }
  return writer.close();
}

/** Writes a zip and returns its path. */
export async function writeZip(path: string, entries: Entries): Promise<string> {
  await writeFile(path, await zipOf(entries));
  return path;
}
