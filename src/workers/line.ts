/**
 * The one file that knows Comlink: calls over a worker's endpoint or a port. Worker entries import this file only;
 * connect.ts, which starts them, holds their addresses, and a worker that imported its own would be bundled in a circle.
 */
import * as Comlink from 'comlink';
import { fromErrorData, toErrorData, WinnowError, type ErrorData } from '../engine/support/errors.js';
import { keepBeating, watchBeats } from './heartbeat.js';
import { checkArguments, type ArgumentsCheck, type Checks } from './checks.js';
import { guarded } from './guard.js';

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
 * Answers calls of {@link remote} with the methods of `api`; what they throw crosses as ErrorData. Nothing is called but
 * what has a check, with the arguments that it admits. Works in dedicated workers only: anybody reaches a window's endpoint.
 * @param endpoint the worker's own, or a port to another worker.
 */
export function serve<T extends object>(api: T, checks: Checks<T>, endpoint?: MessagePort): void {
  if (typeof DedicatedWorkerGlobalScope === 'undefined' || !(self instanceof DedicatedWorkerGlobalScope)) {
    throw new Error('serve() works in a dedicated worker only');
  }
  const line: Endpoint = endpoint ?? self;
  const answers = answering(api as unknown as Record<string, Method>, checks);
  Comlink.expose(answers, guarded(line, new Set(Object.keys(answers))));
  void holdAliveLock().then((name) => line.postMessage({ aliveLock: name } satisfies Greeting));
  if (line === self) keepBeating(self);
}

type Method = (...args: unknown[]) => Promise<unknown>;

function answering(api: Readonly<Record<string, Method>>, checks: Readonly<Record<string, ArgumentsCheck>>): Record<string, Method> {
  const answers: Record<string, Method> = Object.create(null);
  for (const [name, check] of Object.entries(checks)) {
    answers[name] = async (...args) => {
      // Not before the caller can see this worker end.
      await holdAliveLock();
      try {
        checkArguments(name, check, args);
        return await api[name](...args);
      } catch (thrown) {
        // oxlint-disable-next-line no-throw-literal -- Comlink keeps only name, message and stack of an Error, but all of a plain object.
        throw toErrorData(thrown);
      }
    };
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
    const wire = Comlink.wrap(endpoint) as unknown as Record<string, Method>;
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

export interface WorkerConnection<T> {
  readonly api: T;
  /** Ends the worker at once; its pending calls reject with 'worker-failed'. */
  terminate(): void;
}

/** The methods that `worker` serves. @param failed is told once, when the worker has ended, by whatever cause. */
export function openWorker<T extends object>(name: string, worker: Worker, failed?: (error: WinnowError) => void): WorkerConnection<T> {
  const line = new Line<T>(worker, (error) => {
    unwatch();
    // Where its end was noticed by its lock, or it hangs, nobody hears it any more.
    worker.terminate();
    failed?.(error);
  });
  const terminate = (why: string) => {
    worker.terminate();
    line.end(`${name}: ${why}`);
  };
  const unwatch = watchBeats(worker, terminate);
  // After an error that nothing caught, a worker's state cannot be trusted.
  worker.addEventListener('error', (event) => {
    // It is told by the calls that reject, not by the window's error event as well.
    event.preventDefault();
    terminate(event.message || 'its script did not load');
  });
  worker.addEventListener('messageerror', () => terminate('a message could not be read'));
  return { api: line.api, terminate: () => terminate('it was ended') };
}
