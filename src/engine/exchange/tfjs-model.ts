import { graphCosts } from '../graph/costs.js';
import { elements, inferShapes } from '../graph/shapes.js';
import type { Layer, LayerGraph, Shape, WeightSpec } from '../graph/types.js';
import { weightSpecs } from '../graph/weights.js';
import { parseInput, parseLayer, writeLayer } from './layers.js';
import { entries, list, object, oneOf, optional, record, refuse, text, whole, type Parse } from './schema.js';

/** More than any network here has, at the largest input; a file that asks for more is out to exhaust the machine. */
const MAX_WEIGHT_BYTES = 2 ** 30;
const MAX_ACTIVATION_BYTES = 2 ** 31;

export const WEIGHTS_FILE = 'weights.bin';

/**
 * `model.json` of a tfjs LayersModel (a Keras 2 functional model): `tf.loadLayersModel` reads it. The weights lie in
 * `weights.bin`, float32, little-endian, in the order of the graph's specs. Groups go along as user-defined metadata.
 */
export function writeModelJson(graph: LayerGraph, generatedBy: string): string {
  const tensor = (layer: Layer) => [layer.name, 0, 0];
  const types = new Map(graph.layers.map((layer) => [layer.name, layer.type]));
  return JSON.stringify({
    format: 'layers-model',
    generatedBy,
    convertedBy: null,
    modelTopology: {
      class_name: 'Functional',
      config: {
        name: 'winnow',
        layers: graph.layers.map((layer) => writeLayer(layer, graph.input)),
        input_layers: [tensor(graph.layers[0])],
        output_layers: [tensor(graph.layers.at(-1)!)],
      },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [
      {
        paths: [WEIGHTS_FILE],
        weights: weightSpecs(graph).map((spec) => ({ name: fileName(spec, types.get(spec.layer)!), shape: spec.shape, dtype: 'float32' })),
      },
    ],
    userDefinedMetadata: { groups: Object.fromEntries(graph.layers.filter((layer) => layer.group !== undefined).map((layer) => [layer.name, layer.group])) },
  });
}

/** The name of a weight in the file: Keras's own, which for a depthwise kernel is another than the graph's. */
function fileName(spec: WeightSpec, type: Layer['type']): string {
  return type === 'depthwiseConv2d' && spec.name.endsWith('/kernel') ? `${spec.layer}/depthwise_kernel` : spec.name;
}

const absent: Parse<undefined> = (value, at) => (value === undefined ? undefined : refuse(`${at} is set`));
const tensors = list<string>((value, at) => text(200)(Array.isArray(value) ? value[0] : value, at), 1, 1);

const parseModel = object({
  format: oneOf('layers-model'),
  modelTopology: object({
    class_name: oneOf('Functional', 'Model'),
    config: object({ layers: list((value, at) => ({ layer: parseLayer(value, at), json: value }), 2, 5000), input_layers: tensors, output_layers: tensors }),
  }),
  weightsManifest: list(
    object({
      paths: list(oneOf(WEIGHTS_FILE), 1, 1),
      weights: list(object({ name: text(300), shape: list(whole(1, 2 ** 31), 1, 4), dtype: oneOf('float32'), quantization: absent }), 0, 20_000),
    }),
    1,
    1,
  ),
  userDefinedMetadata: optional(object({ groups: optional(record(text(200), 5000), {}) }), { groups: {} }),
});

/** A graph, and where in `weights.bin` its weights lie. */
export interface ModelFile {
  readonly graph: LayerGraph;
  /** In the order of the file. */
  readonly stored: readonly WeightSpec[];
  readonly weightBytes: number;
}

/**
 * Checks everything that a `model.json` declares; allocates nothing of what it declares.
 * @throws SchemaError, or WinnowError 'model-broken' (see {@link inferShapes}).
 */
export function readModelJson(json: unknown): ModelFile {
  const { modelTopology, weightsManifest, userDefinedMetadata } = parseModel(json, 'model.json');
  const { layers, input_layers, output_layers } = modelTopology.config;
  const groups = new Map(Object.entries(userDefinedMetadata.groups));
  const first = layers[0];
  const last = layers.at(-1)!.layer;
  if (first.layer.type !== 'input' || input_layers[0] !== first.layer.name) refuse('its first layer is not its input');
  if (output_layers[0] !== last.name) refuse('its last layer is not its output');

  const input = parseInput(entries(first.json, 'the input').get('config'), 'the input');
  if (input[0] !== input[1] || input[2] !== 3) refuse(`it takes ${input.join(' x ')}, not a square of RGB`);
  const graph: LayerGraph = {
    input,
    classes: last.type === 'dense' ? last.units : refuse('its last layer is not dense'),
    layers: layers.map(({ layer }) => {
      const group = groups.get(layer.name);
      return group === undefined ? layer : { ...layer, group };
    }),
  };
  inferShapes(graph);
  const costs = graphCosts(graph);
  if (costs.bytes > MAX_WEIGHT_BYTES || costs.activationBytes > MAX_ACTIVATION_BYTES) refuse('it is larger than any network here');
  return { graph, stored: matchWeights(graph, weightsManifest[0].weights), weightBytes: costs.bytes };
}

function matchWeights(graph: LayerGraph, declared: readonly { readonly name: string; readonly shape: Shape }[]): WeightSpec[] {
  const types = new Map(graph.layers.map((layer) => [layer.name, layer.type]));
  const wanted = new Map(weightSpecs(graph).map((spec) => [fileName(spec, types.get(spec.layer)!), spec]));
  const stored = declared.map(({ name, shape }) => {
    const spec = wanted.get(name) ?? refuse(`no layer has a place for the weight ${name}`);
    if (shape.join() !== spec.shape.join()) refuse(`the weight ${name} is [${shape.join(', ')}], its layer needs [${spec.shape.join(', ')}]`);
    wanted.delete(name);
    return spec;
  });
  if (wanted.size > 0) refuse(`the weight ${[...wanted.keys()][0]} is missing`);
  return stored;
}

export function specBytes(spec: WeightSpec): number {
  return elements(spec.shape) * Float32Array.BYTES_PER_ELEMENT;
}
