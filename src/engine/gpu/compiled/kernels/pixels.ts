import { reads, uniform, writes, type Kernel, type Region } from '../kernel.js';
import { atPixel, pixelsOf, regionOf, type View } from '../views.js';

const THREADS = 64;

/**
 * uint8 RGB as it was uploaded, four bytes a u32, to normalised floats (value / 255), a pixel a thread. Images beyond
 * the step's size become zero: a smaller batch runs the same plan.
 */
export function normalisePixels(bytes: Region, step: Region, output: View): Kernel {
  const pixels = pixelsOf(output);
  const { count } = output.channels;
  const value = (i: number) => `f32((bytes[(at + ${i}u) >> 2u] >> (((at + ${i}u) & 3u) * 8u)) & 255u)`;
  const quad = (q: number) => `vec4f(${[0, 1, 2, 3].map((i) => (q * 4 + i < count ? value(q * 4 + i) : '0')).join(', ')})`;
  return {
    label: 'pixels',
    bindings: [reads('bytes', bytes, 'u32'), uniform('step', step), writes('output', regionOf(output))],
    threads: THREADS,
    groups: Math.ceil(pixels / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let pixel = group * ${THREADS}u + thread;
      if (pixel >= ${pixels}u) { return; }
      let live = f32(pixel < step.size * ${output.height * output.width}u);
      let at = pixel * ${count}u;
      ${Array.from({ length: output.channels.quads }, (_, q) => `output[${atPixel(output, 'pixel')} + ${q}u] = ${quad(q)} / 255.0 * live;`).join('\n')}`,
  };
}
