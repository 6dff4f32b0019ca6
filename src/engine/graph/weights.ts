import { Purpose, Random } from '../support/random.js';
import { elements, inferShapes } from './shapes.js';
import type { Layer, LayerGraph, Shape, Weight, WeightSpec } from './types.js';

/** Every weight of a graph, in layer order. @throws WinnowError 'model-broken', see {@link inferShapes}. */
export function weightSpecs(graph: LayerGraph): WeightSpec[] {
  const shapes = inferShapes(graph);
  return graph.layers.flatMap((layer) => (layer.inputs.length === 0 ? [] : layerSpecs(layer, shapes.get(layer.inputs[0])!)));
}

function layerSpecs(layer: Layer, input: Shape): WeightSpec[] {
  const spec = (weight: string, shape: Shape, initializer: WeightSpec['initializer'], learns = true): WeightSpec => ({
    name: `${layer.name}/${weight}`,
    layer: layer.name,
    shape,
    trainable: learns && layer.trainable !== false,
    initializer,
  });
  const channels = input.at(-1)!;
  const kernelAndBias = (shape: Shape, useBias: boolean, outputs: number) => [
    spec('kernel', shape, 'glorotUniform'),
    ...(useBias ? [spec('bias', [outputs], 'zeros')] : []),
  ];
  switch (layer.type) {
    case 'conv2d':
      return kernelAndBias([layer.kernel, layer.kernel, channels, layer.filters], layer.useBias, layer.filters);
    case 'depthwiseConv2d':
      return kernelAndBias([layer.kernel, layer.kernel, channels, 1], layer.useBias, channels);
    case 'dense':
      return kernelAndBias([channels, layer.units], layer.useBias, layer.units);
    case 'batchNorm':
      return [
        spec('gamma', [channels], 'ones'),
        spec('beta', [channels], 'zeros'),
        spec('moving_mean', [channels], 'zeros', false),
        spec('moving_variance', [channels], 'ones', false),
      ];
    default:
      return [];
  }
}

/**
 * Keras's initial values, in the order of {@link weightSpecs}. Weight i draws from a stream of its own, so the same seed
 * gives the same values whichever layers are frozen.
 */
export function initialWeights(graph: LayerGraph, seed: number): Weight[] {
  return weightSpecs(graph).map(({ name, shape, initializer }, index) => {
    const data = new Float32Array(elements(shape));
    if (initializer === 'ones') data.fill(1);
    if (initializer === 'glorotUniform') {
      const limit = glorotLimit(shape);
      const random = new Random(seed, Purpose.weights, index);
      for (let i = 0; i < data.length; i++) data[i] = random.between(-limit, limit);
    }
    return { name, shape, data };
  });
}

/** Glorot and Bengio 2010, with the fans that Keras's VarianceScaling reads from the last two axes (a depthwise kernel, too: [3, 3, C, 1] has fans 9C and 9). */
function glorotLimit(shape: Shape): number {
  const receptive = elements(shape.slice(0, -2));
  return Math.sqrt(6 / (receptive * (shape.at(-2)! + shape.at(-1)!)));
}
