import { kerasClass } from '../graph/summary.js';
import type { Activation, Layer, Padding } from '../graph/types.js';
import { entries, flag, list, object, oneOf, optional, real, refuse, text, whole, type Parse } from './schema.js';

/** A layer as Keras 2 and tfjs write it in a model's topology. */
export interface LayerJson {
  readonly name: string;
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly (readonly (readonly [layer: string, node: number, tensor: number, call: object])[])[];
}

const VARIANCE_SCALING = { class_name: 'GlorotUniform', config: { seed: null } };
const ZEROS = { class_name: 'Zeros', config: {} };
const ONES = { class_name: 'Ones', config: {} };

export function writeLayer(layer: Layer, input: readonly number[]): LayerJson {
  return {
    name: layer.name,
    class_name: kerasClass(layer),
    config: { name: layer.name, trainable: layer.trainable !== false, dtype: 'float32', ...layerConfig(layer, input) },
    inbound_nodes: layer.inputs.length === 0 ? [] : [layer.inputs.map((name) => [name, 0, 0, {}])],
  };
}

function layerConfig(layer: Layer, input: readonly number[]): Record<string, unknown> {
  const window = (stride: number, padding: string) => ({ strides: [stride, stride], padding, data_format: 'channels_last' });
  switch (layer.type) {
    case 'input':
      return { batch_input_shape: [null, ...input], sparse: false };
    case 'conv2d':
      return {
        filters: layer.filters,
        kernel_size: [layer.kernel, layer.kernel],
        ...window(layer.stride, layer.padding),
        dilation_rate: [1, 1],
        activation: layer.activation,
        use_bias: layer.useBias,
        kernel_initializer: VARIANCE_SCALING,
        bias_initializer: ZEROS,
      };
    case 'depthwiseConv2d':
      return {
        kernel_size: [layer.kernel, layer.kernel],
        ...window(layer.stride, layer.padding),
        depth_multiplier: 1,
        activation: layer.activation,
        use_bias: layer.useBias,
        depthwise_initializer: VARIANCE_SCALING,
        bias_initializer: ZEROS,
      };
    case 'dense':
      return { units: layer.units, activation: layer.activation, use_bias: layer.useBias, kernel_initializer: VARIANCE_SCALING, bias_initializer: ZEROS };
    case 'maxPool2d':
    case 'avgPool2d':
      return { pool_size: [layer.pool, layer.pool], ...window(layer.stride, layer.padding) };
    case 'globalAvgPool2d':
      return { data_format: 'channels_last' };
    case 'batchNorm':
      return {
        axis: -1,
        momentum: layer.momentum,
        epsilon: layer.epsilon,
        center: true,
        scale: true,
        beta_initializer: ZEROS,
        gamma_initializer: ONES,
        moving_mean_initializer: ZEROS,
        moving_variance_initializer: ONES,
      };
    case 'activation':
      if (layer.activation === 'relu') return {};
      return layer.activation === 'relu6' ? { max_value: 6 } : { activation: layer.activation };
    case 'dropout':
      return { rate: layer.rate };
    case 'concat':
      return { axis: -1 };
    case 'flatten':
      return { data_format: 'channels_last' };
  }
}

/* Reading. A layer or a setting that the graph has no place for is refused: left out, it would change the answers. */

const size = whole(1, 2 ** 24);
const square: Parse<number> = (value, at) => {
  const [height, width] = Array.isArray(value) ? list(size, 2, 2)(value, at) : [size(value, at), value];
  return height === width ? height : refuse(`${at} is no square`);
};
const only = <const T extends string | number | boolean>(value: T) => optional<T>(oneOf(value), value);
const activation: Parse<Activation> = oneOf('linear', 'relu', 'relu6', 'softmax');
const padding = oneOf('same', 'valid');
const channelsLast = only('channels_last');
const window = { strides: square, padding, data_format: channelsLast };
/** Keras 2 writes the axis of channels as a list. */
const axis: Parse<number> = (value, at) => oneOf(-1, 3)(Array.isArray(value) && value.length === 1 ? value[0] : value, at);

type Settings<L extends Layer> = L extends Layer ? Omit<L, 'name' | 'inputs' | 'group' | 'trainable'> : never;
const into = <A, B>(parse: Parse<A>, build: (parsed: A) => B): Parse<B> => (value, at) => build(parse(value, at));

const undilated = optional<number>((value, at) => (square(value, at) === 1 ? 1 : refuse(`${at} is a dilation`)), 1);
const convolution = { kernel_size: square, ...window, dilation_rate: undilated, activation, use_bias: flag };
const kernel = (parsed: { kernel_size: number; strides: number; padding: Padding; activation: Activation; use_bias: boolean }) => ({
  kernel: parsed.kernel_size,
  stride: parsed.strides,
  padding: parsed.padding,
  activation: parsed.activation,
  useBias: parsed.use_bias,
});
const pool = <T extends 'maxPool2d' | 'avgPool2d'>(type: T) =>
  into(object({ pool_size: square, ...window }), (parsed) => ({ type, pool: parsed.pool_size, stride: parsed.strides, padding: parsed.padding }));

const CLASSES: Readonly<Record<string, Parse<Settings<Layer>>>> = {
  InputLayer: () => ({ type: 'input' }),
  Conv2D: into(object({ filters: size, groups: only(1), ...convolution }), (parsed) => ({ type: 'conv2d', filters: parsed.filters, ...kernel(parsed) })),
  DepthwiseConv2D: into(object({ depth_multiplier: only(1), ...convolution }), (parsed) => ({ type: 'depthwiseConv2d', ...kernel(parsed) })),
  Dense: into(object({ units: size, activation, use_bias: flag }), (parsed) => ({ type: 'dense', units: parsed.units, activation: parsed.activation, useBias: parsed.use_bias })),
  MaxPooling2D: pool('maxPool2d'),
  AveragePooling2D: pool('avgPool2d'),
  GlobalAveragePooling2D: into(object({ data_format: channelsLast, keepdims: only(false) }), () => ({ type: 'globalAvgPool2d' })),
  BatchNormalization: into(object({ axis, momentum: real(0, 1), epsilon: real(0, 1), center: only(true), scale: only(true) }), ({ momentum, epsilon }) => ({ type: 'batchNorm', momentum, epsilon })),
  ReLU: into(object({ max_value: optional(oneOf(6, null), null), negative_slope: only(0), threshold: only(0) }), ({ max_value }) => ({ type: 'activation', activation: max_value === 6 ? 'relu6' : 'relu' })),
  Activation: into(object({ activation }), (config) => ({ type: 'activation', ...config })),
  Dropout: into(object({ rate: real(0, 1) }), ({ rate }) => ({ type: 'dropout', rate })),
  Concatenate: into(object({ axis }), () => ({ type: 'concat' })),
  Flatten: into(object({ data_format: channelsLast }), () => ({ type: 'flatten' })),
};

const name = text(200);
const header = object({ name, class_name: text(50) });
/** [layer, node, tensor, call]: one output each, used once. */
const tensor: Parse<string> = (value, at) => {
  const [layer, node, index] = Array.isArray(value) ? (value as unknown[]) : refuse(`${at} is no tensor`);
  oneOf(0)(node, at);
  oneOf(0)(index, at);
  return name(layer, at);
};
const nodes = list(list(tensor, 1, 1000), 0, 1);

/** @throws SchemaError for a layer class outside the graph's closed set, or a setting that the graph cannot hold. */
export const parseLayer: Parse<Layer> = (value, at) => {
  const { name: own, class_name } = header(value, at);
  const where = `layer ${own}`;
  const fields = entries(value, at);
  const settings = Object.hasOwn(CLASSES, class_name) ? CLASSES[class_name](fields.get('config'), where) : refuse(`${where} is of the class ${class_name}, which Winnow does not have`);
  const { trainable } = object({ trainable: optional(flag, true) })(fields.get('config'), where);
  return { ...settings, name: own, inputs: nodes(fields.get('inbound_nodes'), where)[0] ?? [], ...(!trainable && { trainable }) };
};

/** The input's shape: height, width, channels. */
export const parseInput: Parse<readonly [number, number, number]> = (value, at) => {
  const [batch, height, width, channels] = object({ batch_input_shape: list<number | null>((side, place) => (side === null ? null : size(side, place)), 4, 4) })(value, at).batch_input_shape;
  if (batch !== null || height === null || width === null || channels === null) return refuse(`${at} has no fixed height, width and channels`);
  return [height, width, channels];
};
