import type { Shape, Weight, WeightSpec } from '../graph/types.js';
import type { OptimizerSettings } from '../support/settings.js';

/** Keras's constants of Adam and AdamW; epsilon is added after the square root. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** Adam's two moments, SGD's one velocity. */
export function slotNames(kind: OptimizerSettings['kind']): readonly string[] {
  return kind === 'sgd' ? ['velocity'] : ['m', 'v'];
}

/** Names and shapes of an optimiser's slots: `conv2d/kernel/m`, `conv2d/kernel/v`, in the order of the trainable weights. */
export function slotSpecs(kind: OptimizerSettings['kind'], specs: readonly WeightSpec[]): Pick<Weight, 'name' | 'shape'>[] {
  return specs
    .filter((spec) => spec.trainable)
    .flatMap((spec: { readonly name: string; readonly shape: Shape }) => slotNames(kind).map((slot) => ({ name: `${spec.name}/${slot}`, shape: spec.shape })));
}

/** Adam's step size with the bias correction in it, as Keras has it. @param step from 1. */
export function adamAlpha(learningRate: number, step: number): number {
  return (learningRate * Math.sqrt(1 - ADAM.beta2 ** step)) / (1 - ADAM.beta1 ** step);
}
