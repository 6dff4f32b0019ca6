import type { Activation } from '../../../graph/types.js';

/** Activations that kernels fuse; the last softmax is one with the loss. */
export type Fused = Exclude<Activation, 'softmax'>;

/** WGSL of the activation of a vec4f. */
export function activate(activation: Fused, value: string): string {
  switch (activation) {
    case 'linear':
      return value;
    case 'relu':
      return `max(${value}, vec4f(0))`;
    case 'relu6':
      return `clamp(${value}, vec4f(0), vec4f(6))`;
  }
}

/** WGSL of the gradient before the activation, from that after it and the activation's own output. */
export function throughActivation(activation: Fused, gradient: string, output: string): string {
  switch (activation) {
    case 'linear':
      return gradient;
    case 'relu':
      return `select(vec4f(0), ${gradient}, ${output} > vec4f(0))`;
    case 'relu6':
      return `select(vec4f(0), ${gradient}, (${output} > vec4f(0)) & (${output} < vec4f(6)))`;
  }
}
