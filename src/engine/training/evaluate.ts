import type { BatchSource, StreamSpec } from '../data/types.js';
import type { TrainingEngine } from '../gpu/engine.js';
import type { RunControl } from './control.js';
import { batches } from './stream.js';

/** What inference over a whole stream gave. */
export interface Evaluation {
  readonly images: number;
  readonly correct: number;
  /** Of images, 0 to 1; 0 of none. */
  readonly accuracy: number;
  /** Mean cross-entropy, nats an image. */
  readonly loss: number;
  /** Rows are true classes, columns predicted ones. */
  readonly confusion: readonly (readonly number[])[];
}

export interface EvaluationRequest {
  readonly engine: TrainingEngine;
  readonly source: BatchSource;
  readonly spec: StreamSpec;
  /** Images in the stream. */
  readonly images: number;
  readonly classes: number;
  /** As in training; Keras smooths the validation loss too. Class weights are for training only. */
  readonly labelSmoothing: number;
  readonly control: RunControl;
  /** Takes the names of photos that did not decode. */
  readonly undecodable: Set<string>;
}

/** Keras clips probabilities before their logarithm. */
const LEAST_PROBABILITY = 1e-7;

/** @returns null where the run was aborted meanwhile. */
export async function evaluate({ engine, source, spec, images, classes, labelSmoothing, control, undecodable }: EvaluationRequest): Promise<Evaluation | null> {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let seen = 0;
  let correct = 0;
  let loss = 0;
  for await (const batch of batches(source, spec, images)) {
    await control.pass();
    if (control.aborting) return null;
    for (const name of batch.undecodable) undecodable.add(name);
    if (batch.size === 0) continue;
    const probabilities = await engine.predict(batch.pixels, batch.size);
    batch.labels.forEach((label, image) => {
      const row = probabilities.subarray(image * classes, (image + 1) * classes);
      const predicted = indexOfLargest(row);
      confusion[label][predicted]++;
      if (predicted === label) correct++;
      loss += crossEntropy(row, label, labelSmoothing);
    });
    seen += batch.size;
  }
  return { images: seen, correct, accuracy: seen === 0 ? 0 : correct / seen, loss: seen === 0 ? 0 : loss / seen, confusion };
}

function indexOfLargest(values: Float32Array): number {
  let largest = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[largest]) largest = i;
  return largest;
}

function crossEntropy(probabilities: Float32Array, label: number, smoothing: number): number {
  const nats = (probability: number): number => -Math.log(Math.max(probability, LEAST_PROBABILITY));
  const truth = nats(probabilities[label]);
  if (smoothing === 0) return truth;
  const mean = probabilities.reduce((sum, probability) => sum + nats(probability), 0) / probabilities.length;
  return (1 - smoothing) * truth + smoothing * mean;
}
