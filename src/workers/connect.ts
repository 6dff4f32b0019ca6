/** How the page, the terminal and the tests start the workers. */
import type { WinnowError } from '../engine/support/errors.js';
import type { ClassifierWorker, DataEvent, DataWorker, TrainerEvent, TrainerWorker } from './contract.js';
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
