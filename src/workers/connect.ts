/** The one file that knows Comlink: how the page, the terminal and the workers call one another. */
import * as Comlink from 'comlink';
import { fromErrorData, toErrorData, WinnowError, type ErrorData } from '../engine/support/errors.js';
import classifierUrl from './classifier.ts?worker&url';
import type { ClassifierWorker, DataEvent, DataWorker, TrainerEvent, TrainerWorker } from './contract.js';
import dataUrl from './data.ts?worker&url';
import trainerUrl from './trainer.ts?worker&url';

/** Marks what is to be moved, not copied, when `value` is returned from a method or given to one. Ports are moved unasked. */
export const transfer: <T>(value: T, transferables: Transferable[]) => T = Comlink.transfer;

type Endpoint = Worker | MessagePort | DedicatedWorkerGlobalScope;

/* ---- the serving side, in a worker ---- */

/** Sent first over every line: the name of a lock that the serving worker holds for as long as it lives. */
interface Greeting {
  readonly aliveLock: string;
}

let aliveLock: Promise<string> | null = null;

/** A lock is freed however its worker ends (terminated, closed, crashed), and unlike a heartbeat it does not mistake a busy one for dead. */
function holdAliveLock(): Promise<string> {
  aliveLock ??= new Promise((resolve, reject) => {
    const name = `winnow-worker-${crypto.randomUUID()}`;
    const forever = new Promise<never>(() => {});
    navigator.locks.request(name, () => {
      resolve(name);
      return forever;
    }).catch(reject);
  });
  return aliveLock;
}

/**
 * Answers calls of {@link remote} with the methods of `api`; what they throw crosses as ErrorData.
 * Works in dedicated workers only: Comlink would let whoever reaches a window's endpoint call anything.
 * @param endpoint the worker's own, or a port to another worker.
 */
export function serve(api: object, endpoint?: MessagePort): void {
  if (typeof DedicatedWorkerGlobalScope === 'undefined' || !(self instanceof DedicatedWorkerGlobalScope)) {
    throw new Error('serve() works in a dedicated worker only');
  }
  const line: Endpoint = endpoint ?? self;
  Comlink.expose(answering(api), line as Comlink.Endpoint);
  void holdAliveLock().then((name) => line.postMessage({ aliveLock: name } satisfies Greeting));
}

type Method = (...args: unknown[]) => Promise<unknown>;

function answering(api: object): Record<string, Method> {
  const methods = api as Record<string, Method>;
  const answers: Record<string, Method> = Object.create(null);
  for (let level = api; level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name === 'constructor' || name in answers || typeof methods[name] !== 'function') continue;
      answers[name] = async (...args) => {
        try {
          return await methods[name](...args);
        } catch (thrown) {
          // oxlint-disable-next-line no-throw-literal -- Comlink keeps only name, message and stack of an Error, but all of a plain object.
          throw toErrorData(thrown);
        }
      };
    }
  }
  return answers;
}

/* ---- the calling side ---- */

/** Calls over one endpoint. Comlink never settles a call to a worker that has died; this does. */
class Line<T extends object> {
  readonly api: T;
  private readonly pending = new Set<(error: WinnowError) => void>();
  private readonly watch = new AbortController();
  private failure: WinnowError | null = null;

  constructor(
    private readonly endpoint: Worker | MessagePort,
    private readonly failed: (error: WinnowError) => void = () => {},
  ) {
    const wire = Comlink.wrap(endpoint as Comlink.Endpoint) as unknown as Record<string, Method>;
    // A Line is held by its endpoint's listener: a Comlink proxy that is collected while awaited hangs the call (comlink#692).
    endpoint.addEventListener('message', this.greeted);
    this.api = new Proxy({} as T, {
      get: (_, name) => (typeof name === 'string' && name !== 'then' ? (...args: unknown[]) => this.call(wire[name], args) : undefined),
    });
  }

  /** Rejects every call, pending or to come. */
  end(why: string): void {
    if (this.failure) return;
    this.failure = new WinnowError('worker-failed', { why });
    this.watch.abort();
    this.endpoint.removeEventListener('message', this.greeted);
    for (const reject of this.pending) reject(this.failure);
    this.pending.clear();
    this.failed(this.failure);
  }

  private call(method: Method, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.pending.add(reject);
      for (const arg of args) if (arg instanceof MessagePort) Comlink.transfer(arg, [arg]);
      method(...args)
        .then(resolve, (thrown: unknown) => reject(isErrorData(thrown) ? fromErrorData(thrown) : new WinnowError('worker-failed', { why: String(thrown) }, { cause: thrown })))
        .finally(() => this.pending.delete(reject));
    });
  }

  private readonly greeted = (event: Event): void => {
    const { data } = event as MessageEvent<Partial<Greeting> | null>;
    if (typeof data?.aliveLock !== 'string') return;
    navigator.locks.request(data.aliveLock, { signal: this.watch.signal }, () => this.end('it ended')).catch(() => {});
  };
}

function isErrorData(thrown: unknown): thrown is ErrorData {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'details' in thrown;
}

/** The methods that the other end of `port` serves. Calls reject with WinnowError; with 'worker-failed' once that end has died. */
export function remote<T extends object>(port: MessagePort): T {
  return new Line<T>(port).api;
}

/* ---- workers ---- */

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
