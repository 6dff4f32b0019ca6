import { inferShapes, windowPadding } from '../../graph/shapes.js';
import type { Activation, Layer, Shape, Weight } from '../../graph/types.js';
import { checkWeights, type Model } from '../model.js';
import { groupsOf, writeTopology } from '../topology.js';
import { KERNEL_ORDER, permute } from './layout.js';
import { DataType, float, graph as graphMessage, int, ints, model as modelMessage, node, tensor, valueInfo } from './proto.js';
import type { Message } from './protobuf.js';

const INPUT = 'pixels';
const OUTPUT = 'probabilities';
/** Keys of the metadata; the values are JSON. */
export const METADATA = { classes: 'classes', card: 'winnow.card', topology: 'winnow.topology', groups: 'winnow.groups' } as const;

/**
 * An ONNX file for inference. Its input `pixels` is what an image decoder gives, uint8 RGB [batch, size, size, 3], and
 * its output `probabilities` is [batch, classes]: the division by 255 and the change to ONNX's NCHW are the model's own. Weights are transposed
 * here; dropout, which does nothing in inference, is left out. The metadata has the classes, the card, and
 * the layer graph as tfjs writes it, by which {@link readOnnx} reads the file back.
 */
export function writeOnnx(model: Model): Blob {
  checkWeights(model);
  const { graph, card } = model;
  const proto = modelMessage(graphProto(model), card.winnow, {
    [METADATA.classes]: JSON.stringify(card.classes),
    [METADATA.card]: JSON.stringify(card),
    [METADATA.topology]: JSON.stringify(writeTopology(graph)),
    [METADATA.groups]: JSON.stringify(groupsOf(graph)),
  });
  return new Blob(proto.parts, { type: 'application/octet-stream' });
}

export function graphProto(model: Model): Message {
  const { graph, card } = model;
  const lowering = new Lowering(model);
  for (const layer of graph.layers) lowering.add(layer);
  return graphMessage({
    name: card.arch,
    nodes: lowering.nodes,
    initializers: lowering.initializers,
    input: valueInfo(INPUT, DataType.uint8, ['batch', ...graph.input]),
    output: valueInfo(OUTPUT, DataType.float, ['batch', graph.classes]),
  });
}

class Lowering {
  readonly nodes: Message[] = [];
  readonly initializers: Message[] = [];
  private readonly shapes: ReadonlyMap<string, Shape>;
  private readonly weights: ReadonlyMap<string, Weight>;
  private readonly last: string;
  /** Tensor of each layer's output. A layer's own nodes are called by its name and what they do. */
  private readonly outputs = new Map<string, string>();

  constructor({ graph, weights }: Model) {
    this.shapes = inferShapes(graph);
    this.weights = new Map(weights.map((weight) => [weight.name, weight]));
    this.last = graph.layers.at(-1)!.name;
  }

  add(layer: Layer): void {
    this.outputs.set(layer.name, this.lower(layer));
  }

  private lower(layer: Layer): string {
    const inputs = layer.inputs.map((name) => this.outputs.get(name)!);
    const shape = layer.inputs.length > 0 ? this.shapes.get(layer.inputs[0])! : [];
    const { name } = layer;
    switch (layer.type) {
      case 'input': {
        const values = this.node('Cast', `${name}/float`, [INPUT], [int('to', DataType.float)]);
        const fractions = this.node('Div', `${name}/fractions`, [values, this.constant(`${name}/white`, [], 255)]);
        return this.node('Transpose', name, [fractions], [ints('perm', [0, 3, 1, 2])]);
      }
      case 'conv2d':
        return this.convolution(layer, inputs, 1);
      case 'depthwiseConv2d':
        return this.convolution(layer, inputs, shape[2]);
      case 'dense': {
        const bias = layer.useBias ? [this.weight(`${name}/bias`)] : [];
        return this.activate(layer, layer.activation, (own) => this.node('Gemm', own, [inputs[0], this.weight(`${name}/kernel`), ...bias]));
      }
      case 'maxPool2d':
        return this.node('MaxPool', name, inputs, this.window(layer, layer.pool));
      case 'avgPool2d':
        // Padding does not count, as in Keras.
        return this.node('AveragePool', name, inputs, [...this.window(layer, layer.pool), int('count_include_pad', 0)]);
      case 'globalAvgPool2d':
        return this.node('Flatten', name, [this.node('GlobalAveragePool', `${name}/mean`, inputs)], [int('axis', 1)]);
      case 'batchNorm':
        return this.node('BatchNormalization', name, [inputs[0], ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((weight) => this.weight(`${name}/${weight}`))], [float('epsilon', layer.epsilon)]);
      case 'activation':
        return this.activate(layer, layer.activation, () => inputs[0]);
      case 'concat':
        return this.node('Concat', name, inputs, [int('axis', 1)]);
      case 'flatten': {
        if (shape.length === 1) return inputs[0];
        // The dense layer's weights count on channels last.
        const channelsLast = this.node('Transpose', `${name}/channels_last`, inputs, [ints('perm', [0, 2, 3, 1])]);
        return this.node('Flatten', name, [channelsLast], [int('axis', 1)]);
      }
      case 'dropout':
        return inputs[0];
    }
  }

  private convolution(layer: Extract<Layer, { type: 'conv2d' | 'depthwiseConv2d' }>, inputs: readonly string[], groups: number): string {
    const { name, kernel, activation, useBias } = layer;
    const weights = [this.weight(`${name}/kernel`, KERNEL_ORDER[layer.type]), ...(useBias ? [this.weight(`${name}/bias`)] : [])];
    return this.activate(layer, activation, (own) => this.node('Conv', own, [...inputs, ...weights], [...this.window(layer, kernel), int('group', groups)]));
  }

  /** @param before makes the node whose output goes in, under the name it is given. */
  private activate({ name }: Layer, activation: Activation, before: (name: string) => string): string {
    switch (activation) {
      case 'linear':
        return before(name);
      case 'relu':
        return this.node('Relu', name, [before(`${name}/linear`)]);
      case 'relu6':
        return this.node('Clip', name, [before(`${name}/linear`), this.constant(`${name}/least`, [], 0), this.constant(`${name}/most`, [], 6)]);
      case 'softmax':
        return this.node('Softmax', name, [before(`${name}/linear`)], [int('axis', 1)]);
    }
  }

  private window({ inputs, stride, padding }: Extract<Layer, { stride: number }>, size: number): Message[] {
    const pads = this.shapes.get(inputs[0])!.slice(0, 2).map((side) => windowPadding(side, size, stride, padding));
    return [ints('kernel_shape', [size, size]), ints('strides', [stride, stride]), ints('pads', [...pads.map(({ before }) => before), ...pads.map(({ after }) => after)])];
  }

  /** @returns its output, which is called as it is; the last layer's is the model's. */
  private node(type: string, name: string, inputs: readonly string[], attributes: readonly Message[] = []): string {
    const taken = name === INPUT || name === OUTPUT;
    const output = name === this.last ? OUTPUT : taken ? `${name}/output` : name;
    this.nodes.push(node(type, name, inputs, output, attributes));
    return output;
  }

  /** @param order its axes in the file; as they are where absent. */
  private weight(name: string, order?: readonly number[]): string {
    const { shape, data } = this.weights.get(name)!;
    this.initializers.push(order ? tensor(name, order.map((axis) => shape[axis]), permute(data, shape, order)) : tensor(name, shape, data));
    return name;
  }

  private constant(name: string, shape: Shape, value: number): string {
    this.initializers.push(tensor(name, shape, Float32Array.of(value)));
    return name;
  }
}
