import { BlobReader, TextReader, Uint8ArrayWriter, ZipReader, ZipWriter, type FileEntry } from '@zip.js/zip.js';
import { elements } from '../graph/shapes.js';
import type { LayerGraph, Weight } from '../graph/types.js';
import { weightSpecs } from '../graph/weights.js';
import { WinnowError } from '../support/errors.js';
import { parseCard, type ModelCard } from './card.js';
import { refuse } from './schema.js';
import { readModelJson, WEIGHTS_FILE, writeModelJson } from './tfjs-model.js';

const MODEL_FILE = 'model.json';
const CARD_FILE = 'card.json';
const MAX_JSON_BYTES = 8 * 2 ** 20;
/** Trained weights hardly shrink. */
const MAX_RATIO = 100;

/** A trained model as it is carried away. */
export interface Model {
  readonly graph: LayerGraph;
  /** In the order of the graph's specs. */
  readonly weights: readonly Weight[];
  readonly card: ModelCard;
}

/** `model.zip`: a tfjs LayersModel (model.json, weights.bin) and card.json. The same model gives the same bytes. */
export async function writeModelZip({ graph, weights, card }: Model): Promise<Uint8Array<ArrayBuffer>> {
  for (const [index, spec] of weightSpecs(graph).entries()) {
    const { name, data } = weights[index];
    if (name !== spec.name || data.length !== elements(spec.shape)) throw new Error(`weight ${name} does not fit ${spec.name}`);
  }
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
export async function readModelZip(file: Blob, source = file instanceof File ? file.name : 'The file'): Promise<Model> {
  const zip = new ZipReader(new BlobReader(file), { useWebWorkers: false, checkSignature: true });
  try {
    const files = await members(zip);
    const { graph, stored, weightBytes } = readModelJson(await json(files, MODEL_FILE));
    const card = parseCard(await json(files, CARD_FILE), CARD_FILE);
    if (card.classes.length !== graph.classes) refuse(`its card names ${card.classes.length} classes, its last layer has ${graph.classes}`);
    if (new Set(card.classes).size < card.classes.length) refuse('its card names a class twice');
    if (card.settings.size !== graph.input[0]) refuse(`its card says ${card.settings.size} pixels, its input has ${graph.input[0]}`);

    const packed = member(files, WEIGHTS_FILE);
    if (packed.uncompressedSize !== weightBytes) refuse(`${WEIGHTS_FILE} has ${packed.uncompressedSize} bytes, its layers need ${weightBytes}`);
    if (packed.compressedSize * MAX_RATIO < weightBytes) refuse(`${WEIGHTS_FILE} is packed too tightly to be weights`);
    const weights = new Map(stored.map(({ name, shape }): [string, Weight] => [name, { name, shape, data: new Float32Array(elements(shape)) }]));
    await inflate(packed, [...weights.values()].map(({ data }) => new Uint8Array(data.buffer)));
    for (const { name, data } of weights.values()) if (!data.every(Number.isFinite)) refuse(`the weight ${name} holds a value that is not finite`);
    return { graph, weights: weightSpecs(graph).map((spec) => weights.get(spec.name)!), card };
  } catch (error) {
    // A graph's own check does not know the file's name.
    const why = error instanceof WinnowError ? String(error.details.why) : error instanceof Error ? error.message : String(error);
    throw new WinnowError('model-broken', { source, why }, { cause: error });
  } finally {
    await zip.close();
  }
}

/** The three files, each once, and nothing else but what the system's packers add. */
async function members(zip: ZipReader<unknown>): Promise<Map<string, FileEntry>> {
  const files = new Map<string, FileEntry>();
  let count = 0;
  for await (const entry of zip.getEntriesGenerator()) {
    if (++count > 100) refuse('it holds too many files');
    if (entry.directory || ![MODEL_FILE, WEIGHTS_FILE, CARD_FILE].includes(entry.filename)) continue;
    if (files.has(entry.filename)) refuse(`${entry.filename} comes twice`);
    if (entry.encrypted) refuse(`${entry.filename} is encrypted`);
    files.set(entry.filename, entry);
  }
  return files;
}

function member(files: ReadonlyMap<string, FileEntry>, name: string): FileEntry {
  return files.get(name) ?? refuse(`it holds no ${name}`);
}

async function json(files: ReadonlyMap<string, FileEntry>, name: string): Promise<unknown> {
  const packed = member(files, name);
  if (packed.uncompressedSize > MAX_JSON_BYTES) refuse(`${name} is larger than ${MAX_JSON_BYTES} bytes`);
  const bytes = new Uint8Array(packed.uncompressedSize);
  await inflate(packed, [bytes]);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse(`${name} is no JSON`);
  }
}

/** Fills the targets, one after the other, and stops where a member inflates to more than they hold. */
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
