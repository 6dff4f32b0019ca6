import type { DatasetRecord, Refusal } from '../../storage/records.js';
import type { Reason } from '../header.js';

/** One file of a source: its bytes, or why there are none. */
export type SourceFile =
  | { readonly label: number; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly label: number; readonly name: string; readonly refused: Reason };

/** Every door through which photos come in, in one shape: a listing first, then a stream of files that are never held all at once. */
export interface PhotoSource {
  readonly kind: DatasetRecord['source'];
  /** Becomes the dataset's name. */
  readonly name: string;
  /** Sorted; a label is an index here. */
  readonly classes: readonly string[];
  /** Files a class, in the order of classes. */
  readonly counts: readonly number[];
  /** Tells these files from others, in this order: who brings the same again gets the same {@link files}. */
  readonly fingerprint: string;
  /** What the files have together, as far as the listing says. */
  readonly bytes: number;
  /** Left out by the listing alone. */
  readonly refused: readonly Refusal[];
  /** The files from number `from` on, classes in proportion. Reads ahead of its consumer by a bounded number of bytes. */
  files(from: number): AsyncIterable<SourceFile>;
}
