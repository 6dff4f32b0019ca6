/** How the page, the terminal and the tests start the workers. */
import type { RunRecord } from '../engine/storage/records.js';
import { hasCode, toErrorData, WinnowError } from '../engine/support/errors.js';
import { Losses } from '../engine/training/losses.js';
import type { ClassifierWorker, DataEvent, DataWorker, LabData, TrainerEvent, TrainerWorker } from './contract.js';
import { importOver } from './folder.js';
import { openWorker, type WorkerConnection } from './line.js';
import { openScript, type WorkerName } from './scripts.js';

function start<T extends object>(name: WorkerName, failed?: (error: WinnowError) => void): WorkerConnection<T> {
  return openWorker<T>(name, openScript(name), failed);
}

export function startDataWorker(failed?: (error: WinnowError) => void): WorkerConnection<DataWorker> {
  return start('data', failed);
}

export function startTrainer(failed?: (error: WinnowError) => void): WorkerConnection<TrainerWorker> {
  return start('trainer', failed);
}

export function startClassifier(failed?: (error: WinnowError) => void): WorkerConnection<ClassifierWorker> {
  return start('classifier', failed);
}

/**
 * A data worker and a trainer, joined by a channel of their own. One that ends or hangs is replaced: its pending calls reject with
 * 'worker-failed', all but training, which goes on from the run's last checkpoint.
 */
export interface LabConnection {
  readonly data: LabData;
  readonly trainer: TrainerWorker;
  /** Each returns how to stop listening. */
  onData(listener: (event: DataEvent) => void): () => void;
  onTrainer(listener: (event: TrainerEvent) => void): () => void;
  /** Once, where workers end again and again, or cannot be replaced. The lab is of no use then: dispose of it and connect a new one. */
  onFailure(listener: (error: WinnowError) => void): () => void;
  /** Ends both workers; pending calls reject with 'worker-failed'. */
  dispose(): void;
}

/** @throws 'worker-failed' where a worker does not start. */
export async function connectLab(): Promise<LabConnection> {
  const lab = new Lab();
  await lab.start();
  return lab;
}

/** How long a call that failed waits to hear that it was the worker's end. */
const HEARD_MS = 3000;

class Lab implements LabConnection {
  readonly data: LabData;
  readonly trainer: TrainerWorker;
  private dataWorker: WorkerConnection<DataWorker> | null = null;
  private trainerWorker: WorkerConnection<TrainerWorker> | null = null;
  private readonly dataEvents = new Listeners<DataEvent>();
  private readonly trainerEvents = new Listeners<TrainerEvent>();
  private readonly failures = new Listeners<WinnowError>();
  private readonly losses = new Losses();
  /** Workers that were replaced. */
  private replaced = 0;
  /** Settles when both workers can be called. */
  private ready: Promise<void> = Promise.resolve();
  private ended = false;
  /** The run that trains, once it is stored. */
  private run: string | null = null;

  constructor() {
    const data = this.calls<DataWorker>(() => this.dataWorker!.api);
    const importDataset: LabData['importDataset'] = (job, source) => importOver(data, job, source);
    this.data = new Proxy(data as LabData, { get: (_, name) => (name === 'importDataset' ? importDataset : (Reflect.get(data, name) as unknown)) });
    const calls = this.calls<TrainerWorker>(() => this.trainerWorker!.api);
    const survives: Partial<TrainerWorker> = {
      train: (...args) => this.survive((trainer) => trainer.train(...args)),
      resumeRun: (id) => this.survive((trainer) => trainer.resumeRun(id)),
    };
    this.trainer = new Proxy(calls, { get: (_, name) => Reflect.get(survives, name) ?? Reflect.get(calls, name) });
    this.trainerEvents.add((event) => {
      if (event.type === 'run') this.run = event.run.id;
    });
  }

  async start(): Promise<void> {
    this.ready = this.renew({ data: true, trainer: true });
    try {
      await this.ready;
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  onData(listener: (event: DataEvent) => void): () => void {
    return this.dataEvents.add(listener);
  }

  onTrainer(listener: (event: TrainerEvent) => void): () => void {
    return this.trainerEvents.add(listener);
  }

  onFailure(listener: (error: WinnowError) => void): () => void {
    return this.failures.add(listener);
  }

  dispose(): void {
    this.ended = true;
    this.dataWorker?.terminate();
    this.trainerWorker?.terminate();
    for (const listeners of [this.failures, this.dataEvents, this.trainerEvents]) listeners.close();
  }

  /** Calls of whichever worker is there, or is about to be. */
  private calls<T extends object>(api: () => T): T {
    const call = async (name: string, args: unknown[]): Promise<unknown> => {
      await this.ready;
      return (Reflect.get(api(), name) as (...args: unknown[]) => Promise<unknown>)(...args);
    };
    return new Proxy({} as T, { get: (_, name) => (typeof name === 'string' && name !== 'then' ? (...args: unknown[]) => call(name, args) : undefined) });
  }

  private async renew(which: { readonly data: boolean; readonly trainer: boolean }): Promise<void> {
    const news: Promise<void>[] = [];
    if (which.data) {
      const worker = (this.dataWorker = startDataWorker((error) => this.lost({ data: true, trainer: false }, error)));
      news.push(worker.api.subscribe(this.dataEvents.port()));
    }
    if (which.trainer) {
      const worker = (this.trainerWorker = startTrainer((error) => this.lost({ data: false, trainer: true }, error)));
      news.push(worker.api.subscribe(this.trainerEvents.port()));
    }
    const batches = new MessageChannel();
    news.push(this.dataWorker!.api.serveBatches(batches.port1), this.trainerWorker!.api.connectData(batches.port2));
    await Promise.all(news);
  }

  private lost(which: { readonly data: boolean; readonly trainer: boolean }, error: WinnowError): void {
    if (this.ended) return;
    const giveUp = (why: WinnowError): void => {
      if (this.ended) return;
      this.ended = true;
      this.failures.tell(why);
    };
    if (!this.losses.note()) {
      this.ready = Promise.reject(error);
      this.ready.catch(() => {});
      return giveUp(error);
    }
    this.replaced++;
    // After whatever renewal is under way, which this loss may have spoilt.
    this.ready = this.ready.catch(() => {}).then(() => this.renew(which));
    this.ready.catch((thrown: unknown) => giveUp(thrown instanceof WinnowError ? thrown : error));
  }

  private async survive(begin: (trainer: TrainerWorker) => Promise<RunRecord>): Promise<RunRecord> {
    this.run = null;
    for (let work = begin; ; ) {
      const { replaced } = this;
      try {
        await this.ready;
        return await work(this.trainerWorker!.api);
      } catch (error) {
        if (!hasCode(error, 'worker-failed') || !(await this.wasReplaced(replaced))) throw error;
        const { run } = this;
        if (run === null) continue;
        this.trainerEvents.tell({ type: 'notice', run, error: toErrorData(new WinnowError('resumed', { why: error.message })) });
        work = (trainer) => trainer.resumeRun(run);
      }
    }
  }

  private async wasReplaced(before: number): Promise<boolean> {
    for (const until = performance.now() + HEARD_MS; this.replaced === before && !this.ended && performance.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.replaced !== before && !this.ended;
  }
}

class Listeners<E> {
  private readonly listeners = new Set<(event: E) => void>();
  /** The last one's: a worker that is replaced has a channel of its own. */
  private receiver: MessagePort | null = null;

  add(listener: (event: E) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(event: E): void {
    for (const listener of this.listeners) listener(event);
  }

  /** The sending end of a channel whose messages these listeners hear. */
  port(): MessagePort {
    this.receiver?.close();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (message: MessageEvent<E>) => this.tell(message.data);
    this.receiver = port1;
    return port2;
  }

  close(): void {
    this.listeners.clear();
    this.receiver?.close();
  }
}
