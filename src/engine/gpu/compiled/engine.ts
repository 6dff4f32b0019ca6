import type { Weight } from '../../graph/types.js';
import { WinnowError } from '../../support/errors.js';
import type { AdapterInfo } from '../../support/settings.js';
import type { Device } from '../device.js';
import { taught, type EngineOptions, type FeatureMap, type OptimizerState, type PixelBatch, type StepSums, type TrainingEngine } from '../engine.js';
import type { MemoryPrediction } from '../memory.js';
import { adamAlpha, slotNames } from '../slots.js';
import { STEP_BYTES, type Memory, type Region } from './kernel.js';
import { makePlan, type Plan, type PlanOptions } from './plan.js';
import { Replay, type Progress } from './replay.js';
import { ASSUMED_RATES, type TileRates } from './tiles.js';
import { measureRates } from './tuning.js';
import { unpackView } from './views.js';
import { pack, unpack } from './weights.js';

export interface CompiledOptions extends EngineOptions {
  /** Of a run that is resumed: the tiles must be those that it began with, or it would not repeat bit for bit. Measured where absent. */
  readonly rates?: TileRates;
  /** Pipelines compiled, of all. */
  readonly progress?: Progress;
}

/** Steps that may wait on the GPU before the next is enqueued: one runs, one is ready. */
const STEPS_IN_FLIGHT = 2;
const NEVER = 0xffffffff;
/** What is read at once of what is large. */
const READ_BYTES = 2 ** 26;

/** GPU memory that an engine of these options will take, without taking any. */
export function predictCompiled(options: PlanOptions, rates: TileRates = ASSUMED_RATES): MemoryPrediction {
  const plan = makePlan(options, rates);
  return { peakBytes: plan.bytes, largestBytes: Math.max(...[...plan.lasting, ...plan.slots].map(({ bytes }) => bytes)) };
}

/**
 * {@link TrainingEngine} by a plan of our own kernels, on the device's WebGPU. Whether a plan fits is for the caller to
 * ask first ({@link predictCompiled}).
 * @throws 'gpu-missing' without WebGPU, 'gpu-failed' where the GPU refuses the plan.
 */
export async function createCompiledEngine(options: CompiledOptions, device: Device): Promise<CompiledEngine> {
  if (device.gpu === null) throw new WinnowError('gpu-missing', { backend: 'WebGPU' });
  const gpu = device.gpu.device;
  const rates = options.rates ?? (await measureRates(gpu, device.adapter));
  device.resetPeak();
  const plan = makePlan(options, rates);
  const replay = await Replay.make(gpu, plan.lasting, plan.slots, [plan.training, plan.inference], options.progress);
  try {
    return new CompiledEngine(device, gpu, options, rates, plan, replay);
  } catch (error) {
    replay.dispose();
    throw error;
  }
}

export class CompiledEngine implements TrainingEngine {
  readonly path = 'compiled';
  readonly adapter: AdapterInfo;
  private learningRate: number;
  private stepNumber = 0;
  private inFlight: Promise<void>[] = [];
  private disposed = false;

  constructor(
    private readonly device: Device,
    private readonly gpu: GPUDevice,
    private readonly options: EngineOptions,
    /** What the tiles were chosen by: to be stored with the run. */
    readonly rates: TileRates,
    private readonly plan: Plan,
    private readonly replay: Replay,
  ) {
    this.adapter = device.adapter;
    this.learningRate = options.optimizer.learningRate;
    this.gpu.queue.writeBuffer(this.buffer(plan.memories.flags), 0, new Uint32Array([NEVER]));
    this.writeWeights(options.weights);
  }

  /** Dispatches of one training step. */
  get dispatches(): number {
    return this.replay.dispatches(this.plan.training);
  }

  /** Kernels of a training step in order: what it does, how much, and how long that should take. */
  get kernels(): Plan['training'] {
    return this.plan.training;
  }

  /** Milliseconds of each of {@link kernels}, run alone, the fastest of some rounds. Leaves the weights in an undefined state. */
  async timeKernels(rounds: number): Promise<number[]> {
    const best = this.plan.training.map(() => Infinity);
    for (let round = 0; round < rounds; round++) {
      for (const index of best.keys()) best[index] = Math.min(best[index], await this.timeKernel(index, 1));
    }
    return best;
  }

  /** Milliseconds that `repeats` of one of {@link kernels} take one after the other. Leaves the weights in an undefined state. */
  async timeKernel(index: number, repeats: number): Promise<number> {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) this.replay.run(this.plan.training, { only: index });
    await this.settled();
    return performance.now() - start;
  }

  memory(): { bytes: number; peakBytes: number } {
    return this.device.memory();
  }

  async step(batch: PixelBatch): Promise<void> {
    this.check();
    if (batch.size === 0) return;
    this.stepNumber++;
    this.uploadBatch(batch);
    this.device.flush();
    this.replay.run(this.plan.training);
    const done = this.settled();
    // A failure is thrown by whoever awaits it, or by the next check.
    done.catch(() => undefined);
    this.inFlight.push(done);
    if (this.inFlight.length >= STEPS_IN_FLIGHT) await this.inFlight.shift();
  }

  async firstNotFinite(batch: PixelBatch): Promise<string | null> {
    this.check();
    this.uploadBatch(batch);
    this.device.flush();
    for (const [only, { label, bindings }] of this.plan.training.entries()) {
      if (label === this.options.optimizer.kind) break;
      this.replay.run(this.plan.training, { only });
      for (const { access, type, region } of bindings) {
        if (access === 'write' && (type === 'vec4f' || type === 'f32') && !(await this.isFinite(region))) return label;
      }
    }
    return null;
  }

  private async isFinite({ memory, offset, bytes }: Region): Promise<boolean> {
    for await (const piece of this.pieces(memory, offset, bytes)) if (!new Float32Array(piece).every(Number.isFinite)) return false;
    return true;
  }

  /** A stretch of a memory by and by: a copy of it all would take as much GPU memory again. */
  private async *pieces(memory: Memory, offset: number, bytes: number): AsyncGenerator<ArrayBuffer, void, undefined> {
    for (let first = 0; first < bytes; first += READ_BYTES) {
      const size = Math.min(READ_BYTES, bytes - first);
      const encoder = this.gpu.createCommandEncoder();
      const staging = this.gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      encoder.copyBufferToBuffer(this.buffer(memory), offset + first, staging, 0, size);
      this.gpu.queue.submit([encoder.finish()]);
      yield (await this.take([staging]))[0];
    }
  }

  private async settled(): Promise<void> {
    await this.gpu.queue.onSubmittedWorkDone();
    this.device.check();
  }

  /** @param given of at least `size` images. */
  private upload(given: Uint8Array<ArrayBuffer>, size: number): void {
    const { memories } = this.plan;
    const [height, width, channels] = this.options.graph.input;
    const pixels = given.subarray(0, size * height * width * channels);
    const whole = pixels.length & ~3;
    this.gpu.queue.writeBuffer(this.buffer(memories.pixels), 0, pixels, 0, whole);
    if (whole < pixels.length) {
      const rest = new Uint8Array(4);
      rest.set(pixels.subarray(whole));
      this.gpu.queue.writeBuffer(this.buffer(memories.pixels), whole, rest);
    }
    const numbers = new ArrayBuffer(STEP_BYTES);
    const { kind } = this.options.optimizer;
    new Uint32Array(numbers, 0, 2).set([size, this.stepNumber]);
    new Float32Array(numbers, 8, 2).set([
      kind === 'sgd' ? this.learningRate : adamAlpha(this.learningRate, Math.max(1, this.stepNumber)),
      this.options.optimizer.kind === 'adamw' ? this.learningRate * this.options.optimizer.weightDecay : 0,
    ]);
    this.gpu.queue.writeBuffer(this.buffer(memories.stepNumbers), 0, numbers);
  }

  private uploadBatch(batch: PixelBatch): void {
    this.upload(batch.pixels, batch.size);
    this.uploadLabels(batch.labels);
    if (this.options.loss.distillation) this.gpu.queue.writeBuffer(this.buffer(this.plan.memories.targets), 0, taught(batch, this.options.graph.classes));
  }

  private uploadLabels(labels: Uint16Array): void {
    const entries = new Uint32Array(labels.length * 2);
    const weights = new Float32Array(entries.buffer);
    const { classWeights } = this.options.loss;
    labels.forEach((label, image) => {
      entries[image * 2] = label;
      weights[image * 2 + 1] = classWeights?.[label] ?? 1;
    });
    this.gpu.queue.writeBuffer(this.buffer(this.plan.memories.labels), 0, entries);
  }

  takeSums(): Promise<StepSums> {
    return this.readSums((encoder) => encoder.clearBuffer(this.buffer(this.plan.memories.sums), 0, 12));
  }

  async readSums(after?: (encoder: GPUCommandEncoder) => void): Promise<StepSums> {
    this.check();
    const { sums, flags } = this.plan.memories;
    const [totals, bad] = await this.read([[sums, 12], [flags, 4]], after);
    const [loss, correct, images] = new Float32Array(totals);
    const first = new Uint32Array(bad)[0];
    return { images, loss, correct, firstBadStep: first === NEVER ? null : first };
  }

  async predict(pixels: Uint8Array<ArrayBuffer>, size: number): Promise<Float32Array<ArrayBuffer>> {
    const { graph, batch } = this.options;
    // The inference program computes a whole batch, however few photos are in it.
    if (size === 1 && batch > 1) return (await this.featureMaps(pixels, [graph.layers.at(-1)!.name]))[0].data;
    const bytes = graph.input[0] * graph.input[1] * graph.input[2];
    const { probabilities } = this.plan;
    const chunks: Promise<Float32Array>[] = [];
    for (let first = 0; first < size; first += batch) {
      this.check();
      const count = Math.min(batch, size - first);
      this.upload(pixels.subarray(first * bytes, (first + count) * bytes), count);
      chunks.push(this.copyAfter(this.plan.inference, [probabilities.memory]).then(([data]) => unpackView(probabilities, data, count)));
      if (chunks.length >= STEPS_IN_FLIGHT) await chunks.at(-STEPS_IN_FLIGHT);
    }
    const all = new Float32Array(size * graph.classes);
    for (const [index, chunk] of (await Promise.all(chunks)).entries()) all.set(chunk, index * batch * graph.classes);
    return all;
  }

  async featureMaps(pixels: Uint8Array<ArrayBuffer>, layers?: readonly string[]): Promise<FeatureMap[]> {
    this.check();
    const names = layers ?? [...this.plan.features.keys()];
    const views = names.map((name) => this.plan.features.get(name)!);
    const memories = [...new Set(views.map((view) => view.memory))];
    await this.replay.compile([this.plan.maps]);
    this.upload(pixels, 1);
    const copies = await this.copyAfter(this.plan.maps, memories);
    return names.map((layer, index) => {
      const view = views[index];
      return { layer, shape: this.plan.shapes.get(layer)!, data: unpackView(view, copies[memories.indexOf(view.memory)]) };
    });
  }

  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }

  async readWeights(): Promise<Weight[]> {
    this.check();
    const { memories, arenas } = this.plan;
    const names = [...new Set(arenas.places.map(({ arena }) => arena))];
    const floats = await this.readFloats(names.map((name) => [memories[name], arenas.lengths[name] * 4]));
    return arenas.places.map((place) => ({ name: place.spec.name, shape: place.spec.shape, data: unpack(place, floats[names.indexOf(place.arena)]) }));
  }

  writeWeights(weights: readonly Weight[]): void {
    this.check();
    const given = new Map(weights.map((weight) => [weight.name, weight]));
    for (const place of this.plan.arenas.places) {
      const weight = given.get(place.spec.name);
      if (weight) this.gpu.queue.writeBuffer(this.buffer(this.plan.memories[place.arena]), place.offset * 4, pack(place, weight));
    }
  }

  async readOptimizer(): Promise<OptimizerState> {
    this.check();
    const { memories, arenas } = this.plan;
    const step = this.stepNumber;
    const copies = await this.readFloats(memories.slots.map((slot) => [slot, slot.bytes]));
    const names = slotNames(this.options.optimizer.kind);
    const slots = arenas.places.filter(({ arena }) => arena === 'learning').flatMap((place) =>
      names.map((name, index): Weight => ({ name: `${place.spec.name}/${name}`, shape: place.spec.shape, data: unpack(place, copies[index]) })),
    );
    return { step, slots };
  }

  writeOptimizer(state: OptimizerState): void {
    this.check();
    this.stepNumber = state.step;
    const given = new Map(state.slots.map((slot) => [slot.name, slot]));
    for (const place of this.plan.arenas.places) {
      for (const [index, name] of slotNames(this.options.optimizer.kind).entries()) {
        const slot = given.get(`${place.spec.name}/${name}`);
        if (slot) this.gpu.queue.writeBuffer(this.buffer(this.plan.memories.slots[index]), place.offset * 4, pack(place, slot));
      }
    }
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.replay.dispose();
  }

  private buffer(memory: Memory): GPUBuffer {
    return this.replay.buffer(memory);
  }

  private async readFloats(parts: readonly (readonly [Memory, bytes: number])[]): Promise<Float32Array[]> {
    if (parts.reduce((sum, [, bytes]) => sum + bytes, 0) <= READ_BYTES) return (await this.read(parts)).map((copy) => new Float32Array(copy));
    const copies: Float32Array[] = [];
    for (const [memory, bytes] of parts) {
      const copy = new Uint8Array(bytes);
      let filled = 0;
      for await (const piece of this.pieces(memory, 0, bytes)) {
        copy.set(new Uint8Array(piece), filled);
        filled += piece.byteLength;
      }
      copies.push(new Float32Array(copy.buffer));
    }
    return copies;
  }

  /** Copies memories as they are after all that was submitted; the queue goes on meanwhile. */
  private async read(parts: readonly (readonly [Memory, bytes: number])[], after?: (encoder: GPUCommandEncoder) => void): Promise<ArrayBuffer[]> {
    const encoder = this.gpu.createCommandEncoder();
    const staged = this.stage(encoder, parts);
    after?.(encoder);
    this.gpu.queue.submit([encoder.finish()]);
    return this.take(staged);
  }

  private async copyAfter(program: Plan['training'], memories: readonly Memory[]): Promise<Float32Array[]> {
    let staged: GPUBuffer[] = [];
    this.device.flush();
    this.replay.run(program, {
      after: (encoder) => {
        staged = this.stage(encoder, memories.map((memory) => [memory, memory.bytes]));
      },
    });
    return (await this.take(staged)).map((copy) => new Float32Array(copy));
  }

  private stage(encoder: GPUCommandEncoder, parts: readonly (readonly [Memory, bytes: number])[]): GPUBuffer[] {
    return parts.map(([memory, size]) => {
      const staging = this.gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      encoder.copyBufferToBuffer(this.buffer(memory), 0, staging, 0, size);
      return staging;
    });
  }

  private async take(staged: readonly GPUBuffer[]): Promise<ArrayBuffer[]> {
    try {
      await Promise.all(staged.map((buffer) => buffer.mapAsync(GPUMapMode.READ)));
      this.device.check();
      return staged.map((buffer) => buffer.getMappedRange().slice(0));
    } catch (error) {
      this.device.check();
      throw error;
    } finally {
      for (const buffer of staged) buffer.destroy();
    }
  }

  private check(): void {
    if (this.disposed) throw new Error('The engine is disposed.');
    this.device.check();
  }
}
