/** One run, many tabs: exactly one trains it, by a lock; the others hear its events and pass on what their person wants. */
import type { TrainerEvent } from './contract.js';

/** Held by the trainer of a run for as long as the run lasts, in whatever tab. The browser frees it however that tab ends. */
export const lockOf = (run: string): string => `winnow-run-${run}`;

export type Command = 'pause' | 'resume' | 'stop';
type Message = { readonly event: TrainerEvent } | { readonly command: Command };

/** Between the tabs that have to do with a run. */
export class RunChannel {
  private readonly channel: BroadcastChannel;

  constructor(run: string, { event, command }: { event?(event: TrainerEvent): void; command?(command: Command): void }) {
    this.channel = new BroadcastChannel(lockOf(run));
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => ('event' in data ? event?.(data.event) : command?.(data.command));
  }

  /** To the tabs that watch. Painted maps stay with whoever asked for them. */
  tell(event: TrainerEvent): void {
    if (event.type !== 'maps' && event.type !== 'role') this.channel.postMessage({ event } satisfies Message);
  }

  /** To the tab that trains. */
  ask(command: Command): void {
    this.channel.postMessage({ command } satisfies Message);
  }

  close(): void {
    this.channel.close();
  }
}

/** Runs `work` once no other tab has the run. @param waiting is told where one has. */
export async function whenFree<T>(run: string, waiting: () => void, work: (waited: boolean) => Promise<T>): Promise<T> {
  const name = lockOf(run);
  // The lock is held until the promise in the list is settled.
  const [result] = await navigator.locks.request(name, { ifAvailable: true }, async (lock): Promise<T[]> => (lock === null ? [] : [await work(false)])).then(
    (done) => (done.length > 0 ? done : (waiting(), navigator.locks.request(name, async () => [await work(true)]))),
  );
  return result;
}

/** A tab that is just being left still has its locks for a moment. */
const LEAVING_MS = 500;

/** Runs `work` where no tab has the run, or has left it within a moment. */
export async function whereFree(run: string, work: () => Promise<void>): Promise<void> {
  await navigator.locks.request(lockOf(run), { signal: AbortSignal.timeout(LEAVING_MS) }, work).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error;
  });
}
