import { graphCosts } from '../graph/costs.js';
import { inferShapes } from '../graph/shapes.js';
import type { Layer, LayerGraph } from '../graph/types.js';
import { parseInput, parseLayer, writeLayer } from './layers.js';
import { entries, list, object, oneOf, optional, record, refuse, text, type Parse } from './schema.js';

/** More than any network here has, at the largest input; a file that asks for more is out to exhaust the machine. */
export const MAX_WEIGHT_BYTES = 2 ** 30;
const MAX_ACTIVATION_BYTES = 2 ** 31;

/** A graph's blocks by layer: what the topology has no place for. */
export interface Groups {
  readonly groups: Readonly<Record<string, string>>;
}

export function groupsOf(graph: LayerGraph): Groups {
  return { groups: Object.fromEntries(graph.layers.flatMap(({ name, group }) => (group === undefined ? [] : [[name, group]]))) };
}

export const parseGroups: Parse<Groups> = optional(object({ groups: optional(record(text(200), 5000), {}) }), { groups: {} });

/** A graph as Keras 2 and tfjs write a functional model. */
export function writeTopology(graph: LayerGraph): object {
  const tensor = (layer: Layer) => [layer.name, 0, 0];
  return {
    class_name: 'Functional',
    config: {
      name: 'winnow',
      layers: graph.layers.map((layer) => writeLayer(layer, graph.input)),
      input_layers: [tensor(graph.layers[0])],
      output_layers: [tensor(graph.layers.at(-1)!)],
    },
  };
}

const tensors = list<string>((value, at) => text(200)(Array.isArray(value) ? value[0] : value, at), 1, 1);
const parseFunctional = object({
  class_name: oneOf('Functional', 'Model'),
  config: object({ layers: list((value, at) => ({ layer: parseLayer(value, at), json: value }), 2, 5000), input_layers: tensors, output_layers: tensors }),
});

/** @throws SchemaError, or WinnowError 'model-broken' (see {@link inferShapes}); allocates nothing of what is declared. */
export function readTopology(json: unknown, at: string, { groups }: Groups): LayerGraph {
  const { layers, input_layers, output_layers } = parseFunctional(json, at).config;
  const input = parseInput(entries(layers[0].json, 'the input').get('config'), 'the input');
  return checkedGraph(layers.map(({ layer }) => layer), input, [input_layers[0], output_layers[0]], { groups });
}

/** The graph of layers that were read, checked as a whole. */
export function checkedGraph(layers: readonly Layer[], input: LayerGraph['input'], ends: readonly [input: string, output: string], { groups }: Groups): LayerGraph {
  const last = layers.at(-1)!;
  if (layers[0].type !== 'input' || ends[0] !== layers[0].name) refuse('its first layer is not its input');
  if (ends[1] !== last.name) refuse('its last layer is not its output');
  if (input[0] !== input[1] || input[2] !== 3) refuse(`it takes ${input.join(' x ')}, not a square of RGB`);
  const labels = new Map(Object.entries(groups));
  const graph: LayerGraph = {
    input,
    classes: last.type === 'dense' ? last.units : refuse('its last layer is not dense'),
    layers: layers.map((layer) => {
      const group = labels.get(layer.name);
      return group === undefined ? layer : { ...layer, group };
    }),
  };
  inferShapes(graph);
  const costs = graphCosts(graph);
  if (costs.bytes > MAX_WEIGHT_BYTES || costs.activationBytes > MAX_ACTIVATION_BYTES) refuse('it is larger than any network here');
  return graph;
}
