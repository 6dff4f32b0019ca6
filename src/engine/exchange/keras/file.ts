import { BlobReader, BlobWriter, TextReader, ZipWriter } from '@zip.js/zip.js';
import type { LayerGraph, Weight, WeightSpec } from '../../graph/types.js';
import { weightSpecs } from '../../graph/weights.js';
import { Archive } from '../archive.js';
import { Hdf5 } from '../hdf5/read.js';
import { writeHdf5, type Dataset } from '../hdf5/write.js';
import { CARD_FILE } from '../model-zip.js';
import { checkWeights, fileName, orderWeights, parseCardOf, reading, specBytes, weightOf, type CarriedModel, type Model } from '../model.js';
import { object, refuse } from '../schema.js';
import { groupsOf, parseGroups } from '../topology.js';
import { readConfig, writeConfig } from './config.js';
import { weightGroups } from './paths.js';

export const CONFIG_FILE = 'config.json';
const METADATA_FILE = 'metadata.json';
const WEIGHTS_FILE = 'model.weights.h5';

/** The first Keras that reads what is written here. */
const KERAS_VERSION = '3.0.0';
/** Adam's two slots beside each weight, and some for the structures. */
const MAX_WEIGHTS = 4;
const MAX_STRUCTURE_BYTES = 2 ** 24;

/**
 * A `.keras` file: `keras.models.load_model` reads it. The card lies beside as card.json, and the groups in
 * metadata.json; Keras passes over both, and writes neither when it saves the model again. The same model gives the same bytes.
 */
export async function writeKeras(model: Model): Promise<Blob> {
  checkWeights(model);
  const { graph, card } = model;
  const date = new Date(card.created);
  const options = { lastModDate: date, useWebWorkers: false, level: 0 };
  const zip = new ZipWriter(new BlobWriter('application/zip'), options);
  const dateSaved = date.toISOString().slice(0, 19).replace('T', '@');
  await zip.add(METADATA_FILE, new TextReader(JSON.stringify({ keras_version: KERAS_VERSION, date_saved: dateSaved, winnow: groupsOf(graph) })), options);
  await zip.add(CONFIG_FILE, new TextReader(writeConfig(graph)), options);
  await zip.add(WEIGHTS_FILE, new BlobReader(new Blob(writeHdf5({ layers: layersOf(model) }))), options);
  await zip.add(CARD_FILE, new TextReader(`${JSON.stringify(card, null, 2)}\n`), options);
  return zip.close();
}

/** Groups of model.weights.h5: a layer's weights are called by their number. */
function layersOf({ graph, weights }: Model): Record<string, { vars: Record<string, Dataset> }> {
  const data = new Map(weights.map((weight) => [weight.name, weight.data]));
  return Object.fromEntries(
    [...places(graph)].map(([group, specs]) => [group, { vars: Object.fromEntries(specs.map(({ name, shape }, index) => [index, { shape, data: data.get(name)! }])) }]),
  );
}

/** The weights of each group, in Keras's order. */
function places(graph: LayerGraph): ReadonlyMap<string, readonly WeightSpec[]> {
  const specs = weightSpecs(graph);
  return new Map([...weightGroups(graph)].map(([layer, group]) => [group, specs.filter((spec) => spec.layer === layer)]));
}

/**
 * Reads a `.keras` file of ours, or what Keras 3 saved of one, as hostile input; a trained model's optimiser is passed over.
 * @throws WinnowError 'model-broken'.
 */
export function readKeras(file: Blob, source = fileName(file)): Promise<CarriedModel> {
  return reading(source, () =>
    Archive.read(file, [CONFIG_FILE, METADATA_FILE, WEIGHTS_FILE, CARD_FILE], async (archive) => {
      const { winnow } = object({ winnow: parseGroups })(await archive.json(METADATA_FILE), METADATA_FILE);
      const graph = readConfig(await archive.json(CONFIG_FILE), winnow);
      const card = archive.has(CARD_FILE) ? parseCardOf(graph, await archive.json(CARD_FILE)) : null;
      const needed = weightSpecs(graph).reduce((sum, spec) => sum + specBytes(spec), 0);
      const size = archive.size(WEIGHTS_FILE);
      if (size < needed || size > needed * MAX_WEIGHTS + MAX_STRUCTURE_BYTES) refuse(`${WEIGHTS_FILE} has ${size} bytes, its layers need ${needed}`);
      const bytes = new Uint8Array(size);
      await archive.fill(WEIGHTS_FILE, [bytes]);
      return { graph, weights: orderWeights(graph, readWeights(graph, new Hdf5(bytes))), card };
    }),
  );
}

function readWeights(graph: LayerGraph, file: Hdf5): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  for (const [group, specs] of places(graph)) {
    const count = file.count('layers', group, 'vars');
    if (count !== specs.length) refuse(`layers/${group} has ${count} weights, its layer needs ${specs.length}`);
    for (const [index, spec] of specs.entries()) {
      const { shape, bytes } = file.dataset('layers', group, 'vars', String(index)) ?? refuse(`layers/${group}/vars/${index} is missing`);
      if (shape.join() !== spec.shape.join()) refuse(`the weight ${spec.name} is [${shape.join(', ')}], its layer needs [${spec.shape.join(', ')}]`);
      weights.set(spec.name, weightOf(spec, bytes));
    }
  }
  return weights;
}
