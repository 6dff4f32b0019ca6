import { quotient } from '../arithmetic.js';
import { reads, whole, writes, type Kernel, type Memory, type Region } from '../kernel.js';
import { pixelsOf, type View } from '../views.js';
import type { Epilogue } from './epilogue.js';
import { probe, type Guard } from './guard.js';

const THREADS = 64;

/** The second pass of a product whose reduction was split: a thread sums one vec4 over the splits, first to last, so a run repeats bit for bit. */
export function sumProduct(label: string, scratch: Memory, splits: number, view: View, epilogue: Epilogue): Kernel {
  const pixels = pixelsOf(view);
  const { quads } = view.channels;
  const count = pixels * quads;
  return {
    label,
    bindings: [reads('partial', whole(scratch)), ...epilogue.bindings],
    threads: THREADS,
    groups: Math.ceil(count / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u) { return; }
      var sum = vec4f(0);
      for (var s = 0u; s < ${splits}u; s++) { sum += partial[s * ${count}u + i]; }
      let pixel = ${quotient('i', quads, count)};
      ${epilogue.write('pixel', `(i - pixel * ${quads}u)`, 'sum')}`,
  };
}

/** The same for weights: `splits` stretches of the region's length, one after the other. */
export function sumWeights(label: string, scratch: Memory, splits: number, gradient: Region, bad: Guard): Kernel {
  const count = gradient.bytes / 16;
  return {
    label,
    bindings: [reads('partial', whole(scratch)), writes('gradient', gradient), ...bad.bindings],
    declarations: bad.declarations,
    threads: THREADS,
    groups: Math.ceil(count / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u) { return; }
      var sum = vec4f(0);
      for (var s = 0u; s < ${splits}u; s++) { sum += partial[s * ${count}u + i]; }
      gradient[i] = sum;
      ${bad.check(probe(['sum']))}`,
  };
}
