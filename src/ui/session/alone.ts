import { ReactiveElement, type ReactiveController } from 'lit';
import { SAMPLE_IMAGES } from '../../workers/source.js';
import type { Session } from './session.js';

/** Gives its element a session of its own where that has a `src` and stands in no `<winnow-session>`. */
class Alone implements ReactiveController {
  private session: Promise<Session> | null = null;

  constructor(private readonly host: HTMLElement) {}

  hostConnected(): void {
    const { host } = this;
    const src = host.getAttribute('src');
    if (this.session || src === null || host.closest('winnow-session')) return;
    this.session = import('./session.js').then(({ Session }) => new Session(host));
    void this.session.then((session) => session.start({ src, images: Number(host.getAttribute('images') ?? SAMPLE_IMAGES) }));
  }

  hostDisconnected(): void {
    // Moved within the page it stays what it is.
    queueMicrotask(() => {
      if (this.host.isConnected) return;
      void this.session?.then((session) => session.dispose());
      this.session = null;
    });
  }
}

/**
 * Decorator: the element's attributes `src` and `images` work as on `<winnow-session>`. It stands under `customElement`, which makes elements
 * of what is in the page already.
 *
 * @attr {string} src - Where it stands alone: `sample`, the address of a zip with a folder for each class, or empty for what is stored here. It then has workers of its own, and does what it is asked for; without it, it shows its properties and fires events.
 * @attr {number} images - Size of the sample.
 * @fires {CustomEvent<{run: RunRecord}>} winnow-run-ended - Where it stands alone: a run has ended, done, stopped or failed.
 */
export function standsAlone(element: typeof ReactiveElement): void {
  element.addInitializer((instance) => instance.addController(new Alone(instance)));
}
