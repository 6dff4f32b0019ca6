import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { WinnowError } from '../support/errors.js';
import type { AdapterInfo, Backend } from '../support/settings.js';

/** Used by the compiled path where the adapter offers them; tfjs itself needs none. */
const OPTIONAL_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

const RAISED_LIMITS = [
  'maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize', 'maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX', 'maxComputeWorkgroupSizeY', 'maxComputeWorkgroupSizeZ',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

export interface MemoryUse {
  readonly bytes: number;
  readonly peakBytes: number;
}

/**
 * What computes, and the one place that knows how it was got. tfjs has one backend of a name in a realm, so a realm
 * has one open device: opening another closes the one before, and frees what tfjs's buffer manager hoards.
 */
export interface Device {
  readonly adapter: AdapterInfo;
  /** Our own device, and tfjs's backend built on it; null on webgl and cpu. */
  readonly gpu: { readonly device: GPUDevice; readonly tfjs: WebGPUBackend } | null;
  /**
   * Bytes of all GPU buffers that live now, whoever made them, and the most at once since {@link resetPeak}; on webgl
   * the bytes of textures, on cpu those of tensors, both as of the calls of this method.
   */
  memory(): MemoryUse;
  /** Buffers, textures or tensors alive: for leak checks. */
  count(): number;
  resetPeak(): void;
  /** Resolves with what went wrong ('gpu-lost' or 'gpu-failed'), if ever. */
  readonly failed: Promise<WinnowError>;
  /** Throws what {@link failed} resolved with. */
  check(): void;
  /** Submits what tfjs has recorded so far, so that a pass of our own comes after it. Nothing on webgl and cpu. */
  flush(): void;
  /** Resolves when the GPU has done all that was submitted. Throws as {@link check}. At once on webgl and cpu. */
  settle(): Promise<void>;
  /** Frees everything on it. */
  close(): void;
}

let open: Device | null = null;

const CPU: AdapterInfo = { backend: 'cpu', vendor: '', architecture: '', description: 'JavaScript', fallback: true, maxBufferBytes: Infinity };

/**
 * Opens the backend asked for; 'auto' takes the first there is of webgpu, webgl, cpu.
 * @throws 'gpu-missing' where the one asked for is not there.
 */
export async function openDevice(wanted: 'auto' | Backend): Promise<Device> {
  open?.close();
  open = null;
  const { info, adapter } = await choose(wanted);
  open = adapter !== null ? await openWebGpu(adapter) : await openTfjs(info);
  return open;
}

/** What {@link openDevice} would open; opens and closes nothing. Throws as it does. */
export async function probeAdapter(wanted: 'auto' | Backend): Promise<AdapterInfo> {
  return (await choose(wanted)).info;
}

async function choose(wanted: 'auto' | Backend): Promise<{ info: AdapterInfo; adapter: GPUAdapter | null }> {
  if (wanted === 'webgpu' || wanted === 'auto') {
    const adapter = await requestAdapter();
    if (adapter !== null) return { info: describe(adapter), adapter };
    if (wanted === 'webgpu') throw new WinnowError('gpu-missing', { backend: 'WebGPU' });
  }
  if (wanted === 'webgl' || wanted === 'auto') {
    const info = probeWebGl();
    if (info !== null) return { info, adapter: null };
    if (wanted === 'webgl') throw new WinnowError('gpu-missing', { backend: 'WebGL' });
  }
  return { info: CPU, adapter: null };
}

/** tfjs's own start crashes on a null adapter, so we always ask first. */
async function requestAdapter(): Promise<GPUAdapter | null> {
  if (!('gpu' in navigator)) return null;
  return navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
}

function describe(adapter: GPUAdapter): AdapterInfo {
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  return {
    backend: 'webgpu',
    vendor,
    architecture,
    description: description || [vendor, architecture].filter(Boolean).join(' '),
    fallback: isFallbackAdapter || architecture === 'swiftshader',
    maxBufferBytes: Math.min(adapter.limits.maxBufferSize, adapter.limits.maxStorageBufferBindingSize),
  };
}

async function openWebGpu(adapter: GPUAdapter): Promise<Device> {
  const device = await adapter.requestDevice({
    requiredFeatures: OPTIONAL_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(RAISED_LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
  const tracker = trackBuffers(device);
  let failure: WinnowError | null = null;
  let closing = false;
  const failed = new Promise<WinnowError>((resolve) => {
    const fail = (error: WinnowError): void => {
      if (closing) return;
      failure ??= error;
      resolve(error);
    };
    void device.lost.then((info) => fail(new WinnowError('gpu-lost', { why: info.message || info.reason })));
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      fail(new WinnowError('gpu-failed', { why: event.error.message }));
    });
  });

  const backend = new WebGPUBackend(device, adapter.info);
  // The package registers a factory of its own at import.
  if (tf.engine().registryFactory['webgpu'] !== undefined) tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  await tf.setBackend('webgpu');

  const check = (): void => {
    if (failure !== null) throw failure;
  };
  const flush = (): void => {
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.submitQueue();
  };
  return {
    adapter: describe(adapter),
    gpu: { device, tfjs: backend },
    ...tracker,
    failed,
    check,
    flush,
    async settle() {
      flush();
      await device.queue.onSubmittedWorkDone();
      check();
    },
    close() {
      if (closing) return;
      closing = true;
      tf.removeBackend('webgpu');
      device.destroy();
    },
  };
}

/** Counts by wrapping createBuffer and destroy, so that tfjs's and our own buffers are measured the same way. */
function trackBuffers(device: GPUDevice): Pick<Device, 'memory' | 'count' | 'resetPeak'> {
  let bytes = 0;
  let peakBytes = 0;
  let count = 0;
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    bytes += descriptor.size;
    count++;
    peakBytes = Math.max(peakBytes, bytes);
    const destroy = buffer.destroy.bind(buffer);
    let alive = true;
    buffer.destroy = () => {
      if (alive) {
        bytes -= descriptor.size;
        count--;
      }
      alive = false;
      return destroy();
    };
    return buffer;
  };
  return {
    memory: () => ({ bytes, peakBytes }),
    count: () => count,
    resetPeak: () => {
      peakBytes = bytes;
    },
  };
}

function probeWebGl(): AdapterInfo | null {
  if (typeof OffscreenCanvas === 'undefined') return null;
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (gl === null) return null;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const description = String(gl.getParameter(names === null ? gl.RENDERER : names.UNMASKED_RENDERER_WEBGL));
  const vendor = String(gl.getParameter(names === null ? gl.VENDOR : names.UNMASKED_VENDOR_WEBGL));
  const side = Number(gl.getParameter(gl.MAX_TEXTURE_SIZE));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  // tfjs packs four floats a texel.
  return { backend: 'webgl', vendor, architecture: '', description, fallback: /swiftshader|llvmpipe|software/i.test(description), maxBufferBytes: side * side * 16 };
}

async function openTfjs(adapter: AdapterInfo): Promise<Device> {
  await tf.setBackend(adapter.backend);
  let peakBytes = 0;
  const bytes = (): number => {
    const info: tf.MemoryInfo & { numBytesInGPUAllocated?: number } = tf.memory();
    return info.numBytesInGPUAllocated ?? info.numBytes;
  };
  return {
    adapter,
    gpu: null,
    memory() {
      const now = bytes();
      peakBytes = Math.max(peakBytes, now);
      return { bytes: now, peakBytes };
    },
    count: () => tf.memory().numTensors,
    resetPeak() {
      peakBytes = bytes();
    },
    failed: new Promise(() => {}),
    check() {},
    flush() {},
    async settle() {},
    close() {
      // Dropping the backend is what frees its pool; its factory goes back for the next open.
      const factory = tf.findBackendFactory(adapter.backend);
      tf.removeBackend(adapter.backend);
      tf.registerBackend(adapter.backend, factory);
    },
  };
}
