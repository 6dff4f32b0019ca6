/**
 * A worker that hangs. Its lock says when it has ended (line.ts), but one that goes round and round holds it for ever: so a worker beats, and
 * whoever started it listens. Steps on the processor block a worker for as long as they take, so it also says how long it may be silent.
 */

const BEAT_MS = 500;
/** With the looks of {@link watchBeats} on top, a worker that has never been slow is found within 5 s. */
const LEAST_MS = 3900;
/** Silences are a worker's own slow steps: it may take so many times the slowest. */
const TIMES = 3;

interface Beat {
  /** Milliseconds that the next may stay out. */
  readonly silence: number;
}

let asked = 0;
let slowest = 0;
let beat = (): void => {};

/** In a worker, before what may block it for longer than anything so far. 0 where that is over: what it took is known then. */
export function allowSilence(ms: number): void {
  asked = ms;
  beat();
}

/** In a worker: beats over its own line from now on. */
export function keepBeating(line: DedicatedWorkerGlobalScope): void {
  let last = performance.now();
  beat = () => line.postMessage({ silence: Math.max(LEAST_MS, asked, TIMES * slowest) } satisfies Beat);
  setInterval(() => {
    const now = performance.now();
    slowest = Math.max(slowest, now - last - BEAT_MS);
    last = now;
    beat();
  }, BEAT_MS);
}

/**
 * Calls `dead` once `worker` has been silent for longer than it said. Begins with its first beat.
 * @returns how to stop.
 */
export function watchBeats(worker: Worker, dead: (why: string) => void): () => void {
  let last = Infinity;
  let silence = LEAST_MS;
  let suspected = false;
  const hear = ({ data }: MessageEvent<Partial<Beat> | null>): void => {
    if (typeof data?.silence !== 'number') return;
    last = performance.now();
    silence = data.silence;
    suspected = false;
  };
  const look = (): void => {
    const silent = performance.now() - last;
    // A page that was asleep itself finds the beats in its queue before it looks a second time.
    if (silent > silence && suspected) dead(`it has not answered for ${(silent / 1000).toFixed(1)} s`);
    suspected = silent > silence;
  };
  worker.addEventListener('message', hear);
  const timer = setInterval(look, BEAT_MS);
  return () => {
    clearInterval(timer);
    worker.removeEventListener('message', hear);
  };
}
