import { buildRunGraph } from '../architectures/index.js';
import type { PixelBatch } from '../gpu/engine.js';
import { canCompile, checkFits, choosePath, createEngine, predictTraining, type Device, type EnginePath } from '../gpu/index.js';
import type { LayerGraph } from '../graph/types.js';
import { initialWeights } from '../graph/weights.js';
import { WinnowError } from '../support/errors.js';
import { pcg4d, Purpose } from '../support/random.js';
import type { AdapterInfo, RunSettings } from '../support/settings.js';
import type { RunControl } from './control.js';

/** What a network takes on a device, the wait for photos not included. Milliseconds, warm. */
export interface Speed {
  /** A training step of one batch. */
  readonly stepMs: number;
  /** The prediction of one batch. */
  readonly predictMs: number;
}

/** So long is timed, and at least and at most so many steps. */
const TIMED_MS = 600;
const FEWEST_STEPS = 2;
const MOST_STEPS = 24;

/**
 * Peak bytes of GPU memory that a run of these settings will take, without a device and without allocating any.
 * @returns null where WebGPU does not compute: what WebGL and the processor hold is not known beforehand.
 * @throws as buildRunGraph.
 */
export function predictMemory(settings: RunSettings, classes: number, adapter: AdapterInfo): number | null {
  if (adapter.backend !== 'webgpu') return null;
  const graph = buildRunGraph(settings, classes);
  return predict(settings.engine !== 'reference' && canCompile(graph) ? 'compiled' : 'reference', graph, settings, settings.batch).peakBytes;
}

/**
 * Times a few training steps and predictions on made-up photos: what they show changes no time.
 * @throws 'cancelled' where `control` is stopped; 'gpu-memory' or 'gpu-too-small' as a run would; as buildRunGraph.
 */
export async function measureSpeed(device: Device, settings: RunSettings, classes: number, control: RunControl): Promise<Speed> {
  const { arch, size, batch, optimizer, seed } = settings;
  const graph = buildRunGraph(settings, classes);
  const path = choosePath(settings.engine, device, graph);
  checkFits(arch, size, batch, device.adapter, (at) => predict(path, graph, settings, at));
  const engine = await createEngine(path, device, { graph, weights: initialWeights(graph, seed), batch, optimizer, loss: equalLoss(settings), seed });
  try {
    const photos = madeUp(settings, classes);
    const steps = async (count: number): Promise<number> => {
      const from = performance.now();
      for (let step = 0; step < count; step++) {
        if (control.stopping) throw new WinnowError('cancelled', {});
        await engine.step(photos);
      }
      await engine.takeSums();
      return (performance.now() - from) / count;
    };
    await steps(1);
    const once = await steps(1);
    const stepMs = await steps(Math.round(Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, TIMED_MS / once))));
    await engine.predict(photos.pixels, batch);
    const from = performance.now();
    for (let time = 0; time < FEWEST_STEPS; time++) await engine.predict(photos.pixels, batch);
    return { stepMs, predictMs: (performance.now() - from) / FEWEST_STEPS };
  } finally {
    engine.dispose();
  }
}

function predict(path: EnginePath, graph: LayerGraph, settings: RunSettings, batch: number) {
  return predictTraining(path, { graph, batch, optimizer: settings.optimizer, loss: equalLoss(settings), seed: settings.seed });
}

/** Weights of classes are known only with the split, and cost nothing. */
function equalLoss({ loss }: RunSettings) {
  return { labelSmoothing: loss.labelSmoothing, classWeights: null };
}

function madeUp({ size, batch }: RunSettings, classes: number): PixelBatch {
  const words = new Uint32Array(Math.ceil((batch * size * size * 3) / 4));
  for (let at = 0; at < words.length; at += 4) words.set(pcg4d(Purpose.sample, 0, 0, at).slice(0, words.length - at), at);
  return { pixels: new Uint8Array(words.buffer, 0, batch * size * size * 3), labels: Uint16Array.from({ length: batch }, (_, image) => image % classes), size: batch };
}
