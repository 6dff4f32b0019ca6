import { expect } from 'chai';
import { Purpose, Random } from '../../src/engine/support/random.js';

/**
 * |actual - expected| / |expected|, Euclidean; the plain norm of actual where expected is all zero.
 * @param scale what is divided by where |expected| is less: of a sum whose terms may cancel, the size it has as a rule.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, scale = 0): number {
  expect(actual.length, 'length').to.equal(expected.length);
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(difference) / (Math.max(Math.sqrt(norm), scale) || 1);
}

/** Arrays alike as wholes: one element near zero may differ by more, NaN anywhere fails. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number, what = 'relative error', scale = 0): void {
  expect(relativeError(actual, expected, scale), what).to.be.at.most(relative);
}

/**
 * Randomness for a test, new in every run. Its seed is printed, in the browser's log of a file that fails; to run that
 * again: VITE_TEST_SEED=… npx wtr FILE.
 */
export function testRandom(test: string): Random {
  const asked = import.meta.env.VITE_TEST_SEED;
  const seed = asked === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(asked);
  console.log(`${test}: VITE_TEST_SEED=${seed}`);
  return new Random(seed, Purpose.sample);
}

/** `length` values of [low, high). */
export function uniforms(random: Random, length: number, low = -1, high = 1): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, () => random.between(low, high));
}
