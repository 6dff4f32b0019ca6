import { measure } from '../../src/engine/gpu/compiled/tuning.js';
import { timed } from './measure.js';
import type { Yardstick } from './types.js';

const SIDE = 512;
const COPY_BYTES = 64 * 2 ** 20;
const ROUNDS = 5;
/** Of the yardstick. */
const LEAST_MILLISECONDS = 20;

/** A plain register-tiled 512 x 512 x 512 product: a thread holds 8 rows of a vec4; no workgroup memory. The floor under the ceiling. */
const PLAIN = `
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
@compute @workgroup_size(4, 4)
fn main(@builtin(global_invocation_id) at: vec3u) {
  let column = at.x;
  let row = at.y * 8u;
  ${lines(8, (m) => `var s${m} = vec4f(0);`)}
  for (var k = 0u; k < ${SIDE / 4}u; k++) {
    ${lines(4, (l) => `let b${l} = b[(k * 4u + ${l}u) * ${SIDE / 4}u + column];`)}
    ${lines(8, (m) => `let a${m} = a[(row + ${m}u) * ${SIDE / 4}u + k]; s${m} += a${m}.x * b0 + a${m}.y * b1 + a${m}.z * b2 + a${m}.w * b3;`)}
  }
  ${lines(8, (m) => `c[(row + ${m}u) * ${SIDE / 4}u + column] = s${m};`)}
}`;

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

/**
 * The plain product as a yardstick. A machine's speed drifts over the minutes of a run, so no rate is compared with one of another minute:
 * each is taken as so many times the yardstick's beside it.
 */
export async function plainProduct(device: GPUDevice): Promise<Yardstick> {
  const buffers = [0, 1, 2].map(() => device.createBuffer({ size: SIDE * SIDE * 4, usage: GPUBufferUsage.STORAGE }));
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module: device.createShaderModule({ code: PLAIN }), entryPoint: 'main' } });
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })) });
  const products = (count: number) =>
    submitted(device, (encoder) => {
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      for (let i = 0; i < count; i++) pass.dispatchWorkgroups(SIDE / 16, SIDE / 32);
      pass.end();
    });
  await products(1);
  // A fast GPU is done before the clock has moved.
  const count = Math.ceil(LEAST_MILLISECONDS / (await fastest(() => products(1))));
  return { name: 'yardstick', flops: count * 2 * SIDE ** 3, step: () => products(count), dispose: () => buffers.forEach((buffer) => buffer.destroy()) };
}

/** Rates of every tile of ours on a middling convolution, in yardsticks. */
export async function tileRates(device: GPUDevice, slow: boolean): Promise<Record<string, number>> {
  const rates = await measure(device, slow);
  const yardstick = await plainProduct(device);
  // The tiles' are the fastest of some rounds, so the yardstick's is too.
  const unit = yardstick.flops / (await fastest(() => yardstick.step())) / 1e6;
  yardstick.dispose();
  const relative: Record<string, number> = {};
  for (const family of ['forward', 'inputGradient', 'filterGradient'] as const) {
    for (const [tile, rate] of Object.entries(rates[family])) relative[`${family} ${tile}`] = rate / unit;
  }
  return relative;
}

/** GB/s, read and written. */
export async function copyBandwidth(device: GPUDevice): Promise<number> {
  const [source, target] = [0, 1].map(() => device.createBuffer({ size: COPY_BYTES, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST }));
  const ms = await fastest(() => submitted(device, (encoder) => encoder.copyBufferToBuffer(source, 0, target, 0, COPY_BYTES)));
  source.destroy();
  target.destroy();
  return (2 * COPY_BYTES) / ms / 1e6;
}

async function submitted(device: GPUDevice, record: (encoder: GPUCommandEncoder) => void): Promise<void> {
  const encoder = device.createCommandEncoder();
  record(encoder);
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
}

async function fastest(work: () => Promise<void>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, await timed(work));
  return best;
}
