/** How the page, the terminal and the tests start the workers. */
import type { WinnowError } from '../engine/support/errors.js';
import classifierUrl from './classifier.ts?worker&url';
import type { ClassifierWorker, DataEvent, DataWorker, TrainerEvent, TrainerWorker } from './contract.js';
import dataUrl from './data.ts?worker&url';
import { Line } from './line.js';
import trainerUrl from './trainer.ts?worker&url';

/** What the page needs of the DOM's Trusted Types, which TypeScript's library does not describe yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

const scripts: readonly string[] = [dataUrl, trainerUrl, classifierUrl];
const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('winnow', {
  createScriptURL(url) {
    if (!scripts.includes(url)) throw new TypeError(`${url} is no worker of Winnow`);
    return url;
  },
});

export interface WorkerConnection<T> {
  readonly api: T;
  /** Ends the worker at once; its pending calls reject with 'worker-failed'. */
  terminate(): void;
}

/**
 * @param url as a `?worker&url` import gives it.
 * @param failed is told once, when the worker has ended, by whatever cause.
 */
function startWorker<T extends object>(name: string, url: string, failed?: (error: WinnowError) => void): WorkerConnection<T> {
  const worker = new Worker(policy?.createScriptURL(url) ?? url, { type: 'module', name });
  const line = new Line<T>(worker, failed);
  const terminate = (why: string) => {
    worker.terminate();
    line.end(`${name}: ${why}`);
  };
  // After an error that nothing caught, a worker's state cannot be trusted.
  worker.addEventListener('error', (event) => terminate(event.message || 'its script did not load'));
  worker.addEventListener('messageerror', () => terminate('a message could not be read'));
  return { api: line.api, terminate: () => terminate('it was ended') };
}

export function startDataWorker(failed?: (error: WinnowError) => void): WorkerConnection<DataWorker> {
  return startWorker('data', dataUrl, failed);
}

export function startTrainer(failed?: (error: WinnowError) => void): WorkerConnection<TrainerWorker> {
  return startWorker('trainer', trainerUrl, failed);
}

export function startClassifier(failed?: (error: WinnowError) => void): WorkerConnection<ClassifierWorker> {
  return startWorker('classifier', classifierUrl, failed);
}

/** A data worker and a trainer, joined by a channel of their own. */
export interface LabConnection {
  readonly data: DataWorker;
  readonly trainer: TrainerWorker;
  /** Each returns how to stop listening. */
  onData(listener: (event: DataEvent) => void): () => void;
  onTrainer(listener: (event: TrainerEvent) => void): () => void;
  /** Once for each worker that ended, dispose() not counted. The lab is of no use then: dispose of it and connect a new one. */
  onFailure(listener: (error: WinnowError) => void): () => void;
  /** Ends both workers; pending calls reject with 'worker-failed'. */
  dispose(): void;
}

/** @throws 'worker-failed' where a worker does not start. */
export async function connectLab(): Promise<LabConnection> {
  const failures = new Listeners<WinnowError>();
  const data = startDataWorker((error) => failures.tell(error));
  const trainer = startTrainer((error) => failures.tell(error));
  const dataEvents = new Listeners<DataEvent>();
  const trainerEvents = new Listeners<TrainerEvent>();
  const dispose = () => {
    failures.close();
    data.terminate();
    trainer.terminate();
    dataEvents.close();
    trainerEvents.close();
  };
  try {
    const batches = new MessageChannel();
    await Promise.all([
      data.api.subscribe(dataEvents.port()),
      trainer.api.subscribe(trainerEvents.port()),
      data.api.serveBatches(batches.port1),
      trainer.api.connectData(batches.port2),
    ]);
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    data: data.api,
    trainer: trainer.api,
    onData: (listener) => dataEvents.add(listener),
    onTrainer: (listener) => trainerEvents.add(listener),
    onFailure: (listener) => failures.add(listener),
    dispose,
  };
}

class Listeners<E> {
  private readonly listeners = new Set<(event: E) => void>();
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
