import type { Device } from '../gpu/index.js';
import { hasCode, WinnowError } from '../support/errors.js';

/** More than so many within so long are no accident. */
const MOST = 3;
const WITHIN_MS = 5 * 60_000;

/** Counts what should be rare: the GPU or a worker was lost. */
export class Losses {
  private times: number[] = [];

  /** @returns whether it is worth while to go on. */
  note(): boolean {
    const now = performance.now();
    this.times = [...this.times.filter((time) => now - time < WITHIN_MS), now];
    return this.times.length < MOST;
  }

  /** Within the last five minutes. */
  get count(): number {
    return this.times.length;
  }
}

/** A call that fails because the device is gone can fail before the device says so. */
const SAYS_SO_MS = 500;

/** How `device` was lost, if that is what `error` comes from; null where it is not. */
export async function lossOf(error: unknown, device: Device | null): Promise<WinnowError | null> {
  if (hasCode(error, 'gpu-lost')) return error;
  if (device === null || device.gpu === null || (error instanceof WinnowError && error.code !== 'gpu-failed')) return null;
  const said = await Promise.race([device.failed, new Promise<null>((resolve) => setTimeout(() => resolve(null), SAYS_SO_MS))]);
  return said !== null && hasCode(said, 'gpu-lost') ? said : null;
}
