import type { BatchSource, LoadedBatch, StreamSpec } from '../data/types.js';

/** Calls under way at once: the source decodes ahead by itself, this hides the way between the workers. */
const IN_FLIGHT = 3;

/**
 * The batches of a stream in order, the next ones always under way; the first are as soon as it is called.
 * @param images how many the stream has. @param from the first step, from 0.
 */
export function batches(source: BatchSource, spec: StreamSpec, images: number, from = 0): AsyncGenerator<LoadedBatch, void, undefined> {
  const steps = Math.ceil(images / spec.batch);
  const coming: Promise<LoadedBatch>[] = [];
  let asked = from;
  const ask = (): void => {
    for (; coming.length < IN_FLIGHT && asked < steps; asked++) {
      const next = source.batch(spec, asked);
      // Whoever awaits it hears of the failure; where nobody does, it is no unhandled rejection.
      next.catch(() => undefined);
      coming.push(next);
    }
  };
  const inOrder = async function* (): AsyncGenerator<LoadedBatch, void, undefined> {
    for (; coming.length > 0; ask()) yield await coming.shift()!;
  };
  ask();
  return inOrder();
}
