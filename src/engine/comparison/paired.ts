import type { Interval, PackedHits, RunRecord } from '../storage/records.js';
import { mcnemar, pairedDifference } from './statistics.js';

export function packHits(hits: readonly boolean[]): PackedHits {
  const bytes = new Uint8Array(Math.ceil(hits.length / 8));
  hits.forEach((hit, i) => {
    if (hit) bytes[i >> 3] |= 1 << (i & 7);
  });
  return { images: hits.length, bits: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
}

/** Two models on the same photos. */
export interface Pairing {
  /** Photos that only the first, only the second got right. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** McNemar's mid-p: how likely so uneven a share is where the models are equally good. */
  readonly p: number;
  readonly photos: number;
  /** By how much the first is more accurate (a fraction, below 0 where it is less), and its 95 % interval. */
  readonly difference: number;
  readonly interval: Interval;
}

/** Null where they were not judged on the same number of photos, or one kept no record. */
export function pair(first: PackedHits | undefined, second: PackedHits | undefined): Pairing | null {
  if (!first || !second || first.images !== second.images || first.images === 0) return null;
  const [a, b] = [atob(first.bits), atob(second.bits)];
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < first.images; i++) {
    const bit = 1 << (i & 7);
    const [hitA, hitB] = [a.charCodeAt(i >> 3) & bit, b.charCodeAt(i >> 3) & bit];
    if (hitA > hitB) onlyFirst++;
    if (hitB > hitA) onlySecond++;
  }
  return { onlyFirst, onlySecond, p: mcnemar(onlyFirst, onlySecond), photos: first.images, ...pairedDifference(onlyFirst, onlySecond, first.images) };
}

/** Runs with equal keys were judged on the same photos, changed in the same way, and can be compared. */
export function photosKey({ dataset, settings }: RunRecord): string {
  const { seed, splitSeed, validationShare, testShare, limit, perturbation } = settings;
  return JSON.stringify([dataset, splitSeed ?? seed, validationShare, testShare, limit, Object.entries(perturbation).sort()]);
}
