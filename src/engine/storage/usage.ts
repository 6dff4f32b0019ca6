import { WinnowError } from '../support/errors.js';

/** Bytes that this origin uses and may use, as the browser estimates them. */
export interface StorageUsage {
  readonly usedBytes: number;
  readonly quotaBytes: number;
}

export async function storageUsage(): Promise<StorageUsage> {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { usedBytes: usage, quotaBytes: quota };
}

/** @param reserve bytes that stay free beside. @throws 'disk-short' where there is no room for `bytes` more. */
export async function checkRoom(source: string, bytes: number, reserve = 0): Promise<void> {
  const { usedBytes, quotaBytes } = await storageUsage();
  const room = Math.max(0, quotaBytes - usedBytes);
  const megabytes = (value: number) => `${Math.ceil(value / 1e6)} MB`;
  if (bytes + reserve > room) throw new WinnowError('disk-short', { source, needs: megabytes(bytes), room: megabytes(room) });
}
