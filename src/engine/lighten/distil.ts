import type { DistillationSettings } from '../support/settings.js';

/** Middle of the range in which Hinton et al. 2015 found all temperatures alike (2.5 to 4, section 3); the labels keep a tenth of the loss. */
export const distillation: DistillationSettings = { temperature: 4, share: 0.9 };

/**
 * Probabilities at a higher temperature: softmax(logits / T) is softmax(logits) to the power 1 / T, normalised, so that whatever
 * gives probabilities can teach.
 * @param probabilities [images, classes], row-major; of a class with probability 0 nothing comes back.
 */
export function soften(probabilities: Float32Array, classes: number, temperature: number): Float32Array<ArrayBuffer> {
  const soft = Float32Array.from(probabilities, (probability) => probability ** (1 / temperature));
  for (let first = 0; first < soft.length; first += classes) {
    const row = soft.subarray(first, first + classes);
    const sum = row.reduce((total, power) => total + power, 0);
    row.forEach((power, c) => (row[c] = power / sum));
  }
  return soft;
}
