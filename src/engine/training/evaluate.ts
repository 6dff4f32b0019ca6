import { Tally, type Evaluation } from '../comparison/tally.js';
import type { BatchSource, LoadedBatch, StreamSpec } from '../data/types.js';
import type { TrainingEngine } from '../gpu/engine.js';
import type { RunControl } from './control.js';
import { batches } from './stream.js';

export type { Evaluation } from '../comparison/tally.js';

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
  /** The stream's batches, where they are under way already. */
  readonly coming?: AsyncIterable<LoadedBatch> | undefined;
}

/** Inference over a whole stream. @returns null where the run was aborted meanwhile. */
export async function evaluate({ engine, source, spec, images, classes, labelSmoothing, control, undecodable, coming }: EvaluationRequest): Promise<Evaluation | null> {
  const tally = new Tally(classes, labelSmoothing);
  for await (const batch of coming ?? batches(source, spec, images)) {
    await control.pass();
    if (control.aborting) return null;
    for (const name of batch.undecodable) undecodable.add(name);
    if (batch.size === 0) continue;
    const probabilities = await engine.predict(batch.pixels, batch.size);
    batch.labels.forEach((label, image) => tally.add(probabilities.subarray(image * classes, (image + 1) * classes), label, batch.indices[image]));
  }
  return tally.result();
}
