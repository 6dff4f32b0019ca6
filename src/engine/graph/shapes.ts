import { WinnowError } from '../support/errors.js';
import type { Layer, LayerGraph, Padding, Shape } from './types.js';

/** Output side of a convolution or pooling window along one axis (TensorFlow's rule); below 1 where a 'valid' window does not fit. */
export function windowOutput(input: number, window: number, stride: number, padding: Padding): number {
  return padding === 'same' ? Math.ceil(input / stride) : Math.floor((input - window) / stride) + 1;
}

/** Zeros before (top, left) and after (bottom, right) along one axis. TensorFlow's 'same' puts the odd one after. */
export function windowPadding(input: number, window: number, stride: number, padding: Padding): { before: number; after: number } {
  if (padding === 'valid') return { before: 0, after: 0 };
  const total = Math.max((windowOutput(input, window, stride, padding) - 1) * stride + window - input, 0);
  const before = Math.floor(total / 2);
  return { before, after: total - before };
}

export function elements(shape: Shape): number {
  return shape.reduce((product, side) => product * side, 1);
}

/**
 * Output shape of every layer by name, without the batch: the whole check of a graph as well.
 * @param source what a person is told the graph came from.
 * @throws WinnowError 'model-broken' where a name is missing, doubled or used before its layer, a number is out of range,
 *   a window does not fit, shapes do not meet, a layer leads nowhere, or the last layer is no softmax over the classes.
 */
export function inferShapes(graph: LayerGraph, source = 'The layer graph'): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  const unread = new Set<string>();
  const refuse = (why: string): never => {
    throw new WinnowError('model-broken', { source, why });
  };

  if (!graph.input.every(isCount)) refuse('its input shape is not three positive integers');
  for (const [index, layer] of graph.layers.entries()) {
    const fail = (why: string): never => refuse(`layer ${layer.name || index}: ${why}`);
    if (layer.name === '' || layer.name.includes('/')) fail('its name is empty or holds a slash');
    if (shapes.has(layer.name)) fail('another layer has the same name');
    if ((layer.type === 'input') !== (index === 0)) fail('the input is the first layer, and the only one of its kind');
    const least = layer.type === 'input' ? 0 : layer.type === 'concat' ? 2 : 1;
    if (layer.inputs.length < least || (layer.type !== 'concat' && layer.inputs.length > least)) fail(`it reads ${layer.inputs.length} layers`);
    const inputs = layer.inputs.map((name) => {
      unread.delete(name);
      return shapes.get(name) ?? fail(`no layer before it is called ${name}`);
    });
    shapes.set(layer.name, layer.type === 'input' ? graph.input : outputShape(layer, inputs, fail));
    unread.add(layer.name);
  }

  const last = graph.layers.at(-1);
  if (!last || !('activation' in last) || last.activation !== 'softmax') return refuse('its last layer is no softmax');
  const output = shapes.get(last.name)!;
  if (output.length !== 1 || output[0] !== graph.classes) refuse(`it ends in [${output.join(', ')}], not in ${graph.classes} classes`);
  unread.delete(last.name);
  if (unread.size > 0) refuse(`layer ${[...unread][0]} leads nowhere`);
  return shapes;
}

function outputShape(layer: Layer, inputs: readonly Shape[], fail: (why: string) => never): Shape {
  const input = inputs[0];
  const window = (size: number, channels: number, padding: Padding, stride: number): Shape => {
    if (input.length !== 3) return fail(`it needs height, width and channels, not [${input.join(', ')}]`);
    if (!isCount(size) || !isCount(stride)) return fail('its window and stride are not positive integers');
    const sides = input.slice(0, 2).map((side) => windowOutput(side, size, stride, padding));
    if (sides.some((side) => side < 1)) return fail(`a window of ${size} does not fit ${input[0]}x${input[1]}`);
    return [...sides, channels];
  };
  switch (layer.type) {
    case 'conv2d':
      if (!isCount(layer.filters)) fail('its filters are not a positive integer');
      return window(layer.kernel, layer.filters, layer.padding, layer.stride);
    case 'depthwiseConv2d':
      return window(layer.kernel, input[2], layer.padding, layer.stride);
    case 'maxPool2d':
    case 'avgPool2d':
      return window(layer.pool, input[2], layer.padding, layer.stride);
    case 'globalAvgPool2d':
      return input.length === 3 ? [input[2]] : fail(`it needs height, width and channels, not [${input.join(', ')}]`);
    case 'dense':
      if (input.length !== 1) fail(`it needs a flat input, not [${input.join(', ')}]`);
      return isCount(layer.units) ? [layer.units] : fail('its units are not a positive integer');
    case 'flatten':
      return [elements(input)];
    case 'concat': {
      const lead = (shape: Shape) => shape.slice(0, -1).join();
      if (inputs.some((other) => lead(other) !== lead(input))) fail('its inputs differ in height or width');
      return [...input.slice(0, -1), inputs.reduce((sum, other) => sum + other.at(-1)!, 0)];
    }
    case 'batchNorm':
      if (!(layer.epsilon > 0) || !(layer.momentum >= 0 && layer.momentum < 1)) fail('its epsilon or momentum is out of range');
      return input;
    case 'dropout':
      return layer.rate >= 0 && layer.rate < 1 ? input : fail('its rate is not from 0 to below 1');
    case 'activation':
    case 'input':
      return input;
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
