import { uniform, writes, type Binding, type Region } from '../kernel.js';

/** WGSL: whether a float is infinite or not a number. By its bits, since compilers may assume that floats are neither. */
const NOT_FINITE = 'fn notFinite(value: f32) -> bool { return (bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u; }';

/**
 * Marks a step bad: its number becomes that of the first bad step where there was none before. An integer atomic, so the
 * order of threads does not matter. Whoever writes a final gradient checks it as it goes, which saves a pass.
 */
export interface Guard {
  readonly bindings: readonly Binding[];
  readonly declarations: string;
  /** WGSL statement. @param value f32, not finite if anything that went into it was not. */
  check(value: string): string;
}

/** @param flags u32: number of the first bad step. */
export function guard(step: Region, flags: Region): Guard {
  return {
    bindings: [uniform('step', step), writes('flags', flags, 'atomic<u32>')],
    declarations: NOT_FINITE,
    check: (value) => `if (notFinite(${value})) { atomicMin(&flags[0], step.number); }`,
  };
}

/** WGSL f32 of the sum of vec4s: finite only if all of them are. */
export const probe = (values: readonly string[]): string => `dot(${values.join(' + ')}, vec4f(1))`;
