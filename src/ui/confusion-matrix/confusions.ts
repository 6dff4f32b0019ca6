/** Photos of class `actual` that were taken for `predicted`. */
export interface Confusion {
  readonly actual: number;
  readonly predicted: number;
  readonly count: number;
  /** Of all photos of `actual`, 0 to 1. */
  readonly share: number;
}

export type Matrix = readonly (readonly number[])[];

export const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** The most frequent mistakes first. */
export function confusions(matrix: Matrix): Confusion[] {
  return matrix
    .flatMap((row, actual) => {
      const total = sum(row);
      return row.map((count, predicted) => ({ actual, predicted, count, share: count / total }));
    })
    .filter(({ actual, predicted, count }) => actual !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || b.share - a.share);
}

/** Share of a class's photos that were recognised; NaN where there were none. */
export function recall(matrix: Matrix, actual: number): number {
  return matrix[actual][actual] / sum(matrix[actual]);
}

/** Share right of the photos taken for a class; NaN where none was. */
export function precision(matrix: Matrix, predicted: number): number {
  return matrix[predicted][predicted] / sum(matrix.map((row) => row[predicted]));
}
