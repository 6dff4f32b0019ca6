import type { ErrorData } from '../../engine/support/errors.js';
import type { Photo } from '../../workers/contract.js';
import type { DuplicateSearch } from '../dataset/findings.js';

export interface Augmented {
  readonly index: number;
  /** As it is first, then as each epoch shows it. */
  readonly bitmaps: readonly ImageBitmap[];
}

/** What is known of the chosen dataset's photos beyond their counts. */
export interface PhotosState {
  readonly dataset: string | null;
  /** Class of every photo. */
  readonly labels: Uint16Array | null;
  /** Part of every photo in the form's split; 255 where the limit leaves it out. */
  readonly parts: Uint8Array | null;
  /** Why there is no split. */
  readonly splitError: ErrorData | null;
  readonly browsed: readonly Photo[];
  readonly duplicates: DuplicateSearch | null;
  readonly augmented: Augmented | null;
}

export const noPhotos: PhotosState = { dataset: null, labels: null, parts: null, splitError: null, browsed: [], duplicates: null, augmented: null };
