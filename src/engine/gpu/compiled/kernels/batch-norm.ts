import { quotient } from '../arithmetic.js';
import { each, reads, uniform, whole, writes, type Kernel, type Memory, type Region } from '../kernel.js';
import { atPixel, pixelsOf, regionOf, type View } from '../views.js';
import { activate, type Fused } from './activation.js';
import { toGradient, type GradientTarget } from './epilogue.js';
import { probe, type Guard } from './guard.js';

const THREADS = 32;
/** Pixels of one quad of channels that a thread normalises. */
const PIXELS = 4;

/** Keras 3's batch norm over the last axis; variance is biased. Images beyond the step's size count nowhere. */
export interface BatchNorm {
  readonly name: string;
  readonly input: View;
  readonly output: View;
  readonly epsilon: number;
  /** gamma, then beta. */
  readonly affine: Region;
  /** Mean, then variance: of the batch, or moving. */
  readonly statistics: Region;
  /** vec4s before the mean in it. */
  readonly statisticsFirst: number;
}

const livePixels = (view: View): string => `step.size * ${view.height * view.width}u`;

/**
 * Mean and squared deviation (M2) of each split's pixels. Sums are taken around the split's first value, so a mean far
 * from zero costs no digits. Scratch: [split, 2, quads].
 */
export function partialStatistics(norm: BatchNorm, scratch: Memory, splits: number, step: Region): Kernel {
  const { input } = norm;
  const { quads } = input.channels;
  const chunk = Math.ceil(pixelsOf(input) / splits);
  const count = quads * splits;
  return {
    label: `${norm.name} statistics`,
    bindings: [reads('source', regionOf(input)), uniform('step', step), writes('partial', whole(scratch))],
    threads: THREADS,
    groups: Math.ceil(count / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u) { return; }
      let split = ${quotient('i', quads, count)};
      let quad = i - split * ${quads}u;
      let start = split * ${chunk}u;
      let to = min(start + ${chunk}u, ${livePixels(input)});
      let shift = source[${atPixel(input, `min(start, ${pixelsOf(input) - 1}u)`)} + quad];
      var sum = vec4f(0);
      var squares = vec4f(0);
      for (var p = start; p < to; p++) {
        let d = source[${atPixel(input, 'p')} + quad] - shift;
        sum += d;
        squares += d * d;
      }
      let n = f32(max(to, start + 1u) - start);
      partial[split * ${2 * quads}u + quad] = shift + sum / n;
      partial[split * ${2 * quads}u + ${quads}u + quad] = squares - sum * sum / n;`,
  };
}

/** The splits merged, first to last (Chan, Golub and LeVeque 1983), into mean and biased variance. */
export function mergeStatistics(norm: BatchNorm, scratch: Memory, splits: number, step: Region): Kernel {
  const { input } = norm;
  const { quads } = input.channels;
  const chunk = Math.ceil(pixelsOf(input) / splits);
  return {
    label: `${norm.name} statistics merged`,
    bindings: [reads('partial', whole(scratch)), uniform('step', step), writes('statistics', norm.statistics)],
    threads: THREADS,
    groups: Math.ceil(quads / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let quad = group * ${THREADS}u + thread;
      if (quad >= ${quads}u) { return; }
      let live = ${livePixels(input)};
      var n = 0.0;
      var mean = vec4f(0);
      var squares = vec4f(0);
      for (var s = 0u; s < ${splits}u; s++) {
        let start = s * ${chunk}u;
        if (start >= live) { break; }
        let m = f32(min(start + ${chunk}u, live) - start);
        let d = partial[s * ${2 * quads}u + quad] - mean;
        let all = n + m;
        mean += d * (m / all);
        squares += partial[s * ${2 * quads}u + ${quads}u + quad] + d * d * (n * m / all);
        n = all;
      }
      statistics[quad] = mean;
      statistics[quad + ${quads}u] = max(squares, vec4f(0)) / n;`,
  };
}

/** A thread takes one quad of channels at a few pixels, so that the channel's four numbers are read once for all. */
function overPixels(view: View): { groups: number; code: string; strips: number } {
  const { quads } = view.channels;
  const strips = Math.ceil(pixelsOf(view) / PIXELS);
  return {
    strips,
    groups: Math.ceil((strips * quads) / THREADS),
    code: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${strips * quads}u) { return; }
      let strip = ${quotient('i', quads, strips * quads)};
      let quad = i - strip * ${quads}u;
      let pixel0 = strip * ${PIXELS}u;`,
  };
}

const eachPixel = (view: View, statement: string): string =>
  each(PIXELS, (m) => `${pixelsOf(view) % PIXELS === 0 ? '' : `if (pixel0 + ${m}u < ${pixelsOf(view)}u)`} { let pixel = pixel0 + ${m}u; ${statement} }`);

const meanOf = (norm: BatchNorm): string => `statistics[quad + ${norm.statisticsFirst}u]`;
const inverse = (norm: BatchNorm, quads: number): string => `inverseSqrt(statistics[quad + ${norm.statisticsFirst + quads}u] + ${norm.epsilon})`;

/** Normalises, scales, shifts, and applies the activation behind it. */
export function normalise(norm: BatchNorm, activation: Fused): Kernel {
  const { input, output } = norm;
  const { quads } = input.channels;
  const { groups, code } = overPixels(input);
  return {
    label: `${norm.name} forward`,
    bindings: [reads('source', regionOf(input)), reads('affine', norm.affine), reads('statistics', norm.statistics), writes('output', regionOf(output))],
    threads: THREADS,
    groups,
    flops: 0,
    milliseconds: 0,
    body: `${code}
      let mean = ${meanOf(norm)};
      let scale = affine[quad] * ${inverse(norm, quads)};
      let shift = affine[quad + ${quads}u];
      ${eachPixel(input, `output[${atPixel(output, 'pixel')} + quad] = ${activate(activation, `(source[${atPixel(input, 'pixel')} + quad] - mean) * scale + shift`)};`)}`,
  };
}

/** Gradients of gamma and beta of each split's pixels: [split, 2, quads], `stretch` vec4s a split. */
export function affineGradient(norm: BatchNorm, gradient: View, into: Region, splits: number, step: Region, bad: Guard | null): Kernel {
  const { input } = norm;
  const { quads } = input.channels;
  const chunk = Math.ceil(pixelsOf(input) / splits);
  const count = quads * splits;
  return {
    label: `${norm.name} affine gradient`,
    bindings: [reads('source', regionOf(input)), reads('gradient', regionOf(gradient)), reads('statistics', norm.statistics), writes('into', into), ...(bad?.bindings ?? [uniform('step', step)])],
    ...(bad === null ? {} : { declarations: bad.declarations }),
    threads: THREADS,
    groups: Math.ceil(count / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u) { return; }
      let split = ${quotient('i', quads, count)};
      let quad = i - split * ${quads}u;
      let start = split * ${chunk}u;
      let to = min(start + ${chunk}u, ${livePixels(input)});
      let mean = ${meanOf(norm)};
      let scale = ${inverse(norm, quads)};
      var gamma = vec4f(0);
      var beta = vec4f(0);
      for (var p = start; p < to; p++) {
        let g = gradient[${atPixel(gradient, 'p')} + quad];
        gamma += g * (source[${atPixel(input, 'p')} + quad] - mean) * scale;
        beta += g;
      }
      into[split * ${2 * quads}u + quad] = gamma;
      into[split * ${2 * quads}u + ${quads}u + quad] = beta;
      ${bad?.check(probe(['gamma', 'beta'])) ?? ''}`,
  };
}

/** Input gradient of a batch norm in training, from the summed gradients of gamma and beta. */
export function normaliseGradient(norm: BatchNorm, gradient: View, affineGradients: Region, target: GradientTarget, step: Region): Kernel {
  const { input } = norm;
  const { quads } = input.channels;
  const { groups, code } = overPixels(input);
  const epilogue = toGradient(target);
  return {
    label: `${norm.name} input gradient`,
    bindings: [reads('source', regionOf(input)), reads('gradient', regionOf(gradient)), reads('affine', norm.affine), reads('statistics', norm.statistics), reads('sums', affineGradients), uniform('step', step), ...epilogue.bindings],
    threads: THREADS,
    groups,
    flops: 0,
    milliseconds: 0,
    body: `${code}
      let live = ${livePixels(input)};
      let mean = ${meanOf(norm)};
      let inverse = ${inverse(norm, quads)};
      let scale = affine[quad] * inverse;
      let slope = sums[quad] * inverse / f32(live);
      let shift = sums[quad + ${quads}u] / f32(live);
      ${eachPixel(input, `
        let d = source[${atPixel(input, 'pixel')} + quad] - mean;
        let g = (gradient[${atPixel(gradient, 'pixel')} + quad] - shift - d * slope) * scale * f32(pixel < live);
        ${epilogue.write('pixel', 'quad', 'g')}`)}`,
  };
}

/** Input gradient of a frozen batch norm, whose statistics are constants. */
export function frozenNormGradient(norm: BatchNorm, gradient: View, target: GradientTarget): Kernel {
  const { input } = norm;
  const { quads } = input.channels;
  const { groups, code } = overPixels(input);
  const epilogue = toGradient(target);
  return {
    label: `${norm.name} input gradient`,
    bindings: [reads('gradient', regionOf(gradient)), reads('affine', norm.affine), reads('statistics', norm.statistics), ...epilogue.bindings],
    threads: THREADS,
    groups,
    flops: 0,
    milliseconds: 0,
    body: `${code}
      let scale = affine[quad] * ${inverse(norm, quads)};
      ${eachPixel(input, epilogue.write('pixel', 'quad', `gradient[${atPixel(gradient, 'pixel')} + quad] * scale`))}`,
  };
}

/** moving = moving * momentum + batch * (1 - momentum), for all layers at once, unless the step or one before went bad. @param momenta of each stretch, in vec4s to its end. */
export function moveStatistics(moving: Region, batch: Region, flags: Region, step: Region, momenta: readonly { readonly end: number; readonly momentum: number }[]): Kernel {
  const count = moving.bytes / 16;
  const momentum = momenta.slice(0, -1).reduceRight((rest, { end, momentum: m }) => `select(${rest}, ${m}, i < ${end}u)`, `${momenta.at(-1)!.momentum}`);
  return {
    label: 'moving statistics',
    bindings: [reads('batch', batch), reads('flags', flags, 'u32'), uniform('step', step), writes('moving', moving)],
    threads: 64,
    groups: Math.ceil(count / 64),
    flops: 0,
    milliseconds: 0,
    body: `
      let i = group * 64u + thread;
      if (i >= ${count}u || flags[0] <= step.number) { return; }
      let momentum = f32(${momentum});
      moving[i] = moving[i] * momentum + batch[i] * (1.0 - momentum);`,
  };
}
