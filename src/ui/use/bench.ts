import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { WinnowError, type ErrorData } from '../../engine/support/errors.js';
import type { Classification, ClassifierWorker, ExportForm, LoadedModel, ModelSpeed } from '../../workers/contract.js';
import type { ClassifierLine } from '../classifier/classifier.js';

/** Photos that are sent to the worker at once, and how often at a time: one part is decoded while another is computed. */
const PART = 32;
const PARTS_AT_ONCE = 2;

export interface Row {
  /** Path below what was chosen. */
  readonly name: string;
  readonly result: Classification | { readonly error: ErrorData };
}

export interface Batch {
  readonly total: number;
  readonly rows: readonly Row[];
  readonly running: boolean;
  readonly seconds: number;
}

export interface NamedPhoto {
  readonly name: string;
  readonly file: Blob;
}

/** One model at work in a worker of its own: many photos, how fast it is here, and its other forms. */
export class Bench implements ReactiveController {
  batch: Batch | null = null;
  speed: ModelSpeed | null = null;
  /** Speed is being measured. */
  measuring = false;
  private opened: { readonly line: Promise<ClassifierLine>; readonly loaded: Promise<LoadedModel> } | null = null;
  private model: Blob | null = null;
  private run = new AbortController();

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly open: () => Promise<ClassifierLine>,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.close();
  }

  /** Puts another model on it; what went on with the one before has ended. */
  take(model: Blob | null): void {
    this.close();
    this.model = model;
    this.host.requestUpdate();
  }

  /** @throws WinnowError 'model-broken'. */
  async describe(): Promise<LoadedModel> {
    await this.worker();
    return this.opened!.loaded;
  }

  /** Resolves when all are classified, or {@link cancel} was called: what was done until then stays. */
  async classify(photos: readonly NamedPhoto[]): Promise<void> {
    this.run.abort();
    const { signal } = (this.run = new AbortController());
    const from = performance.now();
    const parts: Row[][] = [];
    const tell = (running: boolean) => {
      if (signal !== this.run.signal) return;
      this.batch = { total: photos.length, rows: parts.flat(), running, seconds: (performance.now() - from) / 1000 };
      this.host.requestUpdate();
    };
    tell(true);
    try {
      const worker = await this.worker();
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < photos.length && !signal.aborted) {
          const first = next;
          next += PART;
          const part = photos.slice(first, next);
          const results = await worker.classifyAll(part.map(({ file }) => file));
          parts[first / PART] = part.map(({ name }, i) => ({ name, result: results[i] }));
          tell(!signal.aborted);
        }
      };
      await Promise.all(Array.from({ length: PARTS_AT_ONCE }, work));
    } finally {
      tell(false);
    }
  }

  cancel(): void {
    this.run.abort();
    if (this.batch?.running) this.batch = { ...this.batch, running: false };
    this.host.requestUpdate();
  }

  async measure(): Promise<void> {
    this.measuring = true;
    this.host.requestUpdate();
    try {
      const worker = await this.worker();
      this.speed = await worker.measure();
    } finally {
      this.measuring = false;
      this.host.requestUpdate();
    }
  }

  async exportAs(form: ExportForm): Promise<Blob> {
    return (await this.worker()).exportAs(form);
  }

  private async worker(): Promise<ClassifierWorker> {
    const { model } = this;
    if (!model) throw new WinnowError('call-invalid', { why: 'No model has been chosen' });
    if (!this.opened) {
      const line = this.open();
      this.opened = { line, loaded: line.then(({ api }) => api.load(model, 'auto')) };
    }
    const { line, loaded } = this.opened;
    await loaded;
    return (await line).api;
  }

  private close(): void {
    this.run.abort();
    this.run = new AbortController();
    void this.opened?.line.then((line) => line.terminate());
    this.opened?.loaded.catch(() => {});
    this.opened = null;
    this.batch = null;
    this.speed = null;
    this.measuring = false;
  }
}
