import { elements, inferShapes } from '../graph/shapes.js';
import type { LayerGraph } from '../graph/types.js';
import { weightSpecs } from '../graph/weights.js';
import { WinnowError } from '../support/errors.js';
import type { AdapterInfo, OptimizerSettings } from '../support/settings.js';
import { slotNames } from './slots.js';

export interface MemoryPrediction {
  /** The most bytes of GPU memory held at once while it trains. */
  readonly peakBytes: number;
  /** The largest single buffer: it must fit what the adapter allows of one. */
  readonly largestBytes: number;
}

const FLOAT = 4;
/** tfjs frees buffers when it submits, every 15 dispatches; a tap of the filter gradient is two. */
const TAPS_UNTIL_SUBMIT = 8;
/** Results of one weight's update that live until they are submitted. */
const UPDATE_TEMPORARIES = 12;
/** Below so many tiles of 32 x 32 tfjs lays a convolution's windows out before it multiplies. */
const FEW_TILES = 8;

/**
 * tfjs's buffer pool: it lends buffers of exactly the size asked for and gives none back to the GPU, so of each size
 * the most that is lent at once is held for good.
 */
class Pool {
  private readonly held = new Map<number, number>();
  private readonly lent = new Map<number, number>();

  keep(bytes: number, count = 1): void {
    this.held.set(bytes, (this.held.get(bytes) ?? 0) + count);
  }

  /** What one operation needs beside what is kept. */
  lend(needs: readonly (readonly [bytes: number, count: number])[]): void {
    const now = new Map<number, number>();
    for (const [bytes, count] of needs) now.set(bytes, (now.get(bytes) ?? 0) + count);
    for (const [bytes, count] of now) this.lent.set(bytes, Math.max(this.lent.get(bytes) ?? 0, count));
  }

  get bytes(): number {
    return [...this.held, ...this.lent].reduce((sum, [bytes, count]) => sum + bytes * count, 0);
  }

  get largest(): number {
    return Math.max(...this.held.keys(), ...this.lent.keys());
  }
}

/**
 * What the reference engine will hold on webgpu: weights, slots and weights' gradients; every layer's output and its
 * gradient, for tfjs's tape frees nothing before the way back has ended; each layer's work space and each weight's update.
 */
export function predictReference(graph: LayerGraph, batch: number, optimizer: OptimizerSettings['kind']): MemoryPrediction {
  const shapes = inferShapes(graph);
  const pool = new Pool();
  const bytesOf = (name: string): number => batch * elements(shapes.get(name)!) * FLOAT;
  const readers = new Map<string, number>();
  for (const name of graph.layers.flatMap((layer) => layer.inputs)) readers.set(name, (readers.get(name) ?? 0) + 1);

  for (const spec of weightSpecs(graph)) {
    const bytes = elements(spec.shape) * FLOAT;
    pool.keep(bytes);
    if (!spec.trainable) continue;
    // Its gradient, and the mask that says where that is finite.
    pool.keep(bytes, slotNames(optimizer).length + 2);
    pool.lend([[bytes, UPDATE_TEMPORARIES]]);
  }
  // The input, and the one that is being uploaded.
  pool.keep(bytesOf(graph.layers[0].name), 2);
  for (const layer of graph.layers.slice(1)) {
    // A view of its input.
    if (layer.type === 'flatten') continue;
    const output = bytesOf(layer.name);
    pool.keep(output, 2);
    const input = bytesOf(layer.inputs[0]);
    // The gradients of a layer that several read are added up.
    if ((readers.get(layer.name) ?? 0) > 1) pool.lend([[output, 2]]);
    if (layer.type === 'conv2d') {
      const [height, width, channels] = shapes.get(layer.inputs[0])!;
      const [rows, columns, filters] = shapes.get(layer.name)!;
      const taps = layer.kernel ** 2;
      const under = batch * rows * columns * channels * FLOAT;
      const padded = batch * (height + layer.kernel - 1) * (width + layer.kernel - 1) * channels * FLOAT;
      const tiles = Math.ceil(filters / 32) * Math.ceil(channels / 32);
      const products = taps * Math.min(batch, Math.ceil(16 / tiles)) * channels * filters * FLOAT;
      pool.lend([
        [output, 2],
        ...(taps > 1 ? [[padded, 1] as const] : []),
        ...(channels < 16 ? [[under, taps], [under * taps, 2]] as const : [[under, Math.min(taps, TAPS_UNTIL_SUBMIT)]] as const),
        [products, 2],
      ]);
      if (taps > 1 && batch * Math.ceil((rows * columns) / 32) * Math.ceil(filters / 32) <= FEW_TILES) pool.lend([[under * taps, 1]]);
    } else {
      pool.lend([[output, layer.type === 'batchNorm' ? 5 : 2], [input, 1]]);
    }
  }
  return { peakBytes: pool.bytes, largestBytes: pool.largest };
}

/**
 * Refuses before the first step what the adapter cannot hold in one buffer.
 * @param predict the prediction at a batch.
 * @throws WinnowError 'gpu-memory' with the largest batch that fits, 'gpu-too-small' where none does.
 */
export function checkFits(arch: string, size: number, batch: number, adapter: AdapterInfo, predict: (batch: number) => MemoryPrediction): void {
  const fits = (at: number): boolean => predict(at).largestBytes <= adapter.maxBufferBytes;
  if (fits(batch)) return;
  let largest = 0;
  for (let step = 2 ** Math.floor(Math.log2(batch)); step >= 1; step = Math.floor(step / 2)) if (largest + step < batch && fits(largest + step)) largest += step;
  const limit = inMebibytes(adapter.maxBufferBytes);
  if (largest === 0) throw new WinnowError('gpu-too-small', { arch, size, needs: inMebibytes(predict(1).largestBytes), limit });
  throw new WinnowError('gpu-memory', { arch, size, batch, needs: inMebibytes(predict(batch).largestBytes), limit, fits: largest });
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
