import type { DistillationSettings } from '../../../support/settings.js';
import { reads, whole, writes, type Kernel, type Memory, type Region } from '../kernel.js';
import { atPixel, regionOf, type View } from '../views.js';
import type { Guard } from './guard.js';

const THREADS = 64;

/** f32s: loss, correct and images since they were taken; loss, correct and images of this step. */
export const SUMS_BYTES = 256;
/** A u32: number of the first bad step. */
export const FLAGS_BYTES = 256;

export interface Loss {
  readonly logits: View;
  readonly gradient: View;
  /** Two u32 an image: its class, and the bits of its weight in the loss. */
  readonly labels: Region;
  readonly classes: number;
  readonly labelSmoothing: number;
  /** The teacher's probabilities: `classes` f32s an image. */
  readonly distillation?: DistillationSettings & { readonly targets: Region };
}

/**
 * Softmax with cross-entropy, its gradient over the step's size (zero for images beyond it), and the step's sums. One
 * workgroup, an image a thread; thread 0 adds up, so the order is fixed. Where it distils, the softmax at the teacher's
 * temperature comes beside, see {@link DistillationSettings}.
 */
export function softmaxCrossEntropy(loss: Loss, sums: Memory, bad: Guard): Kernel {
  const { logits, gradient, classes, labelSmoothing, distillation } = loss;
  const { quads } = logits.channels;
  const rest = labelSmoothing / classes;
  return {
    label: 'loss',
    bindings: [
      reads('logits', regionOf(logits)),
      reads('labels', loss.labels, 'u32'),
      ...(distillation ? [reads('taught', distillation.targets, 'f32')] : []),
      writes('output', regionOf(gradient)),
      writes('sums', whole(sums), 'f32'),
      ...bad.bindings,
    ],
    declarations: `${bad.declarations}
      var<workgroup> losses: array<f32, ${THREADS}>;
      var<workgroup> corrects: array<f32, ${THREADS}>;`,
    threads: THREADS,
    groups: 1,
    flops: 0,
    milliseconds: 0,
    body: `
      var loss = 0.0;
      var correct = 0.0;
      for (var image = thread; image < ${logits.images}u; image += ${THREADS}u) {
        let start = ${atPixel(logits, 'image')};
        let to = ${atPixel(gradient, 'image')};
        if (image >= step.size) {
          for (var q = 0u; q < ${quads}u; q++) { output[to + q] = vec4f(0); }
          continue;
        }
        let label = labels[image * 2u];
        let weight = bitcast<f32>(labels[image * 2u + 1u]);
        var best = logits[start].x;
        var bestClass = 0u;
        for (var c = 1u; c < ${classes}u; c++) {
          let z = logits[start + c / 4u][c % 4u];
          if (z > best) { best = z; bestClass = c; }
        }
        var sum = 0.0;
        var targets = 0.0;
        for (var c = 0u; c < ${classes}u; c++) {
          let z = logits[start + c / 4u][c % 4u] - best;
          sum += exp(z);
          targets += z * (${rest} + select(0.0, ${1 - labelSmoothing}, c == label));
        }
        ${distillation ? softened(distillation, classes) : `loss += (log(sum) - targets) * weight;`}
        correct += f32(bestClass == label);
        let scale = weight / f32(step.size);
        for (var q = 0u; q < ${quads}u; q++) {
          let c = vec4u(q * 4u) + vec4u(0, 1, 2, 3);
          let aim = vec4f(${rest}) + select(vec4f(0), vec4f(${1 - labelSmoothing}), c == vec4u(label));
          ${distillation ? teacherRow(classes) : ''}
          let slope = exp(logits[start + q] - best) / sum - aim;
          output[to + q] = select(vec4f(0), ${distillation ? pulled(distillation) : 'slope'} * scale, c < vec4u(${classes}u));
        }
      }
      losses[thread] = loss;
      corrects[thread] = correct;
      workgroupBarrier();
      if (thread == 0u) {
        for (var t = 1u; t < ${THREADS}u; t++) { loss += losses[t]; correct += corrects[t]; }
        sums[3] = loss;
        sums[4] = correct;
        sums[5] = f32(step.size);
        ${bad.check('loss')}
      }`,
  };
}

/** Both losses of an image, the teacher's at its temperature. Leaves `softSum`, by which its softmax is divided. */
function softened({ temperature, share }: DistillationSettings, classes: number): string {
  return `
        var softSum = 0.0;
        var softTargets = 0.0;
        for (var c = 0u; c < ${classes}u; c++) {
          let z = (logits[start + c / 4u][c % 4u] - best) * ${float(1 / temperature)};
          softSum += exp(z);
          softTargets += z * taught[image * ${classes}u + c];
        }
        loss += ((log(sum) - targets) * ${float(1 - share)} + (log(softSum) - softTargets) * ${float(share * temperature ** 2)}) * weight;`;
}

/** The teacher's probabilities of the four classes `c`; what lies beyond the last class is not used. */
function teacherRow(classes: number): string {
  return `
          let at = vec4u(image * ${classes}u) + min(c, vec4u(${classes - 1}u));
          let teacher = vec4f(taught[at.x], taught[at.y], taught[at.z], taught[at.w]);`;
}

/** d/dz of T^2 times the cross-entropy at T is T times the difference of the probabilities. */
function pulled({ temperature, share }: DistillationSettings): string {
  return `(slope * ${float(1 - share)} + (exp((logits[start + q] - best) * ${float(1 / temperature)}) / softSum - teacher) * ${float(share * temperature)})`;
}

/** A WGSL literal: a whole number would be an integer. */
function float(value: number): string {
  return `f32(${value})`;
}

/** Class probabilities, an image a thread. */
export function softmax(label: string, logits: View, output: View, classes: number): Kernel {
  const { quads } = logits.channels;
  return {
    label,
    bindings: [reads('logits', regionOf(logits)), writes('output', regionOf(output))],
    threads: THREADS,
    groups: Math.ceil(logits.images / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let image = group * ${THREADS}u + thread;
      if (image >= ${logits.images}u) { return; }
      let start = ${atPixel(logits, 'image')};
      var best = logits[start].x;
      for (var c = 1u; c < ${classes}u; c++) { best = max(best, logits[start + c / 4u][c % 4u]); }
      var sum = 0.0;
      for (var c = 0u; c < ${classes}u; c++) { sum += exp(logits[start + c / 4u][c % 4u] - best); }
      for (var q = 0u; q < ${quads}u; q++) {
        let live = vec4u(q * 4u) + vec4u(0, 1, 2, 3) < vec4u(${classes}u);
        output[${atPixel(output, 'image')} + q] = select(vec4f(0), exp(logits[start + q] - best) / sum, live);
      }`,
  };
}
