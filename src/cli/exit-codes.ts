import type { ErrorCode } from '../engine/support/errors.js';

export const exitCodes = { done: 0, failed: 1, invalid: 2, interrupted: 130 } as const;

/** The call or the input is wrong, and the same call would be again; everything else is the work that failed. */
const invalid: readonly ErrorCode[] = [
  'no-images', 'one-class', 'class-too-small', 'too-many-classes', 'zip-broken', 'zip-unsafe', 'idx-broken', 'arch-unknown', 'size-invalid',
  'settings-invalid', 'model-broken', 'export-too-large', 'weights-unfit', 'classes-differ', 'image-broken', 'gpu-memory', 'gpu-too-small', 'input-missing', 'call-invalid',
];

export function exitCodeOf(code: ErrorCode): number {
  if (code === 'cancelled') return exitCodes.interrupted;
  return invalid.includes(code) ? exitCodes.invalid : exitCodes.failed;
}
