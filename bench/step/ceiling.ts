import type { TileRates } from '../../src/engine/gpu/compiled/tiles.js';
import { measure } from '../../src/engine/gpu/compiled/tuning.js';

const SIDE = 512;
const COPY_BYTES = 64 * 2 ** 20;
const ROUNDS = 5;

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

/** GFLOP/s by kernel: the plain product, and every tile of ours on a middling convolution. */
export async function measureCeiling(device: GPUDevice, slow: boolean): Promise<{ gflops: Record<string, number>; gbps: number; rates: TileRates }> {
  const rates = await measure(device, slow);
  const gflops: Record<string, number> = { 'plain product': await plainProduct(device) };
  for (const family of ['forward', 'inputGradient', 'filterGradient'] as const) {
    for (const [tile, rate] of Object.entries(rates[family])) gflops[`${family} ${tile}`] = rate;
  }
  return { gflops, gbps: await copyBandwidth(device), rates };
}

async function plainProduct(device: GPUDevice): Promise<number> {
  const buffers = [0, 1, 2].map(() => device.createBuffer({ size: SIDE * SIDE * 4, usage: GPUBufferUsage.STORAGE }));
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module: device.createShaderModule({ code: PLAIN }), entryPoint: 'main' } });
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })) });
  const ms = await fastest(device, (encoder) => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(SIDE / 16, SIDE / 32);
    pass.end();
  });
  for (const buffer of buffers) buffer.destroy();
  return (2 * SIDE ** 3) / ms / 1e6;
}

/** GB/s, read and written. */
async function copyBandwidth(device: GPUDevice): Promise<number> {
  const [source, target] = [0, 1].map(() => device.createBuffer({ size: COPY_BYTES, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST }));
  const ms = await fastest(device, (encoder) => encoder.copyBufferToBuffer(source, 0, target, 0, COPY_BYTES));
  source.destroy();
  target.destroy();
  return (2 * COPY_BYTES) / ms / 1e6;
}

async function fastest(device: GPUDevice, record: (encoder: GPUCommandEncoder) => void): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const encoder = device.createCommandEncoder();
    record(encoder);
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
