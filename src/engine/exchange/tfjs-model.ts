import type { LayerGraph, WeightSpec } from '../graph/types.js';
import { weightSpecs } from '../graph/weights.js';
import { matchWeights } from './model.js';
import { list, object, oneOf, refuse, text, whole, type Parse } from './schema.js';
import { groupsOf, parseGroups, readTopology, writeTopology } from './topology.js';

export const WEIGHTS_FILE = 'weights.bin';

/**
 * `model.json` of a tfjs LayersModel (a Keras 2 functional model): `tf.loadLayersModel` reads it. The weights lie in
 * `weights.bin`, float32, little-endian, in the order of the graph's specs. Groups go along as user-defined metadata.
 */
export function writeModelJson(graph: LayerGraph, generatedBy: string): string {
  const names = namesInFile(graph);
  return JSON.stringify({
    format: 'layers-model',
    generatedBy,
    convertedBy: null,
    modelTopology: { ...writeTopology(graph), keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' },
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: weightSpecs(graph).map((spec) => ({ name: names.get(spec.name), shape: spec.shape, dtype: 'float32' })) }],
    userDefinedMetadata: groupsOf(graph),
  });
}

/** Names of the weights in the file, by the graph's: Keras's own, which for a depthwise kernel is another. */
function namesInFile(graph: LayerGraph): ReadonlyMap<string, string> {
  const depthwise = new Set(graph.layers.filter(({ type }) => type === 'depthwiseConv2d').map(({ name }) => name));
  return new Map(weightSpecs(graph).map(({ name, layer }) => [name, depthwise.has(layer) && name === `${layer}/kernel` ? `${layer}/depthwise_kernel` : name]));
}

const absent: Parse<undefined> = (value, at) => (value === undefined ? undefined : refuse(`${at} is set`));

const parseModel = object({
  format: oneOf('layers-model'),
  modelTopology: (value) => value,
  weightsManifest: list(
    object({
      paths: list(oneOf(WEIGHTS_FILE), 1, 1),
      weights: list(object({ name: text(300), shape: list(whole(1, 2 ** 31), 1, 4), dtype: oneOf('float32'), quantization: absent }), 0, 20_000),
    }),
    1,
    1,
  ),
  userDefinedMetadata: parseGroups,
});

/** A graph, and where in `weights.bin` its weights lie. */
export interface ModelFile {
  readonly graph: LayerGraph;
  /** In the order of the file. */
  readonly stored: readonly WeightSpec[];
}

/**
 * Checks everything that a `model.json` declares; allocates nothing of what it declares.
 * @throws SchemaError, or WinnowError 'model-broken'.
 */
export function readModelJson(json: unknown): ModelFile {
  const { modelTopology, weightsManifest, userDefinedMetadata } = parseModel(json, 'model.json');
  const graph = readTopology(modelTopology, 'model.json.modelTopology', userDefinedMetadata);
  return { graph, stored: matchWeights(graph, namesInFile(graph), weightsManifest[0].weights) };
}
