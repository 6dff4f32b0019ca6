import type { BatchSource, LoadedBatch, StreamSpec } from '../data/types.js';

/** Calls under way at once: the source decodes ahead by itself, this hides the way between the workers. */
const IN_FLIGHT = 3;

/** The batches of a stream in order, the next ones already under way. @param images how many the stream has. @param from the first step, from 0. */
export async function* batches(source: BatchSource, spec: StreamSpec, images: number, from = 0): AsyncGenerator<LoadedBatch, void, undefined> {
  const steps = Math.ceil(images / spec.batch);
  const coming: Promise<LoadedBatch>[] = [];
  for (let step = from; step < steps; step++) {
    while (coming.length < IN_FLIGHT && step + coming.length < steps) {
      const next = source.batch(spec, step + coming.length);
      // Whoever awaits it hears of the failure; where nobody does, it is no unhandled rejection.
      next.catch(() => undefined);
      coming.push(next);
    }
    yield await coming.shift()!;
  }
}
