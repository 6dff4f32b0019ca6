import { STEP_BYTES, type Memory } from '../gpu/compiled/kernel.js';
import { Replay } from '../gpu/compiled/replay.js';
import { unpackView } from '../gpu/compiled/views.js';
import { pack } from '../gpu/compiled/weights.js';
import { WinnowError } from '../support/errors.js';
import { planInference, type InferencePlan, type Program } from './plan.js';
import { ratesOf } from './rates.js';
import type { InferenceModel, Runtime } from './runtime.js';

const RAISED_LIMITS = ['maxBufferSize', 'maxStorageBufferBindingSize'] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Batches that may wait on the GPU before another is enqueued. */
const IN_FLIGHT = 2;

/** The compiled plan's forward half, replayed on a device of its own. */
export class WebGpuRuntime implements Runtime {
  readonly kind = 'webgpu';
  readonly adapter: string;
  private failure: WinnowError | null = null;
  private disposed = false;

  private constructor(
    private readonly device: GPUDevice,
    { description, vendor, architecture }: GPUAdapterInfo,
    private readonly model: InferenceModel,
    private readonly plan: InferencePlan,
    private readonly replay: Replay,
  ) {
    this.adapter = description || [vendor, architecture].filter(Boolean).join(' ') || 'WebGPU';
    void device.lost.then((info) => (this.failure ??= new WinnowError('gpu-lost', { why: info.message || info.reason })));
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.failure ??= new WinnowError('gpu-failed', { why: event.error.message });
    });
    const weights = new Map(model.weights.map((weight) => [weight.name, weight]));
    for (const place of plan.arenas.places) {
      const weight = weights.get(place.spec.name);
      if (!weight) throw new WinnowError('model-broken', { source: 'The model', why: `the weight ${place.spec.name} is missing` });
      device.queue.writeBuffer(this.buffer(plan.memories[place.arena]), place.offset * 4, pack(place, weight));
    }
  }

  /** @throws 'gpu-missing', 'gpu-failed', 'model-broken'. */
  static async open(model: InferenceModel, batch: number): Promise<WebGpuRuntime> {
    const adapter = 'gpu' in navigator ? await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null) : null;
    if (adapter === null) throw new WinnowError('gpu-missing', { backend: 'WebGPU' });
    const device = await adapter.requestDevice({
      requiredFeatures: (['subgroups'] as const).filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(RAISED_LIMITS.map((limit) => [limit, adapter.limits[limit]])),
    });
    try {
      const plan = planInference(model.graph, batch, ratesOf(device, adapter.info));
      // The batch's pipelines wait until a batch is given.
      const replay = await Replay.make(device, plan.lasting, plan.slots, [plan.one.kernels]);
      return new WebGpuRuntime(device, adapter.info, model, plan, replay);
    } catch (error) {
      device.destroy();
      throw error;
    }
  }

  async predict(pixels: Uint8Array<ArrayBuffer>, count: number): Promise<Float32Array<ArrayBuffer>> {
    const { graph } = this.model;
    const bytes = graph.input[0] * graph.input[1] * graph.input[2];
    const { one, many } = this.plan;
    const program = count === 1 ? one : many;
    await this.replay.compile([program.kernels]);
    const chunks: Promise<Float32Array>[] = [];
    for (let first = 0; first < count; first += program.images) {
      const size = Math.min(program.images, count - first);
      chunks.push(this.run(program, pixels.subarray(first * bytes, (first + size) * bytes), size));
      if (chunks.length >= IN_FLIGHT) await chunks.at(-IN_FLIGHT);
    }
    const all = new Float32Array(count * graph.classes);
    for (const [index, chunk] of (await Promise.all(chunks)).entries()) all.set(chunk, index * program.images * graph.classes);
    return all;
  }

  /** All is handed to the queue before the first wait, so calls may overlap. */
  private async run(program: Program, pixels: Uint8Array<ArrayBuffer>, size: number): Promise<Float32Array> {
    this.check();
    const { memories } = this.plan;
    const { queue } = this.device;
    // A write is of whole words.
    const padded = new Uint8Array(Math.ceil(pixels.length / 4) * 4);
    padded.set(pixels);
    queue.writeBuffer(this.buffer(memories.pixels), 0, padded);
    const step = new Uint32Array(STEP_BYTES / 4);
    step[0] = size;
    queue.writeBuffer(this.buffer(memories.step), 0, step);
    const { memory } = program.probabilities;
    const staging = this.device.createBuffer({ size: memory.bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      this.replay.run(program.kernels, { after: (encoder) => encoder.copyBufferToBuffer(this.buffer(memory), 0, staging, 0, memory.bytes) });
      await staging.mapAsync(GPUMapMode.READ);
      this.check();
      return unpackView(program.probabilities, new Float32Array(staging.getMappedRange().slice(0)), size);
    } catch (error) {
      this.check();
      throw error;
    } finally {
      staging.destroy();
    }
  }

  private buffer(memory: Memory): GPUBuffer {
    return this.replay.buffer(memory);
  }

  private check(): void {
    if (this.disposed) throw new Error('The runtime is disposed.');
    if (this.failure !== null) throw this.failure;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.replay.dispose();
    this.device.destroy();
  }
}
