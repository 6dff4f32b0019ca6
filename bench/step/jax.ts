import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad, type Array as Tensor } from '@jax-js/jax';
import type { LayerGraph } from '../../src/engine/graph/types.js';
import { initialWeights } from '../../src/engine/graph/weights.js';
import type { PixelBatch } from '../../src/engine/gpu/engine.js';
import type { Subject } from './types.js';

type Params = Record<string, Tensor>;

/**
 * jax-js on WebGPU: its own convolutions (NCHW), the whole step with Adam under one jit. Pooling by reshape and max was
 * the faster of the two ways that there are (the other is reduceWindow). For chains of conv2d, maxPool2d, flatten, dense.
 */
export async function jax(graph: LayerGraph, batch: PixelBatch): Promise<Subject> {
  await init('webgpu');
  defaultDevice('webgpu');
  let params: Params = {};
  for (const { name, shape, data } of initialWeights(graph, 1)) {
    const tensor = np.array(data).reshape([...shape]);
    // [kh, kw, in, out] to [out, in, kh, kw].
    params[name] = shape.length === 4 ? np.transpose(tensor, [3, 2, 0, 1]) : tensor;
  }
  const zeros = () => Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, np.zeros(tensor.shape)]));
  let [m, v]: [Params, Params] = [zeros(), zeros()];
  const [height, width, channels] = graph.input;
  const x = np.transpose(np.array(Float32Array.from(batch.pixels, (byte) => byte / 255)).reshape([batch.size, height, width, channels]), [0, 3, 1, 2]);
  const y = np.array(Float32Array.from({ length: batch.size * graph.classes }, (_, i) => Number(batch.labels[Math.floor(i / graph.classes)] === i % graph.classes))).reshape([batch.size, graph.classes]);

  const lossOf = (p: Params, input: Tensor, target: Tensor): Tensor => {
    const logits = forward(graph, p, input);
    return target.mul(nn.logSoftmax(logits, -1)).sum().mul(-1 / batch.size);
  };
  const step = jit((p: Params, first: Params, second: Params, input: Tensor, target: Tensor, alpha: Tensor) => {
    // The gradient consumes what it is given; the update reads the parameters again.
    const read = Object.fromEntries(Object.entries(p).map(([name, tensor]) => [name, tensor.ref]));
    const [loss, gradients] = valueAndGrad(lossOf)(read, input, target) as [Tensor, Params];
    const next: [Params, Params, Params] = [{}, {}, {}];
    for (const name of Object.keys(p)) {
      const g = gradients[name];
      const mean = first[name].mul(0.9).add(g.ref.mul(0.1));
      const square = second[name].mul(0.999).add(g.ref.mul(g).mul(0.001));
      next[0][name] = p[name].sub(mean.ref.mul(alpha.ref).div(np.sqrt(square.ref).add(1e-7)));
      next[1][name] = mean;
      next[2][name] = square;
    }
    alpha.dispose();
    return [loss, ...next];
  });
  let count = 0;
  return {
    name: 'jax',
    async step() {
      count++;
      const alpha = np.array((0.001 * Math.sqrt(1 - 0.999 ** count)) / (1 - 0.9 ** count));
      const [loss, ...next] = step(params, m, v, x.ref, y.ref, alpha) as [Tensor, Params, Params, Params];
      [params, m, v] = next;
      await blockUntilReady([params, loss]);
      loss.dispose();
    },
    dispose() {
      for (const tree of [params, m, v]) for (const tensor of Object.values(tree)) tensor.dispose();
      x.dispose();
      y.dispose();
    },
  };
}

function forward(graph: LayerGraph, p: Params, input: Tensor): Tensor {
  let h = input;
  for (const layer of graph.layers) {
    switch (layer.type) {
      case 'input':
        break;
      case 'conv2d':
        h = lax.conv(h, p[`${layer.name}/kernel`], [layer.stride, layer.stride], layer.padding === 'same' ? 'SAME' : 'VALID');
        h = nn.relu(h.add(p[`${layer.name}/bias`].reshape([1, layer.filters, 1, 1])));
        break;
      case 'maxPool2d': {
        const [n, c, rows, columns] = h.shape;
        const { pool } = layer;
        h = np.max(h.reshape([n, c, rows / pool, pool, columns / pool, pool]), [3, 5]);
        break;
      }
      case 'flatten':
        h = h.reshape([h.shape[0], -1]);
        break;
      case 'dense':
        h = np.matmul(h, p[`${layer.name}/kernel`]).add(p[`${layer.name}/bias`]);
        if (layer.activation === 'relu') h = nn.relu(h);
        break;
      default:
        throw new Error(`jax-js: no ${layer.type} here`);
    }
  }
  return h;
}
