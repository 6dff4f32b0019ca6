import type { OptimizerSettings } from '../../../support/settings.js';
import { reads, uniform, whole, writes, type Kernel, type Memory, type Region } from '../kernel.js';
import { ADAM } from '../../slots.js';

const THREADS = 64;
/** vec4s that a thread updates, at least and at most: what it reads of the step it reads once for them. */
const FEWEST = 8;
const MOST = 32;

/**
 * Keras 3's Adam, AdamW or SGD over all weights that learn, and the step's sums into the totals; nothing of it in a step
 * that went bad, nor after it. `step.rate` is Adam's bias-corrected alpha, or SGD's learning rate; `step.decay` the share that AdamW
 * takes off. Slots, weights and gradients share one layout, so a thread's vec4 has one index in all. It is memory that
 * this takes, so nothing is read twice.
 *
 * @param threads that keep the adapter busy.
 */
export function optimize(settings: OptimizerSettings, weights: Memory, gradients: Memory, slots: readonly Memory[], step: Region, sums: Memory, flags: Memory, threads: number): Kernel {
  const count = weights.bytes / 16;
  const quads = Math.max(FEWEST, Math.min(MOST, Math.floor(count / threads / 4)));
  const update =
    settings.kind === 'sgd'
      ? `let velocity = slot0[i] * ${settings.momentum} - gradients[i] * rate;
         slot0[i] = velocity;
         weights[i] += velocity;`
      : `let g = gradients[i];
         let m0 = slot0[i];
         let v0 = slot1[i];
         let w = weights[i];
         let m = m0 + (g - m0) * ${1 - ADAM.beta1};
         let v = v0 + (g * g - v0) * ${1 - ADAM.beta2};
         slot0[i] = m;
         slot1[i] = v;
         weights[i] = w${settings.kind === 'adamw' ? ' - w * decay' : ''} - m * rate / (sqrt(v) + ${ADAM.epsilon});`;
  return {
    label: settings.kind,
    bindings: [
      reads('gradients', whole(gradients)),
      reads('flags', whole(flags), 'u32'),
      uniform('step', step),
      writes('weights', whole(weights)),
      ...slots.map((slot, index) => writes(`slot${index}`, whole(slot))),
      writes('sums', whole(sums), 'f32'),
    ],
    threads: THREADS,
    groups: Math.ceil(count / (THREADS * quads)),
    flops: 0,
    milliseconds: 0,
    body: `
      if (flags[0] <= step.number) { return; }
      let rate = step.rate;
      let decay = step.decay;
      let first = group * ${THREADS * quads}u + thread;
      let end = min(first + ${THREADS * quads}u, ${count}u);
      for (var i = first; i < end; i += ${THREADS}u) {
        ${update}
      }
      if (first < 3u) { sums[first] += sums[first + 3u]; }`,
  };
}
