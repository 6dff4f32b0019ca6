import * as tf from '@tensorflow/tfjs';

/** MatMulProgramType.MatMulSmallOutputSizeProgram of tfjs's WebGPU backend. */
const SMALL_OUTPUT_PROGRAM = 2;

/**
 * tfjs's WebGPU backend sums long inner products (2000 and more) by float atomics, in an order that varies, so a run
 * would not repeat; another of its programs does the same product in a fixed order.
 */
export function fixedOrder<T>(innerSize: number, product: () => T): T {
  if (tf.getBackend() !== 'webgpu' || innerSize < 2000) return product();
  return smallOutput(product);
}

function smallOutput<T>(product: () => T): T {
  const before = tf.env().getNumber('WEBGPU_MATMUL_PROGRAM_TYPE');
  tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', SMALL_OUTPUT_PROGRAM);
  try {
    return product();
  } finally {
    tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', before);
  }
}

/**
 * Sum over all axes but the last: [..., columns] to [columns]. tfjs's own sum on webgpu transposes, and gives each
 * result a workgroup; average pooling down the rows took a tenth of the time and less on a software adapter.
 */
export function sumRows(x: tf.Tensor): tf.Tensor {
  const columns = x.shape[x.rank - 1];
  const rows = x.size / columns;
  const table = tf.reshape(x, [rows, columns]);
  if (tf.getBackend() !== 'webgpu') return tf.sum(table, 0);
  const groups = Math.min(powerOfTwoIn(rows), 256);
  const partial = groups === 1 ? table : sumGroups(table, groups);
  const ones = tf.ones<tf.Rank.R2>([1, partial.shape[0]]);
  return tf.reshape(smallOutput(() => tf.matMul(ones, partial as tf.Tensor2D)), [columns]);
}

/** Sums each of `groups` equal runs of rows: [groups * n, columns] to [groups, columns]. webgpu only. */
export function sumGroups(table: tf.Tensor, groups: number): tf.Tensor {
  const [rows, columns] = table.shape;
  const size = rows / groups;
  if (size === 1) return table;
  const mean = tf.avgPool(tf.reshape<tf.Rank.R4>(table, [1, rows, 1, columns]), [size, 1], [size, 1], 'valid');
  return tf.mul(tf.reshape(mean, [groups, columns]), size);
}

/** Whether all of a bool tensor is true: up to 1024 workgroups, then one. */
export function allTrue(flags: tf.Tensor): tf.Tensor {
  const rows = flags.size < 65536 ? 1 : Math.min(powerOfTwoIn(flags.size), 1024);
  return rows === 1 ? tf.all(tf.reshape(flags, [-1])) : tf.all(tf.all(tf.reshape(flags, [rows, -1]), 1));
}

/** The largest power of two that divides n. */
function powerOfTwoIn(n: number): number {
  return n & -n;
}
