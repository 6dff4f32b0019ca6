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

/** Keras 3 wants to know the module; Keras 2 and tfjs pass over it. */
const initializer = (class_name: string, config: object) => ({ module: 'keras.initializers', class_name, config, registered_name: null });
const VARIANCE_SCALING = initializer('GlorotUniform', { seed: null });
const ZEROS = initializer('Zeros', {});
const ONES = initializer('Ones', {});

export function writeLayer(layer: Layer, input: readonly number[]): LayerJson {
  return {
    name: layer.name,
    class_name: kerasClass(layer),
    config: layer.type === 'input' ? { ...layerConfig(layer), batch_input_shape: [null, ...input], sparse: false } : layerConfig(layer),
    inbound_nodes: layer.inputs.length === 0 ? [] : [layer.inputs.map((name) => [name, 0, 0, {}])],
  };
}

/** A layer's settings under Keras's names, the same in Keras 2 and 3 for all but the input. */
export function layerConfig(layer: Layer): Record<string, unknown> {
  return { name: layer.name, trainable: layer.trainable !== false, dtype: 'float32', ...ownConfig(layer) };
}

function ownConfig(layer: Layer): Record<string, unknown> {
  const window = (stride: number, padding: string) => ({ strides: [stride, stride], padding, data_format: 'channels_last' });
  switch (layer.type) {
    case 'input':
      return {};
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
  BatchNormalization: into(object({ axis, momentum: real(0, 1), epsilon: real(0, 1), center: only(true), scale: only(true), renorm: only(false) }), ({ momentum, epsilon }) => ({ type: 'batchNorm', momentum, epsilon })),
  ReLU: into(object({ max_value: optional(oneOf(6, null), null), negative_slope: only(0), threshold: only(0) }), ({ max_value }) => ({ type: 'activation', activation: max_value === 6 ? 'relu6' : 'relu' })),
  Activation: into(object({ activation }), (config) => ({ type: 'activation', ...config })),
  Dropout: into(object({ rate: real(0, 1), noise_shape: optional(oneOf(null), null) }), ({ rate }) => ({ type: 'dropout', rate })),
  Concatenate: into(object({ axis }), () => ({ type: 'concat' })),
  Flatten: into(object({ data_format: channelsLast }), () => ({ type: 'flatten' })),
};

const name = text(200);
const header = object({ name, class_name: text(50) });

/** [layer, node, tensor]: a layer here is called once and has one output. */
export const parseTensor: Parse<string> = (value, at) => {
  const [layer, node, index] = Array.isArray(value) ? (value as unknown[]) : refuse(`${at} is no tensor`);
  oneOf(0)(node, at);
  oneOf(0)(index, at);
  return name(layer, at);
};
const inboundKeras2: Parse<readonly string[]> = (value, at) => list(list(parseTensor, 1, 1000), 0, 1)(value, at)[0] ?? [];

/**
 * @param inbound reads `inbound_nodes`: the names of the layers that it takes.
 * @throws SchemaError for a layer class outside the graph's closed set, or a setting that the graph cannot hold.
 */
export function parseLayer(value: unknown, at: string, inbound = inboundKeras2): Layer {
  const { name: own, class_name } = header(value, at);
  const where = `layer ${own}`;
  const fields = entries(value, at);
  const settings = Object.hasOwn(CLASSES, class_name) ? CLASSES[class_name](fields.get('config'), where) : refuse(`${where} is of the class ${class_name}, which Winnow does not have`);
  const { trainable } = object({ trainable: optional(flag, true) })(fields.get('config'), where);
  return { ...settings, name: own, inputs: inbound(fields.get('inbound_nodes'), where), ...(!trainable && { trainable }) };
}

const shapeOfBatch = list<number | null>((side, at) => (side === null ? null : size(side, at)), 4, 4);

/** The input's shape: height, width, channels. Keras 2 calls it `batch_input_shape`, Keras 3 `batch_shape`. */
export function parseInput(value: unknown, at: string, field: 'batch_input_shape' | 'batch_shape' = 'batch_input_shape'): readonly [number, number, number] {
  const [batch, height, width, channels] = shapeOfBatch(entries(value, at).get(field), `${at}.${field}`);
  if (batch !== null || height === null || width === null || channels === null) return refuse(`${at} has no fixed height, width and channels`);
  return [height, width, channels];
}
