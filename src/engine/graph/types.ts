/**
 * An architecture is data: a flat, topologically ordered list of layers (an inception module is only a `group` label).
 * The summary, the costs, the tfjs model, the compiled plan, pruning and every export derive from it.
 * The set of layers is closed; tensors are NHWC, float32. Names and defaults are Keras's.
 */
export type Padding = 'same' | 'valid';
export type Activation = 'linear' | 'relu' | 'relu6' | 'softmax';

interface LayerBase {
  /** Unique in the graph; Keras's automatic names (conv2d, conv2d_1, …) unless the paper names it. */
  readonly name: string;
  /** Names of earlier layers. */
  readonly inputs: readonly string[];
  /** Layers of one block (an inception module) share a label: one row of the summary. */
  readonly group?: string;
  /** False when frozen. Absent means true. */
  readonly trainable?: boolean;
}

export interface InputLayer extends LayerBase { readonly type: 'input' }
/** kernel: [kh, kw, inChannels, filters] as Keras stores it. */
export interface Conv2DLayer extends LayerBase {
  readonly type: 'conv2d';
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly activation: Activation;
  readonly useBias: boolean;
}
/** kernel: [kh, kw, channels, 1]. */
export interface DepthwiseConv2DLayer extends LayerBase {
  readonly type: 'depthwiseConv2d';
  readonly kernel: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly activation: Activation;
  readonly useBias: boolean;
}
/** kernel: [inputs, units]. */
export interface DenseLayer extends LayerBase {
  readonly type: 'dense';
  readonly units: number;
  readonly activation: Activation;
  readonly useBias: boolean;
}
export interface PoolLayer extends LayerBase {
  readonly type: 'maxPool2d' | 'avgPool2d';
  readonly pool: number;
  readonly stride: number;
  readonly padding: Padding;
}
export interface GlobalAvgPoolLayer extends LayerBase { readonly type: 'globalAvgPool2d' }
/** Over the last axis: gamma, beta, moving_mean, moving_variance (the last two not trainable). */
export interface BatchNormLayer extends LayerBase {
  readonly type: 'batchNorm';
  readonly momentum: number;
  readonly epsilon: number;
}
export interface ActivationLayer extends LayerBase {
  readonly type: 'activation';
  readonly activation: Activation;
}
export interface DropoutLayer extends LayerBase {
  readonly type: 'dropout';
  /** Share dropped, 0 to 1; kept values are scaled by 1 / (1 - rate). */
  readonly rate: number;
}
/** Along channels. */
export interface ConcatLayer extends LayerBase { readonly type: 'concat' }
/** Row-major over height, width, channels. */
export interface FlattenLayer extends LayerBase { readonly type: 'flatten' }

export type Layer =
  | InputLayer | Conv2DLayer | DepthwiseConv2DLayer | DenseLayer | PoolLayer | GlobalAvgPoolLayer
  | BatchNormLayer | ActivationLayer | DropoutLayer | ConcatLayer | FlattenLayer;
export type LayerType = Layer['type'];

/** [height, width, channels], or [units] after flatten, dense and global pooling; without the batch. */
export type Shape = readonly number[];

export interface LayerGraph {
  /** Height, width, channels. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  /** The first is the input, the last the softmax output; every layer comes after its inputs. */
  readonly layers: readonly Layer[];
}

/** One weight's place in a model; `specs` of a graph are in layer order, within a layer in Keras's order (kernel, bias; gamma, beta, moving_mean, moving_variance). */
export interface WeightSpec {
  /** `<layer>/<weight>`: conv2d/kernel. */
  readonly name: string;
  readonly layer: string;
  readonly shape: Shape;
  readonly trainable: boolean;
  readonly initializer: 'glorotUniform' | 'zeros' | 'ones';
}

export interface Weight {
  readonly name: string;
  readonly shape: Shape;
  /** Row-major; length is the product of shape. */
  readonly data: Float32Array<ArrayBuffer>;
}
