/** Pause, resume and stop of a run, obeyed before the next batch. */
export class RunControl {
  /** Stop was asked for: train no further. */
  stopping = false;
  /** Stop was asked for twice: measure no further either. */
  aborting = false;
  /** Milliseconds spent paused. */
  pausedMs = 0;
  private resumed: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;

  /** @param changed is told when the run has come to rest, and when it goes on. */
  constructor(private readonly changed: (paused: boolean) => void = () => {}) {}

  pause(): void {
    if (this.stopping || this.resumed !== null) return;
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    this.resumed = { promise, resolve };
  }

  resume(): void {
    this.resumed?.resolve();
    this.resumed = null;
  }

  stop(): void {
    this.aborting = this.stopping;
    this.stopping = true;
    this.resume();
  }

  /** Stops, and measures nothing. */
  abort(): void {
    this.stop();
    this.aborting = true;
  }

  /** Waits while paused. */
  async pass(): Promise<void> {
    if (this.resumed === null) return;
    const from = performance.now();
    this.changed(true);
    while (this.resumed !== null) await this.resumed.promise;
    this.pausedMs += performance.now() - from;
    this.changed(false);
  }
}
