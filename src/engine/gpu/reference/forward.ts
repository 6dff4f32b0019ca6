import * as tf from '@tensorflow/tfjs';
import type { LayerGraph } from '../../graph/types.js';
import { dropoutMask } from '../../support/dropout.js';
import { affine, type AffineGradients, averagePool, batchNormInference, batchNormTraining, conv2d, dense, depthwiseConv2d } from './ops.js';

/** In training, what the masks of dropout are drawn from. */
export type Mode = { readonly kind: 'inference' } | { readonly kind: 'training'; readonly seed: number; readonly step: number };

export interface ForwardResult {
  /** [n, classes], before the last softmax. */
  readonly logits: tf.Tensor2D;
  /** Output of every layer by name. */
  readonly outputs: ReadonlyMap<string, tf.Tensor>;
  /** Training only: the batch's statistics of each batch norm that learns, by layer. Kept from tidy; the caller disposes. */
  readonly statistics: ReadonlyMap<string, { readonly mean: tf.Tensor; readonly variance: tf.Tensor }>;
}

/**
 * Runs a layer graph op by op, with the semantics of Keras 3. A frozen batch norm runs in inference mode in training too.
 * @param weights every weight by name. @param x [n, height, width, channels].
 * @param known outputs that are taken as they are; gradients then go back to them, and to no weight.
 */
export function forward(graph: LayerGraph, weights: ReadonlyMap<string, tf.Tensor>, x: tf.Tensor4D, mode: Mode, known: ReadonlyMap<string, tf.Tensor> | null = null): ForwardResult {
  const outputs = new Map<string, tf.Tensor>(known);
  const statistics = new Map<string, { mean: tf.Tensor; variance: tf.Tensor }>();
  const learning = learningLayers(graph);
  let logits: tf.Tensor = x;

  graph.layers.forEach((layer, index) => {
    if (outputs.has(layer.name)) return;
    const inputs = layer.inputs.map((name) => outputs.get(name)!);
    const weight = (name: string): tf.Tensor => weights.get(`${layer.name}/${name}`)!;
    const biasOf = (useBias: boolean): tf.Tensor | null => (useBias ? weight('bias') : null);
    // The last layer's softmax is one with the loss.
    const activation = 'activation' in layer && layer.activation !== 'softmax' ? layer.activation : 'linear';
    const gradients: AffineGradients = known ? 'input' : layer.inputs.some((name) => learning.has(name)) ? 'both' : 'weights';
    const run = (): tf.Tensor => {
      const input = inputs[0];
      switch (layer.type) {
        case 'input':
          return x;
        case 'conv2d':
          return affine(conv2d(layer.stride, layer.padding), input, weight('kernel'), biasOf(layer.useBias), activation, gradients);
        case 'depthwiseConv2d':
          return affine(depthwiseConv2d(layer.stride, layer.padding), input, weight('kernel'), biasOf(layer.useBias), activation, gradients);
        case 'dense':
          return affine(dense, input, weight('kernel'), biasOf(layer.useBias), activation, gradients);
        case 'maxPool2d':
          return tf.maxPool(input as tf.Tensor4D, layer.pool, layer.stride, layer.padding);
        case 'avgPool2d':
          return averagePool(input as tf.Tensor4D, layer.pool, layer.stride, layer.padding);
        case 'globalAvgPool2d':
          return tf.mean(input, [1, 2]);
        case 'batchNorm': {
          const [gamma, beta] = [weight('gamma'), weight('beta')];
          if (mode.kind === 'inference' || layer.trainable === false) {
            return batchNormInference(input, gamma, beta, weight('moving_mean'), weight('moving_variance'), layer.epsilon);
          }
          const { y, mean, variance } = batchNormTraining(input, gamma, beta, layer.epsilon);
          statistics.set(layer.name, { mean, variance });
          return y;
        }
        case 'activation':
          return activation === 'relu' ? tf.relu(input) : activation === 'relu6' ? tf.relu6(input) : input;
        case 'dropout': {
          if (mode.kind === 'inference' || layer.rate === 0) return input;
          return tf.mul(input, tf.tensor(dropoutMask(mode.seed, index, mode.step, input.size, layer.rate), input.shape));
        }
        case 'concat':
          return tf.concat(inputs, -1);
        case 'flatten':
          return tf.reshape(input, [input.shape[0], -1]);
      }
    };
    const output = run();
    logits = output;
    outputs.set(layer.name, 'activation' in layer && layer.activation === 'softmax' ? tf.softmax(output) : output);
  });
  return { logits: logits as tf.Tensor2D, outputs, statistics };
}

/** Names of the layers whose output depends on a weight that learns. */
function learningLayers(graph: LayerGraph): ReadonlySet<string> {
  const learning = new Set<string>();
  for (const layer of graph.layers) {
    const hasWeights = layer.type === 'conv2d' || layer.type === 'depthwiseConv2d' || layer.type === 'dense' || layer.type === 'batchNorm';
    if ((hasWeights && layer.trainable !== false) || layer.inputs.some((name) => learning.has(name))) learning.add(layer.name);
  }
  return learning;
}
