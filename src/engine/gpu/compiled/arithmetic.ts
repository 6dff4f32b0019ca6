/** Below this a quotient by float is exact: the error of (a + 0.5) / n stays under half of 1 / n. */
const EXACT = 2 ** 21;

const shiftOf = (divisor: number): number | null => (Number.isInteger(Math.log2(divisor)) ? Math.log2(divisor) : null);

/**
 * WGSL of a / n for u32: a software adapter divides integers lane by lane, at the price of many multiply-adds, so it is
 * a shift, or a product in floats, wherever that is exact. @param a below `bound`.
 */
export function quotient(a: string, n: number, bound: number): string {
  const shift = shiftOf(n);
  if (shift !== null) return shift === 0 ? `(${a})` : `((${a}) >> ${shift}u)`;
  return bound < EXACT ? `u32(i32((f32(i32(${a})) + 0.5) * ${1 / n}))` : `((${a}) / ${n}u)`;
}

/** WGSL of a % n for u32. @param a below `bound`; it is evaluated twice. */
export function remainder(a: string, n: number, bound: number): string {
  const shift = shiftOf(n);
  if (shift !== null) return shift === 0 ? '0u' : `((${a}) & ${n - 1}u)`;
  return bound < EXACT ? `((${a}) - ${quotient(a, n, bound)} * ${n}u)` : `((${a}) % ${n}u)`;
}
