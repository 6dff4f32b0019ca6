import { canCompile } from '../gpu/compiled/lowering.js';
import type { LayerGraph, Weight } from '../graph/types.js';
import { toErrorData, WinnowError, type ErrorData } from '../support/errors.js';
import { JavaScriptRuntime } from './javascript.js';
import { WebGpuRuntime } from './webgpu.js';

export interface InferenceModel {
  readonly graph: LayerGraph;
  /** In the order of the graph's specs. */
  readonly weights: readonly Weight[];
}

/** What answers for a trained model, without tfjs: small enough to be carried inside a file. */
export interface Runtime {
  readonly kind: 'webgpu' | 'javascript';
  /** What it runs on, in words. */
  readonly adapter: string;
  /**
   * Class probabilities, [count, classes] row-major.
   * @param pixels uint8 RGB, NHWC, of `count` photos of the graph's input size.
   */
  predict(pixels: Uint8Array<ArrayBuffer>, count: number): Promise<Float32Array<ArrayBuffer>>;
  dispose(): void;
}

export interface RuntimeOptions {
  /** 'auto' takes WebGPU where there is some, and goes over to JavaScript where it fails, at the start or later. */
  readonly on?: 'auto' | Runtime['kind'];
  /** The most photos computed at once. More than one asks for more GPU memory, once more than one is given. */
  readonly batch?: number;
  /** Told when 'auto' goes over to JavaScript though there is WebGPU. */
  readonly onFallback?: (error: ErrorData) => void;
}

/** @throws 'gpu-missing' or 'gpu-failed' where WebGPU alone is asked for and not to be had; 'model-broken' where weights do not fit the graph. */
export async function createRuntime(model: InferenceModel, { on = 'auto', batch = 1, onFallback = () => {} }: RuntimeOptions = {}): Promise<Runtime> {
  if (on === 'javascript') return new JavaScriptRuntime(model);
  if (on === 'webgpu') return WebGpuRuntime.open(model, batch);
  if (!canCompile(model.graph) || !('gpu' in globalThis.navigator)) return new JavaScriptRuntime(model);
  const gpu = await WebGpuRuntime.open(model, batch).catch((error: unknown) => {
    if (!(error instanceof WinnowError && error.code === 'gpu-missing')) onFallback(toErrorData(error, 'gpu-failed'));
    return null;
  });
  return gpu === null ? new JavaScriptRuntime(model) : new SafeRuntime(model, gpu, onFallback);
}

/** WebGPU for as long as it answers: a driver that fails half-way costs time, not the answer. */
class SafeRuntime implements Runtime {
  private current: Runtime;

  constructor(
    private readonly model: InferenceModel,
    gpu: Runtime,
    private readonly onFallback: (error: ErrorData) => void,
  ) {
    this.current = gpu;
  }

  get kind(): Runtime['kind'] {
    return this.current.kind;
  }

  get adapter(): string {
    return this.current.adapter;
  }

  async predict(pixels: Uint8Array<ArrayBuffer>, count: number): Promise<Float32Array<ArrayBuffer>> {
    const { current } = this;
    try {
      return await current.predict(pixels, count);
    } catch (error) {
      if (current.kind === 'javascript') throw error;
      if (this.current === current) {
        this.onFallback(toErrorData(error, 'gpu-failed'));
        current.dispose();
        this.current = new JavaScriptRuntime(this.model);
      }
      return this.current.predict(pixels, count);
    }
  }

  dispose(): void {
    this.current.dispose();
  }
}
