import type { OptimizerSettings } from '../../../support/settings.js';
import { reads, uniform, whole, writes, type Kernel, type Memory, type Region } from '../kernel.js';
import { ADAM } from '../../slots.js';
import { NOT_FINITE } from './loss.js';

const THREADS = 64;
/** vec4s that a thread checks. */
const CHECKED = 16;

/** Marks the step bad where a gradient is infinite or not a number. Integer atomics: the order of threads does not matter. */
export function checkGradients(gradients: Memory, step: Region, flags: Memory): Kernel {
  const count = gradients.bytes / 16;
  return {
    label: 'finite check',
    bindings: [reads('gradients', whole(gradients)), uniform('step', step), writes('flags', whole(flags), 'atomic<u32>')],
    declarations: NOT_FINITE,
    threads: THREADS,
    groups: Math.ceil(count / (THREADS * CHECKED)),
    flops: 0,
    milliseconds: 0,
    body: `
      var bad = false;
      let base = group * ${THREADS * CHECKED}u + thread;
      for (var k = 0u; k < ${CHECKED}u; k++) {
        let g = gradients[min(base + k * ${THREADS}u, ${count - 1}u)];
        bad = bad || notFinite(g.x) || notFinite(g.y) || notFinite(g.z) || notFinite(g.w);
      }
      if (bad) { atomicMax(&flags[0], step.number); atomicMin(&flags[1], step.number); }`,
  };
}

/**
 * Keras 3's Adam, AdamW or SGD over all weights that learn, and the step's sums into the totals; nothing of it in a step
 * that went bad. `step.rate` is Adam's bias-corrected alpha, or SGD's learning rate; `step.decay` the share that AdamW
 * takes off. Slots, weights and gradients share one layout, so a thread's vec4 has one index in all.
 */
export function optimize(settings: OptimizerSettings, weights: Memory, gradients: Memory, slots: readonly Memory[], step: Region, sums: Memory, flags: Memory): Kernel {
  const count = weights.bytes / 16;
  const update =
    settings.kind === 'sgd'
      ? `let velocity = slot0[i] * ${settings.momentum} - gradients[i] * step.rate;
         slot0[i] = velocity;
         weights[i] += velocity;`
      : `let g = gradients[i];
         let m = slot0[i] + (g - slot0[i]) * ${1 - ADAM.beta1};
         let v = slot1[i] + (g * g - slot1[i]) * ${1 - ADAM.beta2};
         slot0[i] = m;
         slot1[i] = v;
         weights[i] = weights[i]${settings.kind === 'adamw' ? ' - weights[i] * step.decay' : ''} - m * step.rate / (sqrt(v) + ${ADAM.epsilon});`;
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
    groups: Math.ceil(count / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u || flags[0] == step.number) { return; }
      ${update}
      if (i < 3u) { sums[i] += sums[i + 3u]; }`,
  };
}
