import type { Weight } from '../../graph/types.js';
import { SIGNATURE } from '../hdf5/format.js';
import { Hdf5, type StoredDataset } from '../hdf5/read.js';
import { fileName, reading, weightOf } from '../model.js';
import { refuse } from '../schema.js';
import { MAX_WEIGHT_BYTES } from '../topology.js';

/** Of one layer, more than any has. */
const MAX_OF_LAYER = 100;

export function looksLikeHdf5(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, at) => head[at] === byte);
}

/**
 * Weights in HDF5 that say no network: Keras 2's and keras.applications' `save_weights('x.h5')`, a whole model in `.h5` (its configuration
 * is passed over), and Keras 3's `save_weights('x.weights.h5')`. Read as hostile input.
 * @param wanted names of layers; no other layer is looked at.
 * @returns each layer that the file has, with its weights in Keras's order (kernel, bias), named `<layer>/<index>`.
 * @throws WinnowError 'model-broken'.
 */
export function readKerasWeights(file: Blob, wanted: readonly string[], source = fileName(file)): Promise<Map<string, Weight[]>> {
  return reading(source, async () => {
    if (file.size > MAX_WEIGHT_BYTES) refuse(`it has ${file.size} bytes, more than ${MAX_WEIGHT_BYTES}`);
    const hdf5 = new Hdf5(new Uint8Array(await file.arrayBuffer()));
    const stored = legacyLayers(hdf5, wanted) ?? namedLayers(hdf5, wanted) ?? refuse('it has no layers: neither the attribute layer_names nor the group layers');
    return new Map([...stored].map(([layer, datasets]) => [layer, datasets.map((dataset, index) => finite(layer, index, dataset))]));
  });
}

/** A group a layer, whose attribute weight_names says the order (legacy_h5_format.save_weights_to_hdf5_group). A whole model's lie one level down. */
function legacyLayers(file: Hdf5, wanted: readonly string[]): Map<string, StoredDataset[]> | null {
  const top = file.texts('layer_names') ? [] : ['model_weights'];
  const present = file.texts('layer_names', ...top);
  if (present === null) return null;
  const names = new Set(present);
  return new Map(
    wanted
      .filter((layer) => names.has(layer))
      .map((layer) => {
        const weights = file.texts('weight_names', ...top, layer) ?? refuse(`the layer ${layer} has no weight_names`);
        if (weights.length > MAX_OF_LAYER) refuse(`the layer ${layer} has ${weights.length} weights`);
        return [layer, weights.map((weight) => file.dataset(...top, layer, ...weight.split('/')) ?? refuse(`the weight ${weight} is missing`))];
      }),
  );
}

/** A group a layer by its class and number, whose `vars` has the layer's name as an attribute (saving_lib._save_state). */
function namedLayers(file: Hdf5, wanted: readonly string[]): Map<string, StoredDataset[]> | null {
  const groups = file.names('layers');
  if (groups.length === 0) return null;
  const layers = new Map<string, StoredDataset[]>();
  for (const group of groups) {
    const path = ['layers', group, 'vars'];
    const [name] = file.texts('name', ...path) ?? refuse(`layers/${group} does not say its layer's name, as Keras 3 writes it`);
    if (!wanted.includes(name)) continue;
    if (layers.has(name)) refuse(`the layer ${name} is there twice`);
    const count = file.count(...path);
    if (count > MAX_OF_LAYER) refuse(`the layer ${name} has ${count} weights`);
    layers.set(name, Array.from({ length: count }, (_, index) => file.dataset(...path, String(index)) ?? refuse(`${path.join('/')}/${index} is missing`)));
  }
  return layers;
}

function finite(layer: string, index: number, { shape, bytes }: StoredDataset): Weight {
  const weight = weightOf({ name: `${layer}/${index}`, shape }, bytes);
  return weight.data.every(Number.isFinite) ? weight : refuse(`a weight of ${layer} holds a value that is not finite`);
}
