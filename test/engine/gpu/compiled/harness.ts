import type { Kernel, Memory } from '../../../../src/engine/gpu/compiled/kernel.js';
import { Replay } from '../../../../src/engine/gpu/compiled/replay.js';
import { concatChannels, pixelsOf, plainChannels, unpackView, viewOf, type View } from '../../../../src/engine/gpu/compiled/views.js';
import type { Random } from '../../../../src/engine/support/random.js';

/** Random shapes a kernel is tried on: more in `npm run kernels` than in every test run. */
export const SHAPES = Number(import.meta.env.VITE_KERNEL_SHAPES ?? 25);

/** Shapes whose shaders compile at once. */
const AT_ONCE = 8;

/** Runs a check `count` times. What it draws at random it draws before it first waits, so that a seed gives the same shapes. */
export async function onShapes(count: number, check: () => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, check));
}

export async function requestGpu(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error('This browser offers no WebGPU.');
  const requiredFeatures = (['subgroups'] as const).filter((feature) => adapter.features.has(feature));
  return adapter.requestDevice({ requiredFeatures, requiredLimits: { maxStorageBuffersPerShaderStage: adapter.limits.maxStorageBuffersPerShaderStage } });
}

export const memory = (label: string, floats: number): Memory => ({ label, bytes: floats * 4, lasting: true });

/** A view of its own, or one time in three a slice of a concat with neighbours on both sides. */
export function randomView(random: Random, label: string, images: number, sides: readonly [number, number], channels: number): View {
  const own = plainChannels(channels);
  const neighbours = random.below(3) === 0 ? [plainChannels(1 + random.below(8)), plainChannels(1 + random.below(8))] : [];
  const all = neighbours.length === 0 ? own : concatChannels([neighbours[0], own, neighbours[1]]);
  const view = viewOf(memory(label, images * sides[0] * sides[1] * all.quads * 4), images, sides, all);
  return neighbours.length === 0 ? view : { ...view, first: neighbours[0].quads, channels: own };
}

/** What lies in memory where a view holds `data`: 7 in the neighbours, 0 in the padding. */
export function packView(view: View, data: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const { count, quads, places } = view.channels;
  const out = new Float32Array(view.memory.bytes / 4).fill(view.step === quads ? 0 : 7);
  for (let pixel = 0; pixel < pixelsOf(view); pixel++) {
    const base = (pixel * view.step + view.first) * 4;
    out.fill(0, base, base + quads * 4);
    for (let i = 0; i < count; i++) out[base + (places?.[i] ?? i)] = data[pixel * count + i];
  }
  return out;
}

/** Rows of `count` numbers, each padded to whole quads; every `group` rows padded to a whole number of quads of rows, too. */
export function packRows(data: ArrayLike<number>, count: number, group = 4): Float32Array<ArrayBuffer> {
  const rows = data.length / count;
  const groups = rows / group;
  const [length, padded] = [Math.ceil(count / 4) * 4, Math.ceil(group / 4) * 4];
  const out = new Float32Array(groups * padded * length);
  for (let row = 0; row < rows; row++) {
    const to = (Math.floor(row / group) * padded + (row % group)) * length;
    for (let i = 0; i < count; i++) out[to + i] = data[row * count + i];
  }
  return out;
}

/** The reverse of {@link packRows}. */
export function unpackRows(packed: Float32Array, rows: number, count: number, group = 4): Float32Array {
  const [length, padded] = [Math.ceil(count / 4) * 4, Math.ceil(group / 4) * 4];
  return Float32Array.from({ length: rows * count }, (_, at) => {
    const row = Math.floor(at / count);
    return packed[(Math.floor(row / group) * padded + (row % group)) * length + (at % count)];
  });
}

export interface Run {
  view(view: View): Float32Array;
  memory(memory: Memory): Float32Array;
}

/** Runs kernels one after the other from the given contents of memory (zeros where none are given). */
export async function run(gpu: GPUDevice, kernels: readonly Kernel[], contents: ReadonlyMap<Memory, ArrayBufferView<ArrayBuffer>>): Promise<Run> {
  const memories = [...new Set(kernels.flatMap((kernel) => kernel.bindings.map(({ region }) => region.memory)))];
  const replay = await Replay.make(gpu, memories, [], [kernels]);
  gpu.pushErrorScope('validation');
  for (const [where, data] of contents) if (memories.includes(where)) gpu.queue.writeBuffer(replay.buffer(where), 0, data);
  const staged = new Map<Memory, GPUBuffer>();
  replay.run(kernels, {
    after: (encoder) => {
      for (const one of memories) {
        const staging = gpu.createBuffer({ size: one.bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
        encoder.copyBufferToBuffer(replay.buffer(one), 0, staging, 0, one.bytes);
        staged.set(one, staging);
      }
    },
  });
  const error = await gpu.popErrorScope();
  if (error) throw new Error(error.message);
  const results = new Map<Memory, Float32Array>();
  for (const [one, staging] of staged) {
    await staging.mapAsync(GPUMapMode.READ);
    results.set(one, new Float32Array(staging.getMappedRange().slice(0)));
    staging.destroy();
  }
  replay.dispose();
  return { view: (view) => unpackView(view, results.get(view.memory)!), memory: (one) => results.get(one)! };
}

/** One of a list, at random. */
export const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)];

/** A convolution or pooling window that fits: sides up to 13, windows up to 5, strides to 3, both paddings, one to five channels as often as more. */
export function randomWindow(random: Random): { images: number; height: number; width: number; channels: number; filters: number; window: number; stride: number; padding: 'same' | 'valid' } {
  const window = 1 + random.below(5);
  const side = () => window + random.below(14 - window);
  const width = () => (random.below(2) === 0 ? 1 + random.below(5) : 1 + random.below(40));
  return { images: 1 + random.below(4), height: side(), width: side(), channels: width(), filters: width(), window, stride: 1 + random.below(3), padding: pick(random, ['same', 'valid'] as const) };
}
