import { expose } from 'comlink';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';

const probe = {
  /** [[1, 2], [3, 4]] times itself, on the named backend. */
  async square(): Promise<{ backend: string; adapter: boolean; product: number[] }> {
    const adapter = (await navigator.gpu?.requestAdapter()) ?? null;
    if (!adapter) return { backend: 'none', adapter: false, product: [] };
    await tf.setBackend('webgpu');
    const matrix = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const product = tf.matMul(matrix, matrix);
    const values = [...(await product.data())];
    tf.dispose([matrix, product]);
    return { backend: tf.getBackend(), adapter: true, product: values };
  },
};
export type GpuProbe = typeof probe;
expose(probe);
