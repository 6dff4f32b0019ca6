/** Bytes that this origin uses and may use, as the browser estimates them. */
export interface StorageUsage {
  readonly usedBytes: number;
  readonly quotaBytes: number;
}

export async function storageUsage(): Promise<StorageUsage> {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  return { usedBytes: usage, quotaBytes: quota };
}
