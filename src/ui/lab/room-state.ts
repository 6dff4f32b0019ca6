import type { ImportRecord, KeptPixels, StorageUsage } from '../../workers/contract.js';

/** What is stored takes, and what an interruption left. */
export interface Room {
  /** Null until it is known. */
  readonly usage: StorageUsage | null;
  /** The browser has promised to clear nothing of it by itself. */
  readonly kept: boolean;
  /** Imports that were cut off. */
  readonly cut: readonly ImportRecord[];
  /** Of the chosen dataset at the form's size; null until it is known. */
  readonly pixels: (KeptPixels & { readonly dataset: string; readonly size: number }) | null;
}

export const noRoom: Room = { usage: null, kept: false, cut: [], pixels: null };
