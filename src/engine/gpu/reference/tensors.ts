import type * as tf from '@tensorflow/tfjs';
import type { Weight } from '../../graph/types.js';
import { WinnowError } from '../../support/errors.js';

/** A copy: on the cpu backend tfjs would hand out the tensor's own memory. */
export async function readTensor(name: string, tensor: tf.Tensor): Promise<Weight> {
  return { name, shape: [...tensor.shape], data: Float32Array.from(await tensor.data()) };
}

/** @throws WinnowError 'model-broken' where the graph has no weight of that name. */
export function variableOf(variables: ReadonlyMap<string, tf.Variable>, name: string): tf.Variable {
  const variable = variables.get(name);
  if (variable === undefined) throw new WinnowError('model-broken', { source: 'The checkpoint', why: `it holds ${name}, which this network lacks` });
  return variable;
}
