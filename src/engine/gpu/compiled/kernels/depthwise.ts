import { quotient } from '../arithmetic.js';
import { each, reads, writes, type Kernel, type Region } from '../kernel.js';
import { atPixel, pixelsOf, regionOf, type View } from '../views.js';
import { flopsOf, type Convolution } from './convolution.js';
import type { Epilogue } from './epilogue.js';
import { probe, type Guard } from './guard.js';

const THREADS = 32;
/** Output pixels in a row that a thread holds. */
const STRIP = 4;

/**
 * A thread holds a strip of four output pixels of one quad of channels, and reads each input of a kernel row once. Kernel
 * in memory: [kh, kw, channels]. Bound by memory, not by arithmetic.
 */
export function depthwiseForward(conv: Convolution, epilogue: Epilogue): Kernel {
  const { input, output, kernel, stride, top, left } = conv;
  return strips({ ...conv, label: 'forward', source: input, target: output, stride, top, left, tap: (ky, kx) => `${ky} * ${kernel}u + ${kx}`, epilogue });
}

/** At stride 1 the same strips with the kernel turned round; else a thread gathers for one input quad the outputs it fed. */
export function depthwiseInputGradient(conv: Convolution, epilogue: Epilogue): Kernel {
  const { input, output, kernel, stride, top, left } = conv;
  if (stride === 1) {
    const last = kernel - 1;
    return strips({ ...conv, label: 'input gradient', source: output, target: input, stride: 1, top: last - top, left: last - left, tap: (ky, kx) => `${kernel * kernel - 1}u - (${ky} * ${kernel}u + ${kx})`, epilogue });
  }
  const { quads } = input.channels;
  const count = pixelsOf(input) * quads;
  const strides = (at: string): string => `i32(${quotient(`u32(${at})`, stride, Math.max(input.height + top, input.width + left))})`;
  return {
    label: `${conv.name} input gradient`,
    bindings: [reads('source', regionOf(output)), reads('weights', conv.weights), ...epilogue.bindings.filter(({ name }) => name !== 'weights')],
    threads: THREADS,
    groups: Math.ceil(count / THREADS),
    flops: flopsOf(conv) / input.channels.count,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u) { return; }
      let pixel = ${quotient('i', quads, count)};
      let quad = i - pixel * ${quads}u;
      let line = ${quotient('pixel', input.width, pixelsOf(input))};
      let image = ${quotient('line', input.height, input.images * input.height)};
      let y = i32(line - image * ${input.height}u) + ${top};
      let x = i32(pixel - line * ${input.width}u) + ${left};
      var sum = vec4f(0);
      for (var oy = ${strides(`max(0, y - ${kernel - stride})`)}; oy <= min(${output.height - 1}, ${strides('y')}); oy++) {
      for (var ox = ${strides(`max(0, x - ${kernel - stride})`)}; ox <= min(${output.width - 1}, ${strides('x')}); ox++) {
        let tap = u32((y - oy * ${stride}) * ${kernel} + x - ox * ${stride});
        let start = ${atPixel(output, `image * ${output.height * output.width}u + u32(oy * ${output.width} + ox)`)} + quad;
        sum += source[start] * weights[tap * ${quads}u + quad];
      }}
      ${epilogue.write('pixel', 'quad', 'sum')}`,
  };
}

interface Strips {
  readonly name: string;
  readonly label: string;
  readonly source: View;
  readonly target: View;
  readonly kernel: number;
  readonly stride: number;
  readonly top: number;
  readonly left: number;
  readonly weights: Region;
  readonly tap: (ky: string, kx: string) => string;
  readonly epilogue: Epilogue;
}

function strips({ name, label, source, target, kernel, stride, top, left, weights, tap, epilogue }: Strips): Kernel {
  const { quads } = target.channels;
  const across = Math.ceil(target.width / STRIP);
  const count = target.images * target.height * across * quads;
  const reach = (STRIP - 1) * stride + kernel;
  return {
    label: `${name} ${label}`,
    bindings: [reads('source', regionOf(source)), reads('weights', weights), ...epilogue.bindings.filter((binding) => binding.name !== 'weights')],
    threads: THREADS,
    groups: Math.ceil(count / THREADS),
    flops: 2 * pixelsOf(target) * target.channels.count * kernel * kernel,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u) { return; }
      let strip = ${quotient('i', quads, count)};
      let quad = i - strip * ${quads}u;
      let line = ${quotient('strip', across, count)};
      let x0 = (strip - line * ${across}u) * ${STRIP}u;
      let image = ${quotient('line', target.height, count)};
      let y0 = i32((line - image * ${target.height}u) * ${stride}u) - ${top};
      let left = i32(x0 * ${stride}u) - ${left};
      ${each(STRIP, (m) => `var a${m} = vec4f(0);`)}
      for (var ky = 0u; ky < ${kernel}u; ky++) {
        let y = y0 + i32(ky);
        if (u32(y) >= ${source.height}u) { continue; }
        let base = (image * ${source.height}u + u32(y)) * ${source.width}u;
        ${each(reach, (j) => `let v${j} = source[${atPixel(source, `base + u32(clamp(left + ${j}, 0, ${source.width - 1}))`)} + quad] * f32(u32(left + ${j}) < ${source.width}u);`)}
        ${each(kernel, (kx) => `{ let w = weights[(${tap('ky', `${kx}u`)}) * ${quads}u + quad]; ${each(STRIP, (m) => `a${m} += v${m * stride + kx} * w;`)} }`)}
      }
      let pixel0 = line * ${target.width}u + x0;
      ${each(STRIP, (m) => `if (x0 + ${m}u < ${target.width}u) { let pixel = pixel0 + ${m}u; ${epilogue.write('pixel', 'quad', `a${m}`)} }`)}`,
  };
}

/**
 * Gradient of kernel and bias: a thread sums one kernel row of one quad of channels over the lines of its split; the bias
 * is one more row. Layout and splits as in `filterGradient`.
 */
export function depthwiseFilterGradient(conv: Convolution, into: Region, stretch: number, biasAt: number | null, splits: number, bad: Guard | null): Kernel {
  const { input, output, kernel, stride, top, left } = conv;
  const { quads } = output.channels;
  const lines = output.images * output.height;
  const chunk = Math.ceil(lines / splits);
  const rows = kernel + (biasAt === null ? 0 : 1);
  const count = quads * rows * splits;
  return {
    label: `${conv.name} filter gradient`,
    bindings: [reads('source', regionOf(input)), reads('gradient', regionOf(output)), writes('into', into), ...(bad?.bindings ?? [])],
    ...(bad === null ? {} : { declarations: bad.declarations }),
    threads: THREADS,
    groups: Math.ceil(count / THREADS),
    flops: 2 * pixelsOf(output) * output.channels.count * kernel * kernel,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u) { return; }
      let row = ${quotient('i', quads, count)};
      let quad = i - row * ${quads}u;
      let split = ${quotient('row', rows, count)};
      let ky = row - split * ${rows}u;
      let end = min((split + 1u) * ${chunk}u, ${lines}u);
      ${each(kernel, (kx) => `var a${kx} = vec4f(0);`)}
      ${biasAt === null ? '' : 'var bias = vec4f(0);'}
      for (var line = split * ${chunk}u; line < end; line++) {
        let image = ${quotient('line', output.height, lines)};
        let y = i32((line - image * ${output.height}u) * ${stride}u + ky) - ${top};
        let inside = f32(u32(y) < ${input.height}u);
        let base = (image * ${input.height}u + u32(clamp(y, 0, ${input.height - 1}))) * ${input.width}u;
        for (var ox = 0u; ox < ${output.width}u; ox++) {
          let g = gradient[${atPixel(output, `line * ${output.width}u + ox`)} + quad];
          ${biasAt === null ? '' : 'bias += g;'}
          let x = i32(ox * ${stride}u) - ${left};
          ${each(kernel, (kx) => `a${kx} += g * source[${atPixel(input, `base + u32(clamp(x + ${kx}, 0, ${input.width - 1}))`)} + quad] * (inside * f32(u32(x + ${kx}) < ${input.width}u));`)}
        }
      }
      let to = split * ${stretch}u + quad;
      if (ky < ${kernel}u) { ${each(kernel, (kx) => `into[to + (ky * ${kernel}u + ${kx}u) * ${quads}u] = a${kx};`)} }
      ${biasAt === null ? '' : `else { into[to + ${biasAt}u] = bias; }`}
      ${bad?.check(probe([...Array.from({ length: kernel }, (_, kx) => `a${kx}`), ...(biasAt === null ? [] : ['bias'])])) ?? ''}`,
  };
}
