import { quotient } from '../arithmetic.js';
import { reads, whole, writes, type Kernel, type Memory } from '../kernel.js';
import { atPixel, pixelsOf, regionOf, type View } from '../views.js';
import type { Fused } from './activation.js';
import { toGradient, type GradientTarget } from './epilogue.js';

const THREADS = 64;

/** A pooling window over `input` into `output`; TensorFlow's 'same' leaves out what lies outside. */
export interface Pooling {
  readonly name: string;
  readonly input: View;
  readonly output: View;
  readonly pool: number;
  readonly stride: number;
  readonly top: number;
  readonly left: number;
}

/** Says that no input of a window gets its gradient. */
const NOBODY = 255;

/** vec4s over output quads: a thread's own `image`, `y`, `x`, `quad`, and `i`, its index. */
function overQuads(view: View): { groups: number; code: string } {
  const { height, width, channels } = view;
  const count = pixelsOf(view) * channels.quads;
  return {
    groups: Math.ceil(count / THREADS),
    code: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u) { return; }
      let pixel = ${quotient('i', channels.quads, count)};
      let quad = i - pixel * ${channels.quads}u;
      let line = ${quotient('pixel', width, pixelsOf(view))};
      let image = ${quotient('line', height, view.images * height)};
      let y = i32(line - image * ${height}u);
      let x = i32(pixel - line * ${width}u);`,
  };
}

/** WGSL loop over the part of the window at (y, x) that is inside; `at` is the input's quad, `tap` its number in the window. */
function overWindow({ input, pool, stride, top, left }: Pooling, statement: string): string {
  return `
    for (var ky = max(0, ${top} - y * ${stride}); ky < min(${pool}, ${input.height + top} - y * ${stride}); ky++) {
    for (var kx = max(0, ${left} - x * ${stride}); kx < min(${pool}, ${input.width + left} - x * ${stride}); kx++) {
      let at = ${atPixel(input, `image * ${input.height * input.width}u + u32((y * ${stride} + ky - ${top}) * ${input.width} + x * ${stride} + kx - ${left})`)} + quad;
      let tap = u32(ky * ${pool} + kx);
      ${statement}
    }}`;
}

/**
 * Maximum of each window. In training also the place of the first maximum, a byte a channel, so that the gradient need
 * not look for it; where the maximum is an output that its own relu holds flat, the place is nobody's.
 */
export function maxPool(pooling: Pooling, winners: Memory | null, activation: Fused): Kernel {
  const { input, output } = pooling;
  const { groups, code } = overQuads(output);
  const flat = activation === 'relu' ? 'best <= vec4f(0)' : '(best <= vec4f(0)) | (best >= vec4f(6))';
  return {
    label: `${pooling.name} forward`,
    bindings: [reads('source', regionOf(input)), writes('output', regionOf(output)), ...(winners === null ? [] : [writes('winners', whole(winners), 'u32')])],
    threads: THREADS,
    groups,
    flops: 0,
    milliseconds: 0,
    body: `${code}
      var best = vec4f(-3.4028234e38);
      var winner = vec4u(${NOBODY}u);
      ${overWindow(pooling, `
        let v = source[at];
        let better = v > best;
        best = select(best, v, better);
        ${winners === null ? '' : 'winner = select(winner, vec4u(tap), better);'}`)}
      output[${atPixel(output, 'pixel')} + quad] = best;
      ${winners === null ? '' : `${activation === 'linear' ? '' : `winner = select(winner, vec4u(${NOBODY}u), ${flat});`}
      winners[i] = winner.x | (winner.y << 8u) | (winner.z << 16u) | (winner.w << 24u);`}`,
  };
}

/** Bound on a window's side: the winner's number is a byte, the last of them taken. */
export const MOST_POOL = 15;

/** WGSL over the windows that hold the input pixel (y, x), a loop where they overlap; `start` is the output's pixel, `tap` the input's number in it. */
function overWindows({ input, output, pool, stride, top, left }: Pooling, statement: string): string {
  const [y, x] = [`(y + ${top})`, `(x + ${left})`];
  const most = Math.max(input.height + top, input.width + left);
  const strides = (at: string): string => `i32(${quotient(`u32(${at})`, stride, most)})`;
  const found = `
    let start = image * ${output.height * output.width}u + u32(oy * ${output.width} + ox);
    let tap = u32((${y} - oy * ${stride}) * ${pool} + ${x} - ox * ${stride});`;
  if (pool <= stride) {
    const inside = [`(oy < ${output.height})`, `(ox < ${output.width})`, ...(pool < stride ? [`(${y} - oy * ${stride} < ${pool})`, `(${x} - ox * ${stride} < ${pool})`] : [])].join(' & ');
    return `let oy = ${strides(y)}; let ox = ${strides(x)}; if (${inside}) { ${found} ${statement} }`;
  }
  return `
    for (var oy = ${strides(`max(0, ${y} - ${pool - stride})`)}; oy <= min(${output.height - 1}, ${strides(y)}); oy++) {
    for (var ox = ${strides(`max(0, ${x} - ${pool - stride})`)}; ox <= min(${output.width - 1}, ${strides(x)}); ox++) {
      ${found}
      ${statement}
    }}`;
}

/** Gathers, for each input, the gradients of the windows that it won. The input's activation is in the winners already. */
export function maxPoolGradient(pooling: Pooling, gradient: View, winners: Memory, target: GradientTarget): Kernel {
  const { groups, code } = overQuads(target.gradient);
  const epilogue = toGradient({ ...target, activation: 'linear' });
  return {
    label: `${pooling.name} gradient`,
    bindings: [reads('source', regionOf(gradient)), reads('winners', whole(winners), 'u32'), ...epilogue.bindings],
    threads: THREADS,
    groups,
    flops: 0,
    milliseconds: 0,
    body: `${code}
      var sum = vec4f(0);
      ${overWindows(pooling, `
        let packed = winners[start * ${gradient.channels.quads}u + quad];
        let winner = vec4u(packed, packed >> 8u, packed >> 16u, packed >> 24u) & vec4u(255u);
        sum += select(vec4f(0), source[${atPixel(gradient, 'start')} + quad], winner == vec4u(tap));`)}
      ${epilogue.write('pixel', 'quad', 'sum')}`,
  };
}

export function averagePool(pooling: Pooling): Kernel {
  const { input, output } = pooling;
  const { groups, code } = overQuads(output);
  return {
    label: `${pooling.name} forward`,
    bindings: [reads('source', regionOf(input)), writes('output', regionOf(output))],
    threads: THREADS,
    groups,
    flops: 0,
    milliseconds: 0,
    body: `${code}
      var sum = vec4f(0);
      var count = 0.0;
      ${overWindow(pooling, 'sum += source[at]; count += 1.0;')}
      output[${atPixel(output, 'pixel')} + quad] = sum / count;`,
  };
}

export function averagePoolGradient(pooling: Pooling, gradient: View, target: GradientTarget): Kernel {
  const { input, pool, stride, top, left } = pooling;
  const { groups, code } = overQuads(target.gradient);
  const epilogue = toGradient(target);
  const inside = (o: string, before: number, side: number) => `min(${pool}, ${side + before} - ${o} * ${stride}) - max(0, ${before} - ${o} * ${stride})`;
  return {
    label: `${pooling.name} gradient`,
    bindings: [reads('source', regionOf(gradient)), ...epilogue.bindings],
    threads: THREADS,
    groups,
    flops: 0,
    milliseconds: 0,
    body: `${code}
      var sum = vec4f(0);
      ${overWindows(pooling, `sum += source[${atPixel(gradient, 'start')} + quad] / f32((${inside('oy', top, input.height)}) * (${inside('ox', left, input.width)}));`)}
      ${epilogue.write('pixel', 'quad', 'sum')}`,
  };
}

/** Mean over all pixels of an image; a thread a quad. */
export function globalAverage(name: string, input: View, output: View): Kernel {
  const { quads } = input.channels;
  const pixels = input.height * input.width;
  return {
    label: `${name} forward`,
    bindings: [reads('source', regionOf(input)), writes('output', regionOf(output))],
    threads: THREADS,
    groups: Math.ceil((input.images * quads) / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${input.images * quads}u) { return; }
      let image = i / ${quads}u;
      let quad = i % ${quads}u;
      var sum = vec4f(0);
      for (var p = 0u; p < ${pixels}u; p++) { sum += source[${atPixel(input, `image * ${pixels}u + p`)} + quad]; }
      output[${atPixel(output, 'image')} + quad] = sum / ${pixels}.0;`,
  };
}

export function globalAverageGradient(name: string, gradient: View, target: GradientTarget): Kernel {
  const { groups, code } = overQuads(target.gradient);
  const epilogue = toGradient(target);
  const pixels = target.gradient.height * target.gradient.width;
  return {
    label: `${name} gradient`,
    bindings: [reads('source', regionOf(gradient)), ...epilogue.bindings],
    threads: THREADS,
    groups,
    flops: 0,
    milliseconds: 0,
    body: `${code}
      ${epilogue.write('pixel', 'quad', `source[${atPixel(gradient, 'image')} + quad] / ${pixels}.0`)}`,
  };
}
