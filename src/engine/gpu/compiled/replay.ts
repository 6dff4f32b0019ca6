import { WinnowError } from '../../support/errors.js';
import { dispatchSize, shader, type Kernel, type Memory } from './kernel.js';
import type { Slot } from './memory-planner.js';

/** The longest that one dispatch may take by prediction, so that no GPU's watchdog barks. */
export const MOST_MILLISECONDS = 200;
/** Predicted work after which a command buffer is handed over: the GPU is shared with the page. */
const SUBMIT_MILLISECONDS = 1000;

interface Dispatch {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly columns: number;
  readonly rows: number;
  readonly milliseconds: number;
}

export type Progress = (done: number, of: number) => void;

interface Compiled {
  /** By their shader. */
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  /** By the types of their bindings. */
  readonly layouts: Map<string, GPUBindGroupLayout>;
}

/** What is compiled stays as long as its device: engines that follow each other on one share it. */
const compiled = new WeakMap<GPUDevice, Compiled>();

/** A plan's buffers, pipelines and bind groups: all that a step needs, made once. */
export class Replay {
  private readonly buffers = new Map<Memory, GPUBuffer>();
  private readonly owned: GPUBuffer[] = [];
  private readonly programs = new Map<readonly Kernel[], readonly Dispatch[]>();
  private readonly compiled: Compiled;

  private constructor(private readonly device: GPUDevice) {
    this.compiled = compiled.get(device) ?? { pipelines: new Map(), layouts: new Map() };
    compiled.set(device, this.compiled);
  }

  /**
   * Allocates and compiles. Pipelines are made in parallel, one for each shader that the device has not compiled yet.
   * @param progress of those, how many are ready.
   * @throws 'gpu-failed' where memory, a shader or a binding is refused.
   */
  static async make(device: GPUDevice, lasting: readonly Memory[], slots: readonly Slot[], programs: readonly (readonly Kernel[])[], progress?: Progress): Promise<Replay> {
    const replay = new Replay(device);
    try {
      await replay.guarded(() => replay.allocate(lasting, slots));
      await replay.compile(programs, progress);
      return replay;
    } catch (error) {
      replay.dispose();
      throw error;
    }
  }

  private async guarded(work: () => void): Promise<void> {
    this.device.pushErrorScope('validation');
    this.device.pushErrorScope('out-of-memory');
    work();
    const [memory, invalid] = await Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]);
    const error = memory ?? invalid;
    if (error) throw new WinnowError('gpu-failed', { why: error.message });
  }

  private allocate(lasting: readonly Memory[], slots: readonly Slot[]): void {
    const make = (label: string, size: number): GPUBuffer => {
      const buffer = this.device.createBuffer({ label, size, usage: (label === 'step' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE) | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
      this.owned.push(buffer);
      return buffer;
    };
    for (const memory of lasting) this.buffers.set(memory, make(memory.label, memory.bytes));
    for (const slot of slots) {
      const buffer = make('activations', slot.bytes);
      for (const memory of slot.memories) this.buffers.set(memory, buffer);
    }
  }

  /** Makes programs ready to {@link run}; those that are already cost nothing. */
  async compile(wantedPrograms: readonly (readonly Kernel[])[], progress?: Progress): Promise<void> {
    const programs = wantedPrograms.filter((program) => !this.programs.has(program));
    const { pipelines, layouts } = this.compiled;
    let [done, of] = [0, 0];
    const pipelineOf = (kernel: Kernel, part: number | undefined): { pipeline: Promise<GPUComputePipeline>; layout: GPUBindGroupLayout } => {
      const types: GPUBufferBindingType[] = kernel.bindings.map(({ access }) => (access === 'uniform' ? 'uniform' : access === 'read' ? 'read-only-storage' : 'storage'));
      if (part !== undefined) types.push('uniform');
      const key = types.join();
      const layout = layouts.get(key) ?? this.device.createBindGroupLayout({ entries: types.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })) });
      layouts.set(key, layout);
      const code = shader(kernel, part);
      const known = pipelines.get(code);
      if (known) return { pipeline: known, layout };
      of++;
      const pipeline = this.pipeline(kernel.label, code, layout).then((made) => {
        progress?.(++done, of);
        return made;
      });
      pipelines.set(code, pipeline);
      pipeline.catch(() => pipelines.delete(code));
      return { pipeline, layout };
    };
    const wanted = programs.map((program) => program.flatMap((kernel) => partsOf(kernel).map((part) => ({ kernel, part, ...pipelineOf(kernel, part?.groups) }))));
    const dispatches = await Promise.all(wanted.map((program) => Promise.all(program.map(async (one) => ({ ...one, pipeline: await one.pipeline })))));
    await this.guarded(() => {
      for (const [index, program] of programs.entries()) {
        this.programs.set(program, dispatches[index].map(({ kernel, part, pipeline, layout }) => {
          const entries: GPUBindGroupEntry[] = kernel.bindings.map(({ region }, binding) => ({ binding, resource: { buffer: this.buffer(region.memory), offset: region.offset, size: region.bytes } }));
          if (part !== undefined) entries.push({ binding: entries.length, resource: { buffer: this.origin(part.first) } });
          const [columns, rows] = dispatchSize(part?.groups ?? kernel.groups);
          return { kernel, pipeline, group: this.device.createBindGroup({ layout, entries }), columns, rows, milliseconds: kernel.milliseconds / partsOf(kernel).length };
        }));
      }
    });
  }

  private async pipeline(label: string, code: string, layout: GPUBindGroupLayout): Promise<GPUComputePipeline> {
    const module = this.device.createShaderModule({ label, code });
    try {
      return await this.device.createComputePipelineAsync({ label, layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }), compute: { module, entryPoint: 'main' } });
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const line = messages.find(({ type }) => type === 'error');
      const why = line ? `${label}, line ${line.lineNum}: ${line.message}` : error instanceof Error ? error.message : String(error);
      throw new WinnowError('gpu-failed', { why }, { cause: error });
    }
  }

  /** A uniform that says which group is a part's first. */
  private origin(first: number): GPUBuffer {
    const buffer = this.device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM, mappedAtCreation: true });
    new Uint32Array(buffer.getMappedRange())[0] = first;
    buffer.unmap();
    this.owned.push(buffer);
    return buffer;
  }

  buffer(memory: Memory): GPUBuffer {
    return this.buffers.get(memory)!;
  }

  /** Submits a program (or `only` one of its kernels), then what `after` records. */
  run(program: readonly Kernel[], { only, after }: { readonly only?: number; readonly after?: (encoder: GPUCommandEncoder) => void } = {}): void {
    const { queue } = this.device;
    const all = this.programs.get(program)!;
    const dispatches = only === undefined ? all : all.filter(({ kernel }) => kernel === program[only]);
    let encoder = this.device.createCommandEncoder();
    let pass = encoder.beginComputePass();
    let predicted = 0;
    let current: GPUComputePipeline | null = null;
    for (const { pipeline, group, columns, rows, milliseconds } of dispatches) {
      if (predicted > 0 && predicted + milliseconds > SUBMIT_MILLISECONDS) {
        pass.end();
        queue.submit([encoder.finish()]);
        encoder = this.device.createCommandEncoder();
        pass = encoder.beginComputePass();
        predicted = 0;
        current = null;
      }
      if (pipeline !== current) pass.setPipeline((current = pipeline));
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(columns, rows);
      predicted += milliseconds;
    }
    pass.end();
    after?.(encoder);
    queue.submit([encoder.finish()]);
  }

  dispatches(program: readonly Kernel[]): number {
    return this.programs.get(program)!.length;
  }

  dispose(): void {
    for (const buffer of this.owned) buffer.destroy();
    this.owned.length = 0;
  }
}

/** The parts that a kernel is dispatched in; one, of no number, where it is short enough. */
export function partsOf(kernel: Kernel): ({ first: number; groups: number } | undefined)[] {
  if (kernel.milliseconds <= MOST_MILLISECONDS) return [undefined];
  const groups = Math.max(1, Math.floor((kernel.groups * MOST_MILLISECONDS) / kernel.milliseconds));
  return Array.from({ length: Math.ceil(kernel.groups / groups) }, (_, part) => ({ first: part * groups, groups }));
}
