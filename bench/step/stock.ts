import * as tf from '@tensorflow/tfjs';
import type { Layer, LayerGraph } from '../../src/engine/graph/types.js';
import type { PixelBatch } from '../../src/engine/gpu/engine.js';
import type { Subject } from './types.js';

/** Stock tfjs: the same graph as a LayersModel, `trainOnBatch` with Adam, the batch on the GPU already. */
export function stock(graph: LayerGraph, batch: PixelBatch): Subject {
  const model = layersModel(graph);
  model.compile({ optimizer: tf.train.adam(0.001), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const x = tf.tidy(() => tf.div(tf.tensor4d(batch.pixels, [batch.size, ...graph.input], 'float32'), 255));
  const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d([...batch.labels], 'int32'), graph.classes), 'float32'));
  return {
    name: 'tfjs',
    async step() {
      await model.trainOnBatch(x, y);
    },
    dispose() {
      tf.dispose([x, y]);
      model.optimizer.dispose();
      model.dispose();
    },
  };
}

/** As tfjs itself would build the network. */
export function layersModel(graph: LayerGraph): tf.LayersModel {
  const outputs = new Map<string, tf.SymbolicTensor>();
  let input: tf.SymbolicTensor | null = null;
  let last: tf.SymbolicTensor | null = null;
  for (const layer of graph.layers) {
    if (layer.type === 'input') {
      input = tf.input({ shape: [...graph.input] });
      outputs.set(layer.name, input);
      continue;
    }
    const inputs = layer.inputs.map((name) => outputs.get(name)!);
    last = tfLayer(layer).apply(inputs.length === 1 ? inputs[0] : inputs) as tf.SymbolicTensor;
    outputs.set(layer.name, last);
  }
  return tf.model({ inputs: input!, outputs: last! });
}

function tfLayer(layer: Exclude<Layer, { type: 'input' }>): tf.layers.Layer {
  const { name } = layer;
  switch (layer.type) {
    case 'conv2d':
      return tf.layers.conv2d({ name, filters: layer.filters, kernelSize: layer.kernel, strides: layer.stride, padding: layer.padding, activation: layer.activation, useBias: layer.useBias });
    case 'depthwiseConv2d':
      return tf.layers.depthwiseConv2d({ name, kernelSize: layer.kernel, strides: layer.stride, padding: layer.padding, activation: layer.activation, useBias: layer.useBias, depthMultiplier: 1 });
    case 'dense':
      return tf.layers.dense({ name, units: layer.units, activation: layer.activation, useBias: layer.useBias });
    case 'maxPool2d':
      return tf.layers.maxPooling2d({ name, poolSize: layer.pool, strides: layer.stride, padding: layer.padding });
    case 'avgPool2d':
      return tf.layers.averagePooling2d({ name, poolSize: layer.pool, strides: layer.stride, padding: layer.padding });
    case 'globalAvgPool2d':
      return tf.layers.globalAveragePooling2d({ name });
    case 'batchNorm':
      return tf.layers.batchNormalization({ name, momentum: layer.momentum, epsilon: layer.epsilon });
    case 'activation':
      return tf.layers.activation({ name, activation: layer.activation });
    case 'dropout':
      return tf.layers.dropout({ name, rate: layer.rate });
    case 'concat':
      return tf.layers.concatenate({ name });
    case 'flatten':
      return tf.layers.flatten({ name });
  }
}
