import { elements, inferShapes } from './shapes.js';
import type { Layer, LayerGraph, Shape } from './types.js';
import { weightSpecs } from './weights.js';

/** What one image costs in one forward pass (inference), and what the weights weigh. */
export interface Costs {
  readonly params: number;
  readonly trainableParams: number;
  readonly nonTrainableParams: number;
  /** Of the weights, float32. */
  readonly bytes: number;
  /** Multiply-accumulates of convolutions and dense layers. */
  readonly macs: number;
  /** By the rule of TensorFlow's profiler, see {@link layerFlops}. */
  readonly flops: number;
  /** Of all convolutions; a depthwise one has a filter a channel. */
  readonly filters: number;
  /** Of the outputs of the layers, float32, for one image. */
  readonly activationBytes: number;
}

const NOTHING: Costs = { params: 0, trainableParams: 0, nonTrainableParams: 0, bytes: 0, macs: 0, flops: 0, filters: 0, activationBytes: 0 };

/** Costs of every layer by name, in order. Allocates no weight. @throws WinnowError 'model-broken', see {@link inferShapes}. */
export function layerCosts(graph: LayerGraph): ReadonlyMap<string, Costs> {
  const shapes = inferShapes(graph);
  const params = new Map<string, { all: number; trainable: number }>();
  for (const spec of weightSpecs(graph)) {
    const count = params.get(spec.layer) ?? { all: 0, trainable: 0 };
    count.all += elements(spec.shape);
    if (spec.trainable) count.trainable += elements(spec.shape);
    params.set(spec.layer, count);
  }
  return new Map(
    graph.layers.map((layer) => {
      const output = shapes.get(layer.name)!;
      const input = layer.inputs.length === 0 ? output : shapes.get(layer.inputs[0])!;
      const { all, trainable } = params.get(layer.name) ?? { all: 0, trainable: 0 };
      return [
        layer.name,
        {
          params: all,
          trainableParams: trainable,
          nonTrainableParams: all - trainable,
          bytes: all * 4,
          macs: layerMacs(layer, input, output),
          flops: layerFlops(layer, input, output),
          filters: layer.type === 'conv2d' || layer.type === 'depthwiseConv2d' ? output[2] : 0,
          activationBytes: elements(output) * 4,
        },
      ];
    }),
  );
}

/** Costs of the whole graph. */
export function graphCosts(graph: LayerGraph): Costs {
  return sumCosts([...layerCosts(graph).values()]);
}

export function sumCosts(parts: readonly Costs[]): Costs {
  const sum = { ...NOTHING };
  for (const part of parts) for (const key of Object.keys(sum) as (keyof Costs)[]) sum[key] += part[key];
  return sum;
}

function layerMacs(layer: Layer, input: Shape, output: Shape): number {
  switch (layer.type) {
    case 'conv2d':
      return elements(output) * layer.kernel ** 2 * input[2];
    case 'depthwiseConv2d':
      return elements(output) * layer.kernel ** 2;
    case 'dense':
      return input[0] * output[0];
    default:
      return 0;
  }
}

/**
 * What tf.profiler counts in the frozen inference graph (TensorFlow 2.21, Keras 3; flops_registry.py and nn_ops.py):
 * Conv2D, DepthwiseConv2dNative and MatMul 2 x MAC; BiasAdd its elements; pooling window x output elements; Mean its
 * input elements; Softmax 5 an element; Relu, Relu6 and ConcatV2 nothing. Batch norm is x * inv + (beta - mean * inv)
 * with inv = gamma * rsqrt(variance + epsilon), which makes 2 an element and 6 a channel (Keras 2 ran one
 * FusedBatchNormV3 instead, which the profiler does not know and counts as nothing).
 */
function layerFlops(layer: Layer, input: Shape, output: Shape): number {
  const arithmetic = 2 * layerMacs(layer, input, output) + ('useBias' in layer && layer.useBias ? elements(output) : 0);
  const softmax = 'activation' in layer && layer.activation === 'softmax' ? 5 * elements(output) : 0;
  switch (layer.type) {
    case 'maxPool2d':
    case 'avgPool2d':
      return layer.pool ** 2 * elements(output);
    case 'globalAvgPool2d':
      return elements(input);
    case 'batchNorm':
      return 2 * elements(output) + 6 * output.at(-1)!;
    default:
      return arithmetic + softmax;
  }
}
