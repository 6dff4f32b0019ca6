import { WinnowError } from '../../../src/engine/support/errors.js';

/** The WinnowError that `act` throws; anything else fails the test. */
export function thrown(act: () => unknown): WinnowError {
  try {
    act();
  } catch (error) {
    if (error instanceof WinnowError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
