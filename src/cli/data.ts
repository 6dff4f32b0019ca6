import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { DatasetRecord } from '../engine/storage/records.js';
import { WinnowError } from '../engine/support/errors.js';
import type { EngineBrowser } from './browser.js';
import { kindOf } from './command.js';
import type { PageSource } from './page-api.js';

/** DATA of a call: what the page imports, and the files that its inputs need for that. */
export interface Data {
  readonly source: PageSource;
  readonly files: readonly string[];
}

/** Five varieties of 400 grains. */
export const sampleImages = 2000;

/**
 * DATA: a zip, a folder of class folders, IMAGES.idx:LABELS.idx, or `sample`.
 * @param limit sets the size of the sample.
 * @throws WinnowError 'input-missing'.
 */
export async function readData(argument: string, { limit, seed }: { limit: number | null; seed: number }): Promise<Data> {
  if (argument === 'sample') return { source: { kind: 'synthetic', images: limit ?? sampleImages, seed }, files: [] };
  const whole = resolve(argument);
  if (existsSync(whole)) {
    const kind = await kindOf(whole);
    return { source: kind === 'folder' ? { kind, name: basename(whole) } : { kind: 'zip' }, files: [whole] };
  }
  const pairs = splits(argument);
  const pair = pairs.find((paths) => paths.every((path) => existsSync(path)));
  if (pair) return { source: { kind: 'idx' }, files: pair };
  throw new WinnowError('input-missing', { source: pairs.flat().find((path) => !existsSync(path)) ?? argument });
}

/** `IMAGES:LABELS` at every colon that may divide it; one after a single letter is a drive's. */
function splits(argument: string): string[][] {
  return [...argument.matchAll(/(?<=..):/g)].map(({ index }) => [argument.slice(0, index), argument.slice(index + 1)].map((path) => resolve(path)));
}

/** Imports DATA once; progress comes as events. */
export async function importData(browser: EngineBrowser, { source, files }: Data): Promise<DatasetRecord> {
  if (files.length > 0) await browser.give(source.kind === 'folder' ? 'folder' : 'files', files);
  return browser.call('importDataset', source);
}

export function describeDataset(dataset: DatasetRecord): string {
  const refused = dataset.refusedCount > 0 ? `; ${dataset.refusedCount} files left out` : '';
  return `${dataset.name}: ${dataset.images} images of ${dataset.classes.length} classes${refused}`;
}
