import { buildGraph } from '../../src/engine/architectures/index.js';
import { openDevice, type Device } from '../../src/engine/gpu/device.js';
import type { PixelBatch } from '../../src/engine/gpu/engine.js';
import { Purpose, Random } from '../../src/engine/support/random.js';
import { median } from '../../src/engine/training/clock.js';
import type { SuiteOptions } from '../page.js';
import { copyBandwidth, plainProduct, tileRates } from './ceiling.js';
import { jax } from './jax.js';
import { executedFlops, timeKernels, type KernelTimes } from './kernel-times.js';
import { countDispatches, exponent, geometricMean, interleave, summarise, timed, yardsticksOf } from './measure.js';
import { ours } from './ours.js';
import { stock } from './stock.js';
import type { Case, Ceiling, Memory, Row, Scaling, StepResult, Subject } from './types.js';

const CLASSES = 5;
const LISTED_KERNELS = 12;

/** A row before the ceiling is known. */
interface Measured {
  readonly row: Omit<Row, 'ceilingShare' | 'executedShare' | 'shareOfSingle'>;
  /** Of the step's matrix FLOPs. */
  readonly yardsticks: number;
  readonly times: KernelTimes;
}

/** 64 x 64, batch 8, on a software adapter; what a step of stock tfjs takes there decides the smaller ones. */
function casesOf(slow: boolean, quick: boolean): Case[] {
  const at = (model: string, size: number, batch: number): Case => ({ model, size: slow ? size : 224, batch: slow ? (quick ? Math.min(batch, 4) : batch) : 32, jax: model.startsWith('cnn') });
  return [at('cnn-light', 64, 8), at('cnn', 64, 8), at('googlenet', 64, 4), at('mobilenet', 64, 4), at('vgg16-gap', 32, 2)];
}

function batchOf(size: number, count: number): PixelBatch {
  const random = new Random(1, Purpose.sample);
  return { size: count, pixels: Uint8Array.from({ length: count * size * size * 3 }, () => random.below(256)), labels: Uint16Array.from({ length: count }, () => random.below(CLASSES)) };
}

/** The training step against stock tfjs, jax-js and the adapter's own ceiling, in one browser. */
export async function runStepSuite({ quick, report }: SuiteOptions): Promise<StepResult> {
  const probe = await openDevice('webgpu');
  const { adapter } = probe;
  const { device } = probe.gpu!;
  report(`${adapter.description}: the tiles`);
  const tiles = await tileRates(device, adapter.fallback);
  const gbps = await copyBandwidth(device);
  probe.close();
  const measured: Measured[] = [];
  for (const one of casesOf(adapter.fallback, quick)) {
    report(`${one.model}, ${one.size} x ${one.size}, batch ${one.batch}`);
    measured.push(await runCase(one, quick, adapter.fallback, report));
  }
  const ceiling = { ...ceilingOf(tiles, measured), gbps };
  const rows = measured.map(({ row, yardsticks }) => {
    const ceilingShare = yardsticks / ceiling.candidates[ceiling.by];
    return { ...row, ceilingShare, executedShare: (ceilingShare * row.executedFlops) / row.matrixFlops, shareOfSingle: row.matrixFlops / row.ms / 1e6 / ceiling.singleGflops };
  });
  const scaling: Scaling[] = [];
  for (const model of ['cnn-light', 'cnn']) scaling.push(await scale(model, quick, report));
  const memory = [await memoryOf('cnn', 224, 4, report)];
  const speedups = rows.map((row) => row.speedupTfjs);
  return {
    suite: 'step',
    created: new Date().toISOString(),
    quick,
    adapter,
    ceiling,
    rows,
    memory,
    scaling,
    summary: { geometricMeanTfjs: geometricMean(speedups), leastTfjs: Math.min(...speedups), leastJax: Math.min(...rows.flatMap((row) => row.speedupJax ?? [])) },
  };
}

/** The fastest of all kernels, each judged by the yardstick beside it. */
function ceilingOf(tiles: Readonly<Record<string, number>>, measured: readonly Measured[]): Omit<Ceiling, 'gbps'> {
  const candidates: Record<string, number> = { 'plain product': 1, ...tiles };
  const rates: number[] = [];
  for (const { row, times } of measured) {
    for (const { gflops } of times.kernels) if (gflops !== null) rates.push(gflops);
    for (const [kernel, yardsticks] of Object.entries(times.fastest)) candidates[`${row.model} ${kernel}`] = yardsticks;
  }
  const unit = median(measured.map(({ row }) => row.yardstickGflops));
  const [by, highest] = Object.entries(candidates).reduce((best, one) => (one[1] > best[1] ? one : best));
  return { gflops: highest * unit, singleGflops: Math.max(...rates), by, candidates };
}

async function runCase({ model, size, batch, jax: withJax }: Case, quick: boolean, slow: boolean, report: (line: string) => void): Promise<Measured> {
  const graph = buildGraph(model, { size, classes: CLASSES });
  const pixels = batchOf(size, batch);
  // A device for each, so that a buffer of one is not counted for another; the adapter is one.
  const { bytes: tfjsGpuBytes, dispatches: tfjsDispatches } = await stockUse(graph, pixels, quick, report);
  const device = await openDevice('webgpu');
  const mine = await ours(graph, pixels, device);
  const gpuBytes = device.memory().peakBytes;
  const yardstick = await plainProduct(device.gpu!.device);
  const first = await timed(() => mine.step());
  const second = await timed(() => mine.step());
  const dispatches = await countDispatches(() => mine.step());
  report(`  compiled in ${(mine.compileMs / 1000).toFixed(1)} s, ${dispatches} dispatches, step ${second.toFixed(0)} ms`);
  const peer = stock(graph, pixels);
  const third = withJax ? await jax(graph, pixels) : null;
  let jaxDispatches: number | null = null;
  if (third) {
    await third.step();
    jaxDispatches = await countDispatches(() => third.step());
  }
  const peers = quick || slow ? 1 : 10;
  const steps = quick ? 7 : 15;
  const times = await interleave([
    { subject: mine, warm: 1, steps },
    { subject: yardstick, warm: 1, steps },
    { subject: peer, warm: 1, steps: quick ? 1 : Math.max(3, peers) },
    ...(third ? [{ subject: third, warm: 0, steps: quick ? 1 : Math.max(5, peers) }] : []),
  ]);
  const timing = (subject: Subject) => summarise(times.get(subject)!);
  const timings = { ours: timing(mine), tfjs: timing(peer), jax: third ? timing(third) : null };
  const scriptMs = median(mine.scriptMs.slice(1));
  third?.dispose();
  peer.dispose();
  const kernelTimes = await timeKernels(mine.engine, quick ? 5 : 9, yardstick);
  const matrixFlops = mine.engine.kernels.reduce((sum, kernel) => sum + kernel.flops, 0);
  const row = {
    model, size, batch,
    ms: timings.ours.median,
    tfjsMs: timings.tfjs.median,
    jaxMs: timings.jax?.median ?? null,
    speedupTfjs: timings.tfjs.median / timings.ours.median,
    speedupJax: timings.jax ? timings.jax.median / timings.ours.median : null,
    dispatches, tfjsDispatches, jaxDispatches,
    gpuBytes, predictedBytes: mine.predictedBytes, tfjsGpuBytes,
    scriptMs,
    compileMs: mine.compileMs,
    firstStep: first / second,
    timings,
    yardstickGflops: yardstick.flops / timing(yardstick).median / 1e6,
    kernels: kernelTimes.kernels.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, LISTED_KERNELS),
    matrixFlops,
    executedFlops: mine.engine.kernels.reduce((sum, kernel) => sum + executedFlops(kernel), 0),
    kernelsMs: kernelTimes.kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0),
  };
  yardstick.dispose();
  mine.dispose();
  device.close();
  report(`  ours ${row.ms.toFixed(0)} ms, tfjs ${row.tfjsMs.toFixed(0)} ms${row.jaxMs === null ? '' : `, jax-js ${row.jaxMs.toFixed(0)} ms`}`);
  return { row, times: kernelTimes, yardsticks: yardsticksOf(matrixFlops, times.get(mine)!, yardstick, times.get(yardstick)!) };
}

/** GPU memory and dispatches of a stock step. */
async function stockUse(graph: ReturnType<typeof buildGraph>, pixels: PixelBatch, quick: boolean, report: (line: string) => void): Promise<{ bytes: number; dispatches: number }> {
  const device: Device = await openDevice('webgpu');
  const peer = stock(graph, pixels);
  device.resetPeak();
  let dispatches = await countDispatches(() => peer.step());
  // The first step also makes the optimiser's slots; a quick run takes it as it is.
  if (!quick) dispatches = await countDispatches(() => peer.step());
  const bytes = device.memory().peakBytes;
  report(`  tfjs: ${dispatches} dispatches, ${Math.round(bytes / 2 ** 20)} MB`);
  peer.dispose();
  device.close();
  return { bytes, dispatches };
}

async function scale(model: string, quick: boolean, report: (line: string) => void): Promise<Scaling> {
  const size = 32;
  const batches = [8, 16, 32];
  const device = await openDevice('webgpu');
  const subjects: Subject[] = [];
  for (const batch of batches) subjects.push(await ours(buildGraph(model, { size, classes: CLASSES }), batchOf(size, batch), device));
  const times = await interleave(subjects.map((subject) => ({ subject, warm: 1, steps: quick ? 5 : 15 })));
  const ms = subjects.map((subject) => median(times.get(subject)!));
  for (const subject of subjects) subject.dispose();
  device.close();
  report(`${model} at batch ${batches.join(', ')}: ${ms.map((value) => value.toFixed(1)).join(', ')} ms`);
  return { model, size, batches, ms, exponent: exponent(batches, ms) };
}

async function memoryOf(model: string, size: number, batch: number, report: (line: string) => void): Promise<Memory> {
  report(`${model}, ${size} x ${size}, batch ${batch}: memory`);
  const graph = buildGraph(model, { size, classes: CLASSES });
  const pixels = batchOf(size, batch);
  const { bytes } = await stockUse(graph, pixels, true, report);
  const device = await openDevice('webgpu');
  const mine = await ours(graph, pixels, device);
  await mine.step();
  const { peakBytes } = device.memory();
  mine.dispose();
  device.close();
  return { model, size, batch, gpuBytes: peakBytes, predictedBytes: mine.predictedBytes, tfjsGpuBytes: bytes };
}
