import { reads, writes, whole, type Binding, type Memory, type Region } from '../kernel.js';
import { atPixel, pixelsOf, regionOf, type View } from '../views.js';
import { activate, throughActivation, type Fused } from './activation.js';

/** What becomes of a kernel's sums: the tail that saves a pass over the tensor. */
export interface Epilogue {
  readonly bindings: readonly Binding[];
  /** WGSL vec4f that all pixels of a quad have in common, for a kernel to load once and hand to `write`. */
  readonly shared?: (quad: string) => string;
  /** WGSL statement. @param pixel, quad WGSL u32. @param value, shared WGSL vec4f. */
  write(pixel: string, quad: string, value: string, shared?: string): string;
}

/**
 * Bias and activation, into `output`.
 * @param weights a layer's kernel and bias. @param biasAt vec4s to the bias in it; null where there is none.
 */
export function activated(output: View, weights: Region, biasAt: number | null, activation: Fused): Epilogue {
  const bias = (quad: string): string => `weights[${biasAt}u + ${quad}]`;
  return {
    bindings: [...(biasAt === null ? [] : [reads('weights', weights)]), writes('output', regionOf(output))],
    ...(biasAt === null ? {} : { shared: bias }),
    write: (pixel, quad, value, shared) => `output[${atPixel(output, pixel)} + ${quad}] = ${activate(activation, biasAt === null ? value : `${value} + ${shared ?? bias(quad)}`)};`,
  };
}

/** Where the gradient of a tensor goes: through the activation that made the tensor, on top of what other readers gave. */
export interface GradientTarget {
  readonly gradient: View;
  /** The tensor itself, and the activation that it is the output of. */
  readonly value: View;
  readonly activation: Fused;
  /** False for the first of the tensor's readers. */
  readonly adds: boolean;
}

export function toGradient({ gradient, value, activation, adds }: GradientTarget): Epilogue {
  return {
    bindings: [...(activation === 'linear' ? [] : [reads('made', regionOf(value))]), writes('output', regionOf(gradient))],
    write(pixel, quad, sum) {
      const at = `output[${atPixel(gradient, pixel)} + ${quad}]`;
      const assign = adds ? '+=' : '=';
      if (activation === 'linear') return `${at} ${assign} ${sum};`;
      return `{ let was = made[${atPixel(value, pixel)} + ${quad}]; ${at} ${assign} ${throughActivation(activation, sum, 'was')}; }`;
    },
  };
}

/** Partial sums, for a second pass: [split, pixel, quad]. */
export function partial(scratch: Memory, view: View): Epilogue {
  const { quads } = view.channels;
  return {
    bindings: [writes('output', whole(scratch))],
    write: (pixel, quad, value) => `output[(split * ${pixelsOf(view)}u + ${pixel}) * ${quads}u + ${quad}] = ${value};`,
  };
}
