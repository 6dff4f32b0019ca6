import * as tf from '@tensorflow/tfjs';
import { architectures, buildGraph } from '../../src/engine/architectures/index.js';
import { createCompiledEngine } from '../../src/engine/gpu/compiled/engine.js';
import { openDevice } from '../../src/engine/gpu/device.js';
import { noTraining } from '../../src/engine/gpu/index.js';
import { initialWeights } from '../../src/engine/graph/weights.js';
import { Purpose, Random } from '../../src/engine/support/random.js';
import type { AdapterInfo } from '../../src/engine/support/settings.js';
import type { SuiteOptions } from '../page.js';
import { geometricMean, summarise, timed } from '../step/measure.js';
import { layersModel } from '../step/stock.js';
import type { Timing } from '../step/types.js';

const CLASSES = 5;

export interface LatencyRow {
  readonly model: string;
  readonly size: number;
  /** Milliseconds from the photo's bytes to the probabilities in memory. */
  readonly ms: number;
  readonly tfjsMs: number;
  readonly speedupTfjs: number;
  readonly timings: { readonly ours: Timing; readonly tfjs: Timing };
  /** Largest difference of a probability: both have the same weights. */
  readonly apart: number;
}

export interface LatencyResult {
  readonly suite: 'latency';
  readonly created: string;
  readonly quick: boolean;
  readonly adapter: AdapterInfo;
  readonly rows: readonly LatencyRow[];
  readonly summary: { readonly geometricMeanTfjs: number; readonly leastTfjs: number };
}

/** One photo at batch 1 through every architecture, read back: the compiled engine against stock tfjs's `predict`, turn by turn. */
export async function runLatencySuite({ quick, report }: SuiteOptions): Promise<LatencyResult> {
  const device = await openDevice('webgpu');
  const { adapter } = device;
  const rows: LatencyRow[] = [];
  for (const { id, sides } of architectures) {
    const size = adapter.fallback ? Math.max(64, sides.least) : 224;
    const graph = buildGraph(id, { size, classes: CLASSES });
    const weights = initialWeights(graph, 1);
    const random = new Random(1, Purpose.sample);
    const pixels = Uint8Array.from({ length: size * size * 3 }, () => random.below(256));
    const engine = await createCompiledEngine({ graph, weights, batch: 1, optimizer: noTraining, loss: { labelSmoothing: 0, classWeights: null }, seed: 0 }, device);
    const peer = layersModel(graph);
    const values = new Map(weights.map(({ name, shape, data }) => [name, tf.tensor(data, [...shape])]));
    // Under the graph's names, which tfjs calls otherwise only where a kernel is depthwise.
    peer.setWeights(peer.weights.map(({ originalName }) => values.get(originalName.replace('depthwise_kernel', 'kernel')) ?? missing(originalName)));
    const stock = async (): Promise<Float32Array> => {
      const answer = tf.tidy(() => peer.predict(tf.div(tf.tensor4d(pixels, [1, size, size, 3], 'float32'), 255)) as tf.Tensor);
      const probabilities = (await answer.data()) as Float32Array;
      answer.dispose();
      return probabilities;
    };
    const [mine, theirs] = [await engine.predict(pixels, 1), await stock()];
    const times: { ours: number[]; tfjs: number[] } = { ours: [], tfjs: [] };
    for (let round = quick ? 5 : 25; round > 0; round--) {
      times.ours.push(await timed(async () => void (await engine.predict(pixels, 1))));
      times.tfjs.push(await timed(async () => void (await stock())));
    }
    const timings = { ours: summarise(times.ours), tfjs: summarise(times.tfjs) };
    const row: LatencyRow = {
      model: id, size,
      ms: timings.ours.median,
      tfjsMs: timings.tfjs.median,
      speedupTfjs: timings.tfjs.median / timings.ours.median,
      timings,
      apart: Math.max(...mine.map((value, i) => Math.abs(value - theirs[i]))),
    };
    rows.push(row);
    report(`${id}, ${size} x ${size}: ours ${row.ms.toFixed(1)} ms, tfjs ${row.tfjsMs.toFixed(1)} ms, ${row.apart.toExponential(1)} apart`);
    tf.dispose([...values.values()]);
    peer.dispose();
    engine.dispose();
  }
  device.close();
  const speedups = rows.map(({ speedupTfjs }) => speedupTfjs);
  return { suite: 'latency', created: new Date().toISOString(), quick, adapter, rows, summary: { geometricMeanTfjs: geometricMean(speedups), leastTfjs: Math.min(...speedups) } };
}

function missing(name: string): never {
  throw new Error(`no weight for ${name}`);
}
