import { BlobReader, TextReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { elements } from '../graph/shapes.js';
import type { Weight } from '../graph/types.js';
import { Archive } from './archive.js';
import { checkWeights, fileName, orderWeights, parseCardOf, reading, specBytes, type Model } from './model.js';
import { refuse } from './schema.js';
import { readModelJson, WEIGHTS_FILE, writeModelJson } from './tfjs-model.js';

export const MODEL_FILE = 'model.json';
export const CARD_FILE = 'card.json';

/** `model.zip`: a tfjs LayersModel (model.json, weights.bin) and card.json. The same model gives the same bytes. */
export async function writeModelZip(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  checkWeights(model);
  const { graph, weights, card } = model;
  const options = { lastModDate: new Date(card.created), useWebWorkers: false };
  const zip = new ZipWriter(new Uint8ArrayWriter(), options);
  await zip.add(MODEL_FILE, new TextReader(writeModelJson(graph, `Winnow ${card.winnow}`)), options);
  await zip.add(WEIGHTS_FILE, new BlobReader(new Blob(weights.map((weight) => weight.data))), { ...options, level: 0 });
  await zip.add(CARD_FILE, new TextReader(`${JSON.stringify(card, null, 2)}\n`), options);
  return zip.close();
}

/**
 * Reads a `model.zip` as hostile input: layer classes, shapes and byte counts are checked before a weight is allocated,
 * every weight is finite, and only as much is inflated as was declared.
 * @param source what a person calls the file; by default its name.
 * @throws WinnowError 'model-broken'.
 */
export function readModelZip(file: Blob, source = fileName(file)): Promise<Model> {
  return reading(source, () =>
    Archive.read(file, [MODEL_FILE, WEIGHTS_FILE, CARD_FILE], async (archive) => {
      const { graph, stored } = readModelJson(await archive.json(MODEL_FILE));
      const card = parseCardOf(graph, await archive.json(CARD_FILE));
      const bytes = stored.reduce((sum, spec) => sum + specBytes(spec), 0);
      if (archive.size(WEIGHTS_FILE) !== bytes) refuse(`${WEIGHTS_FILE} has ${archive.size(WEIGHTS_FILE)} bytes, its layers need ${bytes}`);
      const weights = stored.map(({ name, shape }): Weight => ({ name, shape, data: new Float32Array(elements(shape)) }));
      await archive.fill(WEIGHTS_FILE, weights.map(({ data }) => new Uint8Array(data.buffer)));
      return { graph, weights: orderWeights(graph, new Map(weights.map((weight) => [weight.name, weight]))), card };
    }),
  );
}
