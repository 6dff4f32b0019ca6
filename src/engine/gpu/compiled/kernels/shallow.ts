import { quotient } from '../arithmetic.js';
import { each, reads, writes, type Kernel, type Region } from '../kernel.js';
import { cheapest, MOST_SCRATCH, SPLITS, threadsFor, time, type TileRates } from '../tiles.js';
import { atPixel, pixelsOf, regionOf } from '../views.js';
import { flopsOf, isPadded, type Convolution } from './convolution.js';
import type { Epilogue } from './epilogue.js';
import { probe, type Guard } from './guard.js';

/** vec4s that a thread holds at most: a weight, or a sum, of each tap and channel. */
const MOST_HELD = 32;
/** Threads of a workgroup at most, side by side along the filters. */
const THREADS = 16;
/** Pixels of a workgroup of the forward kernel, over which the weights are loaded once. */
const PIXELS = 128;

/**
 * Convolutions of up to four channels, such as the first of a network. At one tap there is next to nothing to multiply: a
 * thread takes all taps at once. Four lanes gather the taps of a pixel each and broadcast them.
 */
export function isShallow(conv: Convolution): boolean {
  return conv.kernel > 1 && conv.input.channels.quads === 1 && conv.kernel * componentsOf(conv) <= MOST_HELD;
}

/** The same with all taps of all rows in one thread, as forward needs it. */
function holdsAllTaps(conv: Convolution): boolean {
  return isShallow(conv) && conv.kernel ** 2 * componentsOf(conv) <= MOST_HELD;
}

/** Threads that work side by side on the filters, and those of them that have one. */
function shallowWidth({ output }: Convolution): { threads: number; groups: number } {
  const threads = threadsFor(THREADS, output.channels.quads);
  return { threads, groups: Math.ceil(output.channels.quads / threads) };
}

const componentsOf = ({ input }: Convolution): number => Math.min(4, input.channels.count);

/** Predicted milliseconds of {@link shallowForward}; infinite where it cannot be, or may not. */
export function shallowForwardTime(rates: TileRates, conv: Convolution): number {
  const gflops = rates.shallow?.forward;
  if (gflops === undefined || !holdsAllTaps(conv)) return Infinity;
  const { threads, groups } = shallowWidth(conv);
  return time(rates, flopsOf(conv) * waste(conv), gflops, threads * groups * Math.ceil(pixelsOf(conv.output) / PIXELS), 1, 0);
}

/** Threads without a filter count as work. */
function waste(conv: Convolution): number {
  const { threads, groups } = shallowWidth(conv);
  return (threads * groups) / conv.output.channels.quads;
}

/** A thread's weights stay in its registers; of four pixels at a time it makes one vec4 of filters each. */
export function shallowForward(conv: Convolution, epilogue: Epilogue, milliseconds: number): Kernel {
  const { output, kernel } = conv;
  const filters = output.channels.quads;
  const pixels = pixelsOf(output);
  const taps = kernel ** 2;
  const components = componentsOf(conv);
  const { threads, groups } = shallowWidth(conv);
  const all = groups * Math.ceil(pixels / PIXELS);
  const channels = Array.from({ length: components }, (_, c) => c);
  const vector = (value: (c: number) => string): string => (components === 1 ? value(0) : `vec${components}f(${channels.map(value).join(', ')})`);
  const product = components === 1 ? (a: string, b: string) => `${a} * ${b}` : (a: string, b: string) => `dot(${a}, ${b})`;
  const part = 'xyzw'.slice(0, components);
  const sum = (l: number, j: string): string => Array.from({ length: taps }, (_, t) => product(`p${l}_${t}.${part}`, vector((c) => `w${t}_${c}.${j}`))).join(' + ');
  const shared = epilogue.shared?.('quad');
  return {
    label: `${conv.name} forward`,
    bindings: [reads('source', regionOf(conv.input)), reads('weights', conv.weights), ...epilogue.bindings.filter(({ name }) => name !== 'weights')],
    threads,
    groups: all,
    subgroups: true,
    flops: flopsOf(conv),
    milliseconds,
    body: `
      let strip = ${quotient('group', groups, all)};
      let filter0 = (group - strip * ${groups}u) * ${threads}u + thread;
      let quad = min(filter0, ${filters - 1}u);
      let first = strip * ${PIXELS}u;
      let end = min(first + ${PIXELS}u, ${pixels}u);
      ${each(taps, (t) => each(components, (c) => `let w${t}_${c} = weights[${(t * 4 + c) * filters}u + quad];`))}
      ${shared === undefined ? '' : `let bias = ${shared};`}
      for (var p = first; p < end; p += 4u) {
        let pixel = min(p + (lane & 3u), ${pixels - 1}u);
        ${gatherTaps(conv, 'i32(0)', kernel, null)}
        ${each(4, (l) => `
          ${each(taps, (t) => `let p${l}_${t} = subgroupBroadcast(q${t}, ${l}u);`)}
          let a${l} = vec4f(${['x', 'y', 'z', 'w'].map((j) => sum(l, j)).join(', ')});
          if ((p + ${l}u < end) & (filter0 < ${filters}u)) { ${epilogue.write(`(p + ${l}u)`, 'quad', `a${l}`, shared === undefined ? undefined : 'bias')} }`)}
      }`,
  };
}

/** How many rows of the kernel a thread of the filter gradient holds: all, or one. */
const rowsHeld = (conv: Convolution): number => (holdsAllTaps(conv) ? conv.kernel : 1);

/** Splits of the fastest {@link shallowFilterGradient} by prediction; null where it cannot be, or may not. @param weights bytes of the gradient. */
export function chooseShallowFilter(rates: TileRates, conv: Convolution, weights: number): { splits: number; milliseconds: number } | null {
  const gflops = rates.shallow?.filterGradient;
  if (gflops === undefined || !isShallow(conv)) return null;
  const { threads, groups } = shallowWidth(conv);
  const threadsEach = threads * groups * (conv.kernel / rowsHeld(conv));
  const most = Math.ceil(pixelsOf(conv.output) / 4);
  return cheapest(
    SPLITS.filter((splits) => splits <= most && (splits === 1 || splits * weights <= MOST_SCRATCH))
      .map((splits) => ({ splits, milliseconds: time(rates, flopsOf(conv) * waste(conv), gflops, threadsEach * splits, splits, weights) })),
  );
}

/**
 * Gradient of kernel and bias. A thread holds the sums of all taps (of one row of a larger kernel), so it reads the
 * gradient once, where a kernel that works at one tap reads it for each.
 *
 * @param into gradient of kernel and bias together, or scratch of `splits` times as much.
 * @param stretch vec4s of one split in it.
 * @param biasAt vec4s from the kernel's start to the bias's; null where there is no bias.
 * @param bad checks what it writes; null where a second pass will.
 */
export function shallowFilterGradient(conv: Convolution, into: Region, stretch: number, biasAt: number | null, splits: number, bad: Guard | null, milliseconds: number): Kernel {
  const { output, kernel } = conv;
  const filters = output.channels.quads;
  const pixels = pixelsOf(output);
  const components = componentsOf(conv);
  const held = rowsHeld(conv);
  const rowGroups = kernel / held;
  const taps = held * kernel;
  const { threads, groups } = shallowWidth(conv);
  const all = groups * rowGroups * splits;
  const chunk = Math.ceil(pixels / 4 / splits) * 4;
  const four = (value: (l: number) => string): string => `vec4f(${[0, 1, 2, 3].map(value).join(', ')})`;
  const sums = Array.from({ length: taps * components }, (_, k) => `a${Math.floor(k / components)}_${k % components}`);
  const store = (t: number, c: number) => `into[at + ${(t * 4 + c) * filters}u] = ${c < components ? `a${t}_${c}` : 'vec4f(0)'};`;
  return {
    label: `${conv.name} filter gradient`,
    bindings: [reads('source', regionOf(conv.input)), reads('gradient', regionOf(output)), writes('into', into), ...(bad?.bindings ?? [])],
    ...(bad === null ? {} : { declarations: bad.declarations }),
    threads,
    groups: all,
    subgroups: true,
    flops: flopsOf(conv),
    milliseconds,
    body: `
      let row = ${quotient('group', groups, all)};
      let filter0 = (group - row * ${groups}u) * ${threads}u + thread;
      let quad = min(filter0, ${filters - 1}u);
      let split = ${quotient('row', rowGroups, all)};
      let ky0 = row - split * ${rowGroups}u;
      let first = split * ${chunk}u;
      let end = min(first + ${chunk}u, ${pixels}u);
      ${sums.map((name) => `var ${name} = vec4f(0);`).join('\n')}
      var bias = vec4f(0);
      for (var p = first; p < end; p += 4u) {
        let mine = p + (lane & 3u);
        let pixel = min(mine, ${pixels - 1}u);
        ${gatherTaps(conv, 'i32(ky0)', held, 'mine < end')}
        ${each(4, (l) => `let g${l} = gradient[${atPixel(output, l === 0 ? 'p' : `min(p + ${l}u, ${pixels - 1}u)`)} + quad];`)}
        ${each(taps, (t) => [
          each(4, (l) => `let p${l}_${t} = subgroupBroadcast(q${t}, ${l}u);`),
          each(components, (c) => `a${t}_${c} += ${four((j) => `dot(${four((l) => `p${l}_${t}.${'xyzw'[c]}`)}, ${four((l) => `g${l}.${'xyzw'[j]}`)})`)};`),
        ].join('\n'))}
        ${biasAt === null ? '' : `bias += ${[0, 1, 2, 3].map((l) => (l === 0 ? 'g0' : `g${l} * f32(p + ${l}u < end)`)).join(' + ')};`}
      }
      if (filter0 < ${filters}u) {
        let at = split * ${stretch}u + ky0 * ${kernel * 4 * filters}u + filter0;
        ${each(taps, (t) => each(4, (c) => store(t, c)))}
        ${biasAt === null ? '' : `if (ky0 == 0u) { into[split * ${stretch}u + ${biasAt}u + filter0] = bias; }`}
        ${bad?.check(probe([...sums, ...(biasAt === null ? [] : ['bias'])])) ?? ''}
      }`,
  };
}

/** WGSL: `q{t}`, the input of `pixel` at each tap of `rows` rows of the kernel from `firstRow` on; zero in the padding, and where not `live`. */
function gatherTaps(conv: Convolution, firstRow: string, rows: number, live: string | null): string {
  const { input, output, kernel, stride, top, left } = conv;
  const pixels = pixelsOf(output);
  const padded = isPadded(conv);
  const inside = (ky: number, kx: number): string => [...(padded ? [`inY${ky}`, `inX${kx}`] : []), ...(live === null ? [] : ['live'])].join(' & ');
  const tested = padded || live !== null;
  return `
    let line = ${quotient('pixel', output.width, pixels)};
    let image = ${quotient('line', output.height, pixels)};
    let y = i32((line - image * ${output.height}u) * ${stride}u) - ${top} + ${firstRow};
    let x = i32((pixel - line * ${output.width}u) * ${stride}u) - ${left};
    let corner = i32(image) * ${input.height * input.width} + y * ${input.width} + x;
    ${live === null ? '' : `let live = ${live};`}
    ${padded ? each(rows, (ky) => `let inY${ky} = u32(y + ${ky}) < ${input.height}u;`) : ''}
    ${padded ? each(kernel, (kx) => `let inX${kx} = u32(x + ${kx}) < ${input.width}u;`) : ''}
    ${each(rows, (ky) => each(kernel, (kx) => {
      const t = ky * kernel + kx;
      const at = `(corner + ${ky * input.width + kx}) * ${input.step} + ${input.first}`;
      return tested ? `let in${t} = ${inside(ky, kx)}; let q${t} = source[u32(select(0, ${at}, in${t}))] * f32(in${t});` : `let q${t} = source[u32(${at})];`;
    }))}`;
}
