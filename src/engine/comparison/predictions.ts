import type { PackedPredictions } from '../storage/records.js';

/** What a model took photos for; entry i of each list is of the same photo. */
export interface Predictions {
  /** Of the photos in their dataset, each once. */
  readonly indices: ArrayLike<number>;
  readonly truth: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

/** A photo that two models take for different classes. */
export interface Disagreement {
  /** In the dataset. */
  readonly index: number;
  readonly truth: number;
  readonly first: number;
  readonly second: number;
}

/** By ascending index. A photo takes four bytes and a half or so: the gap to the one before, and its two classes. */
export function packPredictions({ indices, truth, predicted }: Predictions, classes: number): PackedPredictions {
  const order = Array.from(indices, (_, place) => place).sort((a, b) => indices[a] - indices[b]);
  const gaps: number[] = [];
  order.forEach((place, i) => {
    // LEB128: seven bits a byte, the lowest first.
    let gap = indices[place] - (i === 0 ? 0 : indices[order[i - 1]]);
    for (; gap >= 128; gap >>>= 7) gaps.push((gap & 127) | 128);
    gaps.push(gap);
  });
  const wide = classes > 256;
  const labels = (of: ArrayLike<number>): string => base64(order.flatMap((place) => (wide ? [of[place] & 255, of[place] >> 8] : [of[place]])));
  return { images: order.length, wide, photos: base64(gaps), truth: labels(truth), predicted: labels(predicted) };
}

export function unpackPredictions({ images, wide, photos, truth, predicted }: PackedPredictions): Predictions {
  const gaps = atob(photos);
  const indices = new Uint32Array(images);
  let at = 0;
  let index = 0;
  for (let i = 0; i < images; i++) {
    for (let shift = 0; ; shift += 7) {
      const byte = gaps.charCodeAt(at++);
      index += (byte & 127) << shift;
      if (byte < 128) break;
    }
    indices[i] = index;
  }
  const labels = (text: string): Uint16Array => {
    const bytes = atob(text);
    return Uint16Array.from({ length: images }, (_, i) => (wide ? bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8) : bytes.charCodeAt(i)));
  };
  return { indices, truth: labels(truth), predicted: labels(predicted) };
}

/** Indices in the dataset of the photos of one class that were taken for another, or for their own. */
export function photosOfCell({ indices, truth, predicted }: Predictions, actual: number, taken: number): number[] {
  return Array.from(indices).filter((_, i) => truth[i] === actual && predicted[i] === taken);
}

/** The photos that both judged and take for different classes, in the dataset's order. */
export function disagreements(first: Predictions, second: Predictions): Disagreement[] {
  const places = new Map(Array.from(second.indices, (index, place) => [index, place]));
  return Array.from(first.indices).flatMap((index, i) => {
    const place = places.get(index);
    if (place === undefined || first.predicted[i] === second.predicted[place]) return [];
    return [{ index, truth: first.truth[i], first: first.predicted[i], second: second.predicted[place] }];
  });
}

function base64(bytes: readonly number[]): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
