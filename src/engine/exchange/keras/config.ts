import { inferShapes } from '../../graph/shapes.js';
import { kerasClass } from '../../graph/summary.js';
import type { LayerGraph } from '../../graph/types.js';
import { layerConfig, parseInput, parseLayer, parseTensor } from '../layers.js';
import { entries, list, object, oneOf, refuse, type Parse } from '../schema.js';
import { checkedGraph, type Groups } from '../topology.js';

const MODEL_MODULE = 'keras.src.models.functional';

/** `config.json` of a `.keras` file: a functional model, not compiled. */
export function writeConfig(graph: LayerGraph): string {
  const shapes = inferShapes(graph);
  const batch = (name: string) => [null, ...shapes.get(name)!];
  const tensor = (name: string) => ({ class_name: '__keras_tensor__', config: { shape: batch(name), dtype: 'float32', keras_history: [name, 0, 0] } });
  return JSON.stringify({
    module: MODEL_MODULE,
    class_name: 'Functional',
    config: {
      name: 'winnow',
      trainable: true,
      layers: graph.layers.map((layer) => {
        const tensors = layer.inputs.map(tensor);
        return {
          module: 'keras.layers',
          class_name: kerasClass(layer),
          config: layer.type === 'input' ? { batch_shape: batch(layer.name), dtype: 'float32', sparse: false, name: layer.name } : layerConfig(layer),
          registered_name: null,
          name: layer.name,
          inbound_nodes: tensors.length === 0 ? [] : [{ args: layer.type === 'concat' ? [tensors] : tensors, kwargs: {} }],
        };
      }),
      input_layers: [graph.layers[0].name, 0, 0],
      output_layers: [graph.layers.at(-1)!.name, 0, 0],
    },
    registered_name: 'Functional',
    build_config: { input_shape: null },
  });
}

/** A class of someone else's may be called Conv2D too. */
const keras = object({ module: oneOf('keras.layers'), registered_name: oneOf(null) });

const tensor: Parse<string> = (value, at) => {
  oneOf('__keras_tensor__')(entries(value, at).get('class_name'), at);
  return parseTensor(entries(entries(value, at).get('config'), at).get('keras_history'), at);
};
const node = object({ args: list<string[]>((value, at) => (Array.isArray(value) ? list(tensor, 1, 1000)(value, at) : [tensor(value, at)]), 1, 1) });
/** One call a layer, on one argument: a tensor, or a list of them. Keywords (mask, training) say nothing about inference. */
const inbound: Parse<readonly string[]> = (value, at) => list(node, 0, 1)(value, at)[0]?.args[0] ?? [];

/** Keras has written the one input both as a tensor and as a list of one. */
const end: Parse<string> = (value, at) => parseTensor(Array.isArray(value) && Array.isArray(value[0]) ? (value.length === 1 ? value[0] : refuse(`${at} are several`)) : value, at);

const parseModel = object({
  class_name: oneOf('Functional'),
  config: object({
    layers: list(
      (value, at) => {
        keras(value, at);
        return { layer: parseLayer(value, at, inbound), json: value };
      },
      2,
      5000,
    ),
    input_layers: end,
    output_layers: end,
  }),
});

/**
 * @param groups what Keras does not keep.
 * @throws SchemaError or WinnowError 'model-broken'; allocates nothing of what is declared.
 */
export function readConfig(json: unknown, groups: Groups): LayerGraph {
  const { layers, input_layers, output_layers } = parseModel(json, 'config.json').config;
  const input = parseInput(entries(layers[0].json, 'the input').get('config'), 'the input', 'batch_shape');
  return checkedGraph(layers.map(({ layer }) => layer), input, [input_layers, output_layers], groups);
}
