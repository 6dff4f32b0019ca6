import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { RunRecord } from '../../engine/storage/records.js';
import { toErrorData, type ErrorCode, type ErrorData } from '../../engine/support/errors.js';
import type { LabConnection } from '../../workers/connect.js';
import { initialState, type ErrorPlace, type LabState } from './state.js';

/** Holds the state and says when it has changed. Bitmaps in it belong to the store, which closes those that are no longer shown. */
export class StoreBase {
  state: LabState = initialState();

  protected lab: LabConnection | null = null;
  private readonly listeners = new Set<() => void>();
  private frame = 0;
  private retired: ImageBitmap[] = [];

  /** `listener` is called after a change, at most once a frame. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  update(part: Partial<LabState>): void {
    this.state = { ...this.state, ...part };
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      for (const listener of this.listeners) listener();
      // The elements let go of the old bitmaps in the update that this notification starts.
      const retired = this.retired.splice(0);
      setTimeout(() => retired.forEach((bitmap) => bitmap.close()));
    });
  }

  /** For bitmaps that the next state no longer holds. */
  retire(...bitmaps: readonly (ImageBitmap | undefined)[]): void {
    this.retired.push(...bitmaps.filter((bitmap) => bitmap !== undefined));
  }

  /** Does `work`; what it throws stands at `place`, save a cancel, which a person asked for. `code` is of what is no WinnowError. */
  async attempt(place: ErrorPlace, work: () => Promise<unknown>, code?: ErrorCode): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const error = toErrorData(thrown, code);
      if (error.code !== 'cancelled') this.fail(place, error);
    }
  }

  fail(place: ErrorPlace, error: ErrorData): void {
    this.update({ errors: { ...this.state.errors, [place]: error } });
  }

  dismiss(place: ErrorPlace): void {
    const { [place]: _, ...errors } = this.state.errors;
    this.update({ errors });
  }

  workers(): LabConnection {
    if (!this.lab) throw new Error('the workers are not connected');
    return this.lab;
  }

  runOf(id: string | null | undefined): RunRecord | undefined {
    return this.state.runs.find((run) => run.id === id);
  }
}

/** Renders its host anew when the store changes. */
export class StoreController implements ReactiveController {
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly store: StoreBase,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.unsubscribe = this.store.subscribe(() => this.host.requestUpdate());
  }

  hostDisconnected(): void {
    this.unsubscribe?.();
  }
}
