import type { LayerType, Shape } from '../../graph/types.js';

/** Axes of Keras's kernel in ONNX's order: outputs, inputs of a group, height, width. A dense kernel lies alike in both. */
export const KERNEL_ORDER: Partial<Record<LayerType, readonly number[]>> = { conv2d: [3, 2, 0, 1], depthwiseConv2d: [2, 3, 0, 1] };

/** Axis i of the result is axis `order[i]` of the four axes of `data`. */
export function permute(data: Float32Array, shape: Shape, order: readonly number[]): Float32Array<ArrayBuffer> {
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const [a, b, c, d] = order.map((axis) => ({ side: shape[axis], step: steps[axis] }));
  const result = new Float32Array(data.length);
  let at = 0;
  for (let i = 0; i < a.side; i++)
    for (let j = 0; j < b.side; j++)
      for (let k = 0; k < c.side; k++)
        for (let l = 0; l < d.side; l++) result[at++] = data[i * a.step + j * b.step + k * c.step + l * d.step];
  return result;
}

/** The order that undoes `order`. */
export function inverse(order: readonly number[]): number[] {
  return order.map((_, axis) => order.indexOf(axis));
}
