import type { RunRecord } from '../engine/storage/records.js';
import type { LabConnection } from '../workers/connect.js';
import type { TrainerEvent } from '../workers/contract.js';

/** What is told while a run trains. */
export type TrainingEvent = Extract<TrainerEvent, { type: 'run' | 'stage' | 'progress' | 'epoch' | 'advice' | 'notice' }>;

/**
 * A run, from being asked for to its end. `for await (const event of training)` hears everything from the start if it is there at once;
 * where it is slower than the run, of several `progress` in a row only the last is kept. Leaving the loop leaves the run alone.
 */
export class Training implements AsyncIterable<TrainingEvent> {
  private readonly listeners = new Set<Listener>();

  /**
   * @param ended the run as it ended: done, stopped or failed. Rejects with a WinnowError where it could not begin ('gpu-memory',
   * 'settings-invalid', 'dataset-missing' …), and with the signal's reason once that is aborted.
   */
  constructor(
    readonly ended: Promise<RunRecord>,
    private readonly control: { lab(): Promise<LabConnection>; isActive(): boolean },
  ) {
    // Whoever waits for neither is not told of a failure.
    ended.catch(() => {});
  }

  /** Each takes effect at the next step, and does nothing while the run waits for its turn or has ended. */
  pause(): Promise<void> {
    return this.tell('pause');
  }

  resume(): Promise<void> {
    return this.tell('resume');
  }

  /** Ends the run with the best weights so far, evaluated; {@link ended} resolves with it. */
  stop(): Promise<void> {
    return this.tell('stop');
  }

  /** For {@link Winnow}: hands an event on to whoever listens. */
  hear(event: TrainingEvent): void {
    for (const listener of this.listeners) listener.hear(event);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrainingEvent, void, undefined> {
    const listener = new Listener();
    this.listeners.add(listener);
    // Also where it has ended before.
    this.ended.then(() => listener.end(), () => listener.end());
    try {
      for (;;) {
        const event = await listener.next();
        if (event === null) break;
        yield event;
      }
    } finally {
      this.listeners.delete(listener);
    }
    // What the run failed of is thrown in the loop too.
    await this.ended;
  }

  private async tell(what: 'pause' | 'resume' | 'stop'): Promise<void> {
    if (this.control.isActive()) await (await this.control.lab()).trainer[what]();
  }
}

class Listener {
  private readonly waiting: TrainingEvent[] = [];
  private wake: (() => void) | null = null;
  private ended = false;

  hear(event: TrainingEvent): void {
    if (event.type === 'progress' && this.waiting.at(-1)?.type === 'progress') this.waiting.pop();
    this.waiting.push(event);
    this.wake?.();
  }

  end(): void {
    this.ended = true;
    this.wake?.();
  }

  /** Null after the last. */
  async next(): Promise<TrainingEvent | null> {
    while (this.waiting.length === 0) {
      if (this.ended) return null;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.waiting.shift()!;
  }
}
