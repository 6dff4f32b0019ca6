import type { OptimizerSettings } from '../../../support/settings.js';
import { reads, uniform, whole, writes, type Kernel, type Memory, type Region } from '../kernel.js';
import { ADAM } from '../../slots.js';

const THREADS = 64;
/** vec4s that a thread updates: what it reads of the step it reads once for them. */
const QUADS = 8;

/**
 * Keras 3's Adam, AdamW or SGD over all weights that learn, and the step's sums into the totals; nothing of it in a step
 * that went bad, nor after it. `step.rate` is Adam's bias-corrected alpha, or SGD's learning rate; `step.decay` the share that AdamW
 * takes off. Slots, weights and gradients share one layout, so a thread's vec4 has one index in all.
 */
export function optimize(settings: OptimizerSettings, weights: Memory, gradients: Memory, slots: readonly Memory[], step: Region, sums: Memory, flags: Memory): Kernel {
  const count = weights.bytes / 16;
  const update =
    settings.kind === 'sgd'
      ? `let velocity = slot0[i] * ${settings.momentum} - gradients[i] * rate;
         slot0[i] = velocity;
         weights[i] += velocity;`
      : `let g = gradients[i];
         let m = slot0[i] + (g - slot0[i]) * ${1 - ADAM.beta1};
         let v = slot1[i] + (g * g - slot1[i]) * ${1 - ADAM.beta2};
         slot0[i] = m;
         slot1[i] = v;
         weights[i] = weights[i]${settings.kind === 'adamw' ? ' - weights[i] * decay' : ''} - m * rate / (sqrt(v) + ${ADAM.epsilon});`;
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
    groups: Math.ceil(count / (THREADS * QUADS)),
    flops: 0,
    milliseconds: 0,
    body: `
      if (flags[0] <= step.number) { return; }
      let rate = step.rate;
      let decay = step.decay;
      let first = group * ${THREADS * QUADS}u + thread;
      let end = min(first + ${THREADS * QUADS}u, ${count}u);
      for (var i = first; i < end; i += ${THREADS}u) {
        ${update}
      }
      if (first < 3u) { sums[first] += sums[first + 3u]; }`,
  };
}
