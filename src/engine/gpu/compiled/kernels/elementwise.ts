import { dropoutThreshold } from '../../../support/dropout.js';
import { Purpose } from '../../../support/random.js';
import { quotient } from '../arithmetic.js';
import { reads, uniform, type Binding, type Kernel, type Region } from '../kernel.js';
import { atPixel, pixelsOf, regionOf, type View } from '../views.js';
import { toGradient, type Epilogue, type GradientTarget } from './epilogue.js';

const THREADS = 64;

/** A vec4 a thread: reads `source`, leaves the rest to the epilogue. @param value WGSL vec4f from `v`, the quad read. */
function map(label: string, source: View, epilogue: Epilogue, value: { readonly bindings?: readonly Binding[]; readonly declarations?: string; readonly code?: string } = {}): Kernel {
  const { quads } = source.channels;
  const count = pixelsOf(source) * quads;
  return {
    label,
    bindings: [reads('source', regionOf(source)), ...(value.bindings ?? []), ...epilogue.bindings],
    ...(value.declarations === undefined ? {} : { declarations: value.declarations }),
    threads: THREADS,
    groups: Math.ceil(count / THREADS),
    flops: 0,
    milliseconds: 0,
    body: `
      let i = group * ${THREADS}u + thread;
      if (i >= ${count}u) { return; }
      let pixel = ${quotient('i', quads, count)};
      let quad = i - pixel * ${quads}u;
      let v = source[${atPixel(source, 'pixel')} + quad];
      ${epilogue.write('pixel', 'quad', value.code ?? 'v')}`,
  };
}

/** A tensor's activation on its own, or a plain copy into a slice of a concat. */
export function copy(label: string, source: View, epilogue: Epilogue): Kernel {
  return map(label, source, epilogue);
}

/** The gradient of a tensor, passed on to another of the same shape. */
export function passGradient(label: string, gradient: View, target: GradientTarget): Kernel {
  return map(label, gradient, toGradient(target));
}

/** pcg4d of support/random.ts. */
const PCG4D = `fn pcg4d(at: vec4u) -> vec4u {
  var v = at * 1664525u + 1013904223u;
  v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
  v = v ^ (v >> vec4u(16u));
  v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
  return v;
}`;

export interface Dropout {
  readonly seed: number;
  /** Index of the layer in the graph's list. */
  readonly layer: number;
  readonly rate: number;
}

/**
 * Dropout forward, and (with the gradient's epilogue) backward: the mask of support/dropout.ts is drawn where it is used
 * and kept nowhere. Its elements count logical channels, so a padded tensor draws component by component.
 */
export function dropout(label: string, source: View, epilogue: Epilogue, { seed, layer, rate }: Dropout, step: Region): Kernel {
  const { count, places, quads } = source.channels;
  const lane = `${(Purpose.dropout | (layer << 8)) >>> 0}u`;
  const bits = (at: string) => `pcg4d(vec4u(${seed >>> 0}u, ${lane}, step.number, ${at}))`;
  const keep = (drawn: string) => `select(vec4f(0), vec4f(${1 / (1 - rate)}), (${drawn} >> vec4u(8u)) >= vec4u(${dropoutThreshold(rate)}u))`;
  const plain = places === null && count % 4 === 0;
  return map(label, source, epilogue, {
    bindings: [uniform('step', step)],
    declarations: plain ? PCG4D : `${PCG4D}\n${drawOf(bits)}\n${logicalOf(count, places, quads)}`,
    code: plain
      ? `v * ${keep(bits('i'))}`
      : `v * ${keep(`vec4u(${[0, 1, 2, 3].map((c) => `draw(pixel * ${count}u + logical(quad * 4u + ${c}u))`).join(', ')})`)}`,
  });
}

const drawOf = (bits: (at: string) => string) => `fn draw(element: u32) -> u32 { return ${bits('(element >> 2u)')}[element & 3u]; }`;

/** WGSL of the logical channel at a physical one; of padding, any. */
function logicalOf(count: number, places: Int32Array | null, quads: number): string {
  if (places === null) return `fn logical(at: u32) -> u32 { return min(at, ${count - 1}u); }`;
  const table = new Uint32Array(quads * 4);
  places.forEach((physical, logical) => {
    table[physical] = logical;
  });
  return `const LOGICAL = array<u32, ${table.length}>(${[...table].map((i) => `${i}u`).join(', ')});
    fn logical(at: u32) -> u32 { var table = LOGICAL; return table[at]; }`;
}
