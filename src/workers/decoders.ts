/** Photos are decoded in threads that can be thrown away: what hangs or kills a decoder costs that photo, and not the data worker. */
import { drawPhoto, type Decoder } from '../engine/data/decode.js';
import { decodeQuickly } from '../engine/data/frames.js';
import type { WinnowError } from '../engine/support/errors.js';
import { argumentsOf, bytes, count, type Checks } from './checks.js';
import { openWorker, transfer, type WorkerConnection } from './line.js';
import type { TrustedTypes } from './scripts.js';

/** What a decoding thread serves. Rejects where a photo cannot be decoded. */
export const decoding = {
  /** Answered once the thread runs, before any photo is looked at. */
  async ready(): Promise<void> {},
  async pixels(photo: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>> {
    const pixels = await decodeQuickly(photo, size);
    return transfer(pixels, [pixels.buffer]);
  },
  async draw(photo: Uint8Array<ArrayBuffer>, side: number): Promise<ImageBitmap> {
    const bitmap = await drawPhoto(photo, side);
    return transfer(bitmap, [bitmap]);
  },
};
export type Decoding = typeof decoding;
export const decodingChecks: Checks<Decoding> = { ready: argumentsOf(), pixels: argumentsOf(bytes, count(16_384)), draw: argumentsOf(bytes, count(16_384)) };

/** Name of the worker in which the data worker's own script is a decoding thread. */
export const DECODER = 'winnow-decoder';

/** A thread beside: one core is the trainer's and the data worker's. */
export const spareCores = (): number => Math.max(1, Math.min(8, navigator.hardwareConcurrency - 1));

/** One is read back while the browser decodes the others on threads of its own. */
const IN_FLIGHT = 4;
/** A photo of 40 megapixels takes one or two seconds on a slow machine. */
const HANGS_MS = 20_000;

interface Job {
  readonly run: (api: Decoding) => Promise<unknown>;
  readonly settle: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** It was under way when a thread ended: it goes alone, and a second time is its last. */
  suspect: boolean;
}

interface Thread {
  readonly connection: WorkerConnection<Decoding>;
  readonly jobs: Set<Job>;
  /** Has been ready: one that ends before does not start here at all. */
  started: boolean;
  timer: ReturnType<typeof setTimeout> | null;
}

/** @throws whatever the platform says of a script that it does not start. */
export type StartThread = (failed: (error: WinnowError) => void) => WorkerConnection<Decoding>;

export class Decoders implements Decoder {
  private readonly threads: (Thread | null)[];
  private readonly waiting: Job[] = [];
  /** Threads do not start here (a page of another origin, a policy): photos are decoded in this one. */
  private here = false;

  constructor(
    private readonly start: StartThread = startThread,
    threads = spareCores(),
    private readonly hangsMs = HANGS_MS,
  ) {
    this.threads = Array.from({ length: threads }, () => null);
  }

  get inFlight(): number {
    return this.threads.length * IN_FLIGHT;
  }

  pixels(photo: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.here ? decodeQuickly(photo, size) : this.add((api) => api.pixels(moved(photo), size));
  }

  draw(photo: Uint8Array<ArrayBuffer>, side: number): Promise<ImageBitmap> {
    return this.here ? drawPhoto(photo, side) : this.add((api) => api.draw(moved(photo), side));
  }

  dispose(): void {
    for (const thread of this.threads) thread?.connection.terminate();
  }

  private add<T>(run: (api: Decoding) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ run, settle: (value) => resolve(value as T), reject, suspect: false });
      this.next();
    });
  }

  private next(): void {
    while (this.waiting.length > 0) {
      const [job] = this.waiting;
      const place = this.placeFor(job);
      if (place < 0) return;
      const thread = this.threads[place] ?? this.open(place);
      if (!thread) return this.finishHere();
      this.waiting.shift();
      void this.work(place, thread, job);
    }
  }

  /** The thread with the fewest jobs; a suspect wants one without any, and whoever comes while it works waits. */
  private placeFor({ suspect }: Job): number {
    let best = -1;
    for (const [place, thread] of this.threads.entries()) {
      const jobs = thread?.jobs.size ?? 0;
      const room = suspect ? 1 : IN_FLIGHT;
      if (jobs >= room || [...(thread?.jobs ?? [])].some((each) => each.suspect)) continue;
      if (best < 0 || jobs < (this.threads[best]?.jobs.size ?? 0)) best = place;
    }
    return best;
  }

  /** @returns null where the browser refuses at once. */
  private open(place: number): Thread | null {
    const jobs = new Set<Job>();
    try {
      return (this.threads[place] = this.opened(place, jobs));
    } catch {
      this.here = true;
      return null;
    }
  }

  private opened(place: number, jobs: Set<Job>): Thread {
    const thread: Thread = { connection: this.start(() => this.ended(place, thread)), jobs, started: false, timer: null };
    thread.connection.api.ready().then(() => (thread.started = true), () => {});
    return thread;
  }

  private async work(place: number, thread: Thread, job: Job): Promise<void> {
    thread.jobs.add(job);
    this.watch(thread);
    try {
      const value = await job.run(thread.connection.api);
      if (thread.jobs.delete(job)) job.settle(value);
    } catch (error) {
      // After the end of a thread its jobs are no longer its own.
      if (this.threads[place] === thread && thread.jobs.delete(job)) job.reject(error);
    }
    this.watch(thread);
    this.next();
  }

  /** Anew with every answer: what is timed is silence. */
  private watch(thread: Thread): void {
    if (thread.timer !== null) clearTimeout(thread.timer);
    thread.timer = thread.jobs.size === 0 ? null : setTimeout(() => thread.connection.terminate(), this.hangsMs);
  }

  private ended(place: number, thread: Thread): void {
    if (this.threads[place] !== thread) return;
    this.threads[place] = null;
    if (thread.timer !== null) clearTimeout(thread.timer);
    const jobs = [...thread.jobs];
    thread.jobs.clear();
    if (!thread.started) this.here = true;
    for (const job of jobs) {
      if (job.suspect && thread.started) job.reject(new DOMException('the photo ended its decoder', 'EncodingError'));
      else this.waiting.push(Object.assign(job, { suspect: true }));
    }
    if (this.here) this.finishHere();
    else this.next();
  }

  private finishHere(): void {
    for (const job of this.waiting.splice(0)) job.run(decoding).then(job.settle, job.reject);
  }
}

/** A photo is a view of a shard, all of which would be copied with it. */
function moved(photo: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = photo.slice();
  return transfer(copy, [copy.buffer]);
}

/** The data worker's own script once more: wherever it came from, it can come from there again. */
const startThread: StartThread = (failed) => openWorker<Decoding>(DECODER, new Worker(trusted(self.location.href), { type: 'module', name: DECODER }), failed);

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

function trusted(url: string): string {
  policy ??= (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('winnow', { createScriptURL: () => self.location.href });
  return policy?.createScriptURL(url) ?? url;
}
