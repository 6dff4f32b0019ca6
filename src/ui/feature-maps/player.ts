import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Between two epochs, milliseconds; the maps' own time comes on top. */
const FRAME_MS = 350;

interface Host extends ReactiveControllerHost {
  readonly epochs: readonly number[];
  readonly epoch: number | null;
}

/** Plays the epochs of its host one by one, each once the one before has been painted. */
export class EpochPlayer implements ReactiveController {
  playing = false;
  private timer = 0;

  constructor(private readonly host: Host, private readonly show: (epoch: number | null) => void) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  /** From the first epoch, or on from the one that is shown. */
  readonly toggle = (): void => {
    if (this.playing) return this.stop();
    this.playing = true;
    this.next();
  };

  stop(): void {
    this.playing = false;
    clearTimeout(this.timer);
    this.host.requestUpdate();
  }

  /** What was asked for is there. */
  painted(): void {
    if (!this.playing) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.next(), FRAME_MS);
  }

  private next(): void {
    const { epochs, epoch } = this.host;
    const place = epoch === null ? 0 : epochs.indexOf(epoch) + 1;
    // The last leads back to what the run ended at.
    if (epoch !== null && place === epochs.length) this.stop();
    this.show(epochs[place] ?? null);
    this.host.requestUpdate();
  }
}
